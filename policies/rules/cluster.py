"""The control plane."""

from collections.abc import Iterator

from policies.graph import Node
from policies.rule import Rule, Scene, Severity, rule

CLUSTER = "aws:eks/cluster:Cluster"


@rule(
    "cluster-endpoint-restricted",
    CLUSTER,
    severity=Severity.CRITICAL,
    source="CKV_AWS_38/39, CIS-EKS 5.4.1, 5.4.2",
)
def endpoint_restricted(cluster: Node, _: Scene) -> Iterator[str]:
    """The API server is reached from inside, or from named addresses: AWS's default opens it to everybody."""
    if cluster.at("vpcConfig", "endpointPrivateAccess") is not True:
        yield "vpcConfig.endpointPrivateAccess is not true"
    if cluster.at("vpcConfig", "endpointPublicAccess") is False:
        return
    cidrs = cluster.texts("vpcConfig", "publicAccessCidrs")
    if not cidrs or any(cidr.endswith("/0") for cidr in cidrs):
        yield "vpcConfig.endpointPublicAccess is not false, and publicAccessCidrs lets everybody in"


RULES: tuple[Rule, ...] = (endpoint_restricted,)
