"""What all pods of the product together may take."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import ResourceQuota, ResourceQuotaInitArgs, ResourceQuotaSpecArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components import kubernetes_names as names
from components.quantities import cpu, memory

_CHARTS = "its pods are a chart's, as many as our values say; a quota would only stop an upgrade's surge"
_DAEMONS = "a pod for each node: a quota would be another limit to the number of nodes"

WITHOUT_QUOTA: Mapping[str, str] = {
    names.TRAEFIK_NAMESPACE: _CHARTS,
    names.CERT_MANAGER_NAMESPACE: _CHARTS,
    names.EXTERNAL_SECRETS_NAMESPACE: _CHARTS,
    names.MONITORING_NAMESPACE: _CHARTS,
    names.NODE_EXPORTER_NAMESPACE: _DAEMONS,
    names.LOGGING_NAMESPACE: _DAEMONS,
}
"""Namespaces of the platform without a quota, each with the reason."""


@dataclass(frozen=True, kw_only=True)
class QuotaArgs:
    """The most that the namespace may hold at once. A pod that leaves counts until it is gone."""

    namespace: pulumi.Input[str]
    pods: int
    cpu_request_millicores: int
    memory_request_mib: int
    memory_limit_mib: int


class Quota(pulumi.ComponentResource):
    """A limit to what a mistake can start; and every pod must say what it takes, or it is refused.

    It lets no balancer and no node port in: the one way in is the ingress controller's.
    """

    def __init__(self, name: str, args: QuotaArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("intendly:access:Quota", name, None, opts)
        ResourceQuota(
            f"{name}-quota",
            ResourceQuotaInitArgs(
                metadata=ObjectMetaArgs(
                    name=names.PRODUCT,
                    namespace=args.namespace,
                    labels={names.PART_OF_LABEL: names.PRODUCT},
                ),
                spec=ResourceQuotaSpecArgs(
                    hard={
                        "pods": str(args.pods),
                        "requests.cpu": cpu(args.cpu_request_millicores),
                        "requests.memory": memory(args.memory_request_mib),
                        "limits.memory": memory(args.memory_limit_mib),
                        "services.loadbalancers": "0",
                        "services.nodeports": "0",
                    }
                ),
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})
