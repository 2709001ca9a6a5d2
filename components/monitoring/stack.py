"""Prometheus, Alertmanager and Grafana, our rules and monitors, and the way in to Grafana."""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components import kubernetes_names as names
from components import ports
from components.certificates import CertificateArgs, certificate
from components.helm import Values, release
from components.ingress import RouteArgs, limit_annotations, route
from components.monitoring.alerts import rule_spec
from components.monitoring.values import StackValuesArgs, stack_values
from components.versions import KUBE_PROMETHEUS_STACK

API_VERSION = "monitoring.coreos.com/v1"


@dataclass(frozen=True, kw_only=True)
class MonitoringArgs:
    """What monitoring needs; the chart's own part is `stack`."""

    namespace: pulumi.Input[str]
    monitoring_definitions: pulumi.Resource
    """The Prometheus Operator's resource definitions, which must be there first."""
    stack: StackValuesArgs
    ingress_class: pulumi.Input[str]
    issuer_name: pulumi.Input[str]
    """ClusterIssuer of the host's certificate, `monitoring-tls-secret`."""
    chart_repository: str
    """URL of the chart repository."""
    client_requests_per_second: int
    """What one client address may ask of Grafana; five times as much in a burst, since a dashboard asks a lot at once."""
    client_connections: int
    """Requests a client may have in flight at once."""


class Monitoring(pulumi.ComponentResource):
    """The monitoring chart with the manual's alerts, routes and dashboard address."""

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("intendly:monitoring:Monitoring", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        after_definitions = pulumi.ResourceOptions(parent=self, depends_on=[args.monitoring_definitions])
        stack = release(
            f"{name}-release",
            KUBE_PROMETHEUS_STACK,
            namespace=args.namespace,
            repository=args.chart_repository,
            values=stack_values(args.stack),
            opts=after_definitions,
        )
        CustomResource(
            f"{name}-alerts",
            api_version=API_VERSION,
            kind="PrometheusRule",
            metadata=ObjectMetaArgs(name="intendly-alerts", namespace=args.namespace),
            spec=rule_spec(),
            opts=after_definitions,
        )
        CustomResource(
            f"{name}-applications",
            api_version=API_VERSION,
            kind="ServiceMonitor",
            metadata=ObjectMetaArgs(name="intendly-applications", namespace=args.namespace),
            spec=application_monitor_spec(),
            opts=after_definitions,
        )
        tls_secret = certificate(
            f"{name}-certificate",
            CertificateArgs(
                namespace=args.namespace,
                secret_name=names.MONITORING_TLS_SECRET,
                host=args.stack.host,
                issuer_name=args.issuer_name,
            ),
            child,
        )
        route(
            f"{name}-ingress",
            RouteArgs(
                ingress_name="monitoring-ingress",
                namespace=args.namespace,
                ingress_class=args.ingress_class,
                host=args.stack.host,
                path="/grafana",
                service_name=names.GRAFANA_SERVICE,
                service_port=ports.GRAFANA_PORT,
                tls_secret=tls_secret,
                annotations=limit_annotations(
                    requests_per_second=args.client_requests_per_second, connections=args.client_connections
                ),
            ),
            pulumi.ResourceOptions(parent=self, depends_on=[stack]),
        )
        self.register_outputs({})


def application_monitor_spec() -> Values:
    """Spec of the ServiceMonitor: every application's metrics port, under the Deployment's name as `job`."""
    return {
        # The Service's label `app` is the Deployment's name.
        "jobLabel": "app",
        "namespaceSelector": {"matchNames": [names.INTENDLY_NAMESPACE]},
        "selector": {"matchLabels": {names.PART_OF_LABEL: names.PRODUCT}},
        "endpoints": [{"port": "metrics", "path": "/metrics", "interval": "30s"}],
    }
