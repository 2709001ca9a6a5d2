"""The API host's two ways in, and how one host and path becomes an Ingress."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import (
    HTTPIngressPathArgs,
    HTTPIngressRuleValueArgs,
    Ingress,
    IngressBackendArgs,
    IngressInitArgs,
    IngressRuleArgs,
    IngressServiceBackendArgs,
    IngressSpecArgs,
    IngressTLSArgs,
    ServiceBackendPortArgs,
)

from components import kubernetes_names as names
from components import ports
from components.certificates import CertificateArgs, certificate

ANNOTATION = "nginx.ingress.kubernetes.io"
"""Prefix of the annotations; Traefik reads them, and ignores unknown ones without a word."""

WEBSOCKET_IDLE_S = 3600
"""Seconds a WebSocket may be silent before it is cut; the controller's default is 60."""

BURST_MULTIPLIER = 5
"""A client may burst to this many times its rate before it is answered 429."""


@dataclass(frozen=True, kw_only=True)
class RouteArgs:
    """One path of one host, led to one Service over TLS."""

    ingress_name: str
    namespace: pulumi.Input[str]
    ingress_class: pulumi.Input[str]
    host: str
    path: str
    service_name: pulumi.Input[str]
    service_port: int
    tls_secret: pulumi.Input[str]
    annotations: Mapping[str, str]
    """Its limits, above all: no way in is without."""


def route(logical_name: str, args: RouteArgs, opts: pulumi.ResourceOptions) -> Ingress:
    """Register one Ingress. The engine waits until the controller has written the balancer into its status."""
    backend = IngressBackendArgs(
        service=IngressServiceBackendArgs(
            name=args.service_name, port=ServiceBackendPortArgs(number=args.service_port)
        )
    )
    paths = [HTTPIngressPathArgs(path=args.path, path_type="Prefix", backend=backend)]
    return Ingress(
        logical_name,
        IngressInitArgs(
            metadata=ObjectMetaArgs(
                name=args.ingress_name, namespace=args.namespace, annotations=dict(args.annotations)
            ),
            spec=IngressSpecArgs(
                ingress_class_name=args.ingress_class,
                tls=[IngressTLSArgs(hosts=[args.host], secret_name=args.tls_secret)],
                rules=[IngressRuleArgs(host=args.host, http=HTTPIngressRuleValueArgs(paths=paths))],
            ),
        ),
        opts,
    )


@dataclass(frozen=True, kw_only=True)
class ApiIngressArgs:
    """The API host. Limits are per client address and per Traefik pod: n pods let up to n times as much in."""

    namespace: pulumi.Input[str]
    ingress_class: pulumi.Input[str]
    host: str
    issuer_name: pulumi.Input[str]
    """ClusterIssuer of the host's certificate, `api-tls-secret`."""
    relayer_service: pulumi.Input[str]
    websocket_service: pulumi.Input[str]
    client_requests_per_second: int
    client_connections: int
    """Requests a client may have in flight at once."""
    websocket_requests_per_second: int
    """New WebSockets a client may open per second."""
    websocket_connections_per_client: int
    """WebSockets a client may hold at once."""


class ApiIngress(pulumi.ComponentResource):
    """The host's certificate, `backend-ingress` for requests, `websocket-ingress` for `/ws`.

    They are two because their timeouts and limits differ.
    """

    def __init__(self, name: str, args: ApiIngressArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("intendly:ingress:ApiIngress", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        tls_secret = certificate(
            f"{name}-certificate",
            CertificateArgs(
                namespace=args.namespace,
                secret_name=names.API_TLS_SECRET,
                host=args.host,
                issuer_name=args.issuer_name,
            ),
            child,
        )
        route(
            f"{name}-backend",
            RouteArgs(
                ingress_name="backend-ingress",
                namespace=args.namespace,
                ingress_class=args.ingress_class,
                host=args.host,
                path="/",
                service_name=args.relayer_service,
                service_port=ports.BACKEND_PORT,
                tls_secret=tls_secret,
                annotations=limit_annotations(
                    requests_per_second=args.client_requests_per_second, connections=args.client_connections
                ),
            ),
            child,
        )
        route(
            f"{name}-websocket",
            RouteArgs(
                ingress_name="websocket-ingress",
                namespace=args.namespace,
                ingress_class=args.ingress_class,
                host=args.host,
                path="/ws",
                service_name=args.websocket_service,
                service_port=ports.WEBSOCKET_PORT,
                tls_secret=tls_secret,
                annotations=websocket_annotations(
                    requests_per_second=args.websocket_requests_per_second,
                    connections=args.websocket_connections_per_client,
                ),
            ),
            child,
        )
        self.register_outputs({})


def limit_annotations(*, requests_per_second: int, connections: int) -> dict[str, str]:
    """A rate and a number at once per client address, and a body limit that no intent and no query comes near."""
    return {
        f"{ANNOTATION}/limit-rps": str(requests_per_second),
        f"{ANNOTATION}/limit-burst-multiplier": str(BURST_MULTIPLIER),
        f"{ANNOTATION}/limit-connections": str(connections),
        f"{ANNOTATION}/proxy-body-size": "1m",
    }


def websocket_annotations(*, requests_per_second: int, connections: int) -> dict[str, str]:
    """A client keeps reaching the same pod; long silences are allowed, floods are not.

    `$remote_addr`, not the usual `$binary_remote_addr`: Traefik takes the latter for plain text, which sends
    every client to the same pod.
    """
    return {
        f"{ANNOTATION}/upstream-hash-by": "$remote_addr",
        f"{ANNOTATION}/proxy-read-timeout": str(WEBSOCKET_IDLE_S),
        f"{ANNOTATION}/proxy-send-timeout": str(WEBSOCKET_IDLE_S),
        f"{ANNOTATION}/limit-rps": str(requests_per_second),
        f"{ANNOTATION}/limit-connections": str(connections),
    }
