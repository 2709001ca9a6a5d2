"""Who reaches whom."""

from collections.abc import Iterator

from policies.graph import Node
from policies.rule import Rule, Scene, Severity, rule

VPC = "aws:ec2/vpc:Vpc"
DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"


@rule(
    "network-default-group-closed",
    VPC,
    severity=Severity.MEDIUM,
    source="CKV2_AWS_12, CIS-AWS 5.3",
)
def default_group_closed(vpc: Node, scene: Scene) -> Iterator[str]:
    """What somebody forgets to give a security group gets the network's default one: that must grant nothing."""
    groups = scene.graph.users(vpc, "vpcId", DEFAULT_GROUP)
    if not groups:
        yield "its default security group is not taken over"
    for group in groups:
        for way in ("ingress", "egress"):
            if group.at(way):
                yield f"its default security group has {way} rules"


RULES: tuple[Rule, ...] = (default_group_closed,)
