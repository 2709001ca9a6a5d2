"""Traefik: the ingress controller that reads the manual's own `nginx` annotations."""

from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import IngressClass, IngressClassInitArgs, IngressClassSpecArgs

from components import kubernetes_names as names
from components import ports
from components.helm import Values, release
from components.named import name_of
from components.versions import TRAEFIK

PRE_STOP_S = 5
"""Seconds before a leaving pod hears of it, for endpoints to be taken away."""

ACCEPT_AFTER_STOP_S = 25
"""Seconds a leaving pod still takes connections while `/ping` already fails: more than twice as long as the load
balancer's health checks need to notice."""

FINISH_S = 60
"""Seconds for requests in flight after that; WebSockets are cut at the end of them."""

GRACE_PERIOD_S = 120
"""Covers the sum of the three above."""


def traefik_values(*, replicas: int, balancer_host: pulumi.Input[str]) -> Values:
    """Values of the chart.

    Args:
        replicas: pods, each on a node of its own.
        balancer_host: name of the load balancer, written into the status of every Ingress.
    """
    return {
        "providers": _providers(balancer_host),
        **_entry_points(),
        **_observation(),
        "deployment": {
            "replicas": replicas,
            # A new pod becomes a healthy target before the next one goes.
            "minReadySeconds": 20,
            "terminationGracePeriodSeconds": GRACE_PERIOD_S,
            "lifecycle": {"preStop": {"sleep": {"seconds": PRE_STOP_S}}},
        },
        # The probe asks the same /ping: with a single failure allowed, the node's kube-proxy would drop
        # connections before the load balancer knows that the pod is leaving.
        "readinessProbe": {"periodSeconds": 5, "failureThreshold": 6},
        "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1},
        "priorityClassName": "system-cluster-critical",
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "DoNotSchedule",
                "labelSelector": {"matchLabels": {"app.kubernetes.io/name": "traefik"}},
            }
        ],
        "resources": {"requests": {"cpu": "200m", "memory": "128Mi"}, "limits": {"memory": "512Mi"}},
        # The chart's class belongs to another controller; ours is below.
        "ingressClass": {"enabled": False},
        "api": {"dashboard": False},
    }


def _providers(balancer_host: pulumi.Input[str]) -> Values:
    return {
        "kubernetesIngress": {"enabled": False},
        "kubernetesCRD": {"defaultTLSResourcesNamespace": names.TRAEFIK_NAMESPACE},
        "kubernetesIngressNGINX": {
            "enabled": True,
            "proxyConnectTimeout": 5,
            "disableSvcExternalName": True,
            # With a NodePort Service the status would otherwise carry a cluster address, or nothing.
            "publishStatusAddress": balancer_host,
        },
    }


def _entry_points() -> Values:
    transport: dict[str, Any] = {
        "lifeCycle": {"requestAcceptGraceTimeout": ACCEPT_AFTER_STOP_S, "graceTimeOut": FINISH_S}
    }
    return {
        "core": {"strictTLSOptions": True},
        # Local keeps the client's address, which rate limits and hashing by client rest on.
        "service": {"spec": {"type": "NodePort", "externalTrafficPolicy": "Local"}},
        "ports": {
            # /ping only, for the load balancer's health check.
            "traefik": {"expose": {"default": True}, "nodePort": ports.PING_NODE_PORT},
            "web": {
                "nodePort": ports.HTTP_NODE_PORT,
                "http": {
                    "redirections": {"entryPoint": {"to": "websecure", "scheme": "https", "permanent": True}}
                },
                "transport": transport,
            },
            "websecure": {"nodePort": ports.HTTPS_NODE_PORT, "transport": transport},
        },
        "tlsOptions": {"default": {"minVersion": "VersionTLS12", "sniStrict": True}},
    }


def _observation() -> Values:
    return {
        "log": {"format": "json"},
        "accessLog": {
            "enabled": True,
            "format": "json",
            "fields": {
                "headers": {"names": {"User-Agent": "keep"}},
                "queryParameters": {"defaultMode": "drop"},
            },
        },
        "metrics": {
            "prometheus": {
                "addRoutersLabels": True,
                "buckets": "0.05,0.1,0.25,0.5,1,2,5,10",
                "service": {"enabled": True},
                "serviceMonitor": {"enabled": True, "interval": "30s"},
            }
        },
    }


@dataclass(frozen=True, kw_only=True)
class TraefikArgs:
    """What the ingress controller needs."""

    namespace: pulumi.Input[str]
    """Traefik's own namespace."""
    replicas: int
    """Pods, each on a node of its own: at most as many as the node group's minimum."""
    balancer_host: pulumi.Input[str]
    """DNS name of the load balancer in front."""
    chart_repository: str
    """URL of the chart repository."""
    monitoring_definitions: pulumi.Resource
    """The Prometheus Operator's resource definitions: the chart's ServiceMonitor needs them to be there."""


class Traefik(pulumi.ComponentResource):
    """The ingress controller and its class `nginx`."""

    ingress_class: pulumi.Output[str]
    """Name of the class; an Ingress that uses it waits for the controller, which fills in its status."""

    def __init__(self, name: str, args: TraefikArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("intendly:ingress:Traefik", name, None, opts)
        controller = release(
            f"{name}-release",
            TRAEFIK,
            namespace=args.namespace,
            repository=args.chart_repository,
            values=traefik_values(replicas=args.replicas, balancer_host=args.balancer_host),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.monitoring_definitions]),
        )
        ingress_class = IngressClass(
            f"{name}-class",
            IngressClassInitArgs(
                metadata=ObjectMetaArgs(name=names.INGRESS_CLASS),
                # The controller name that Traefik's ingress-nginx provider answers to.
                spec=IngressClassSpecArgs(controller="k8s.io/ingress-nginx"),
            ),
            pulumi.ResourceOptions(parent=self, depends_on=[controller]),
        )
        self.ingress_class = name_of(ingress_class, names.INGRESS_CLASS)
        self.register_outputs({"ingress_class": self.ingress_class})
