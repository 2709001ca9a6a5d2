"""The Prometheus Operator's resource definitions, before everything that is monitored."""

import pulumi

from components.helm import Values, release
from components.versions import PROMETHEUS_OPERATOR_CRDS


def definitions_values() -> Values:
    """Keep the definitions when the release goes: they would take every rule and monitor with them."""
    return {"crds": {"annotations": {"helm.sh/resource-policy": "keep"}}}


class MonitoringDefinitions(pulumi.ComponentResource):
    """A release of its own, so that an upgrade brings new definitions: the monitoring chart's never do.

    Charts with a ServiceMonitor fail without them, or leave it out silently: they come after this.
    """

    def __init__(
        self,
        name: str,
        *,
        namespace: pulumi.Input[str],
        chart_repository: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("intendly:monitoring:MonitoringDefinitions", name, None, opts)
        release(
            f"{name}-release",
            PROMETHEUS_OPERATOR_CRDS,
            namespace=namespace,
            repository=chart_repository,
            values=definitions_values(),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})
