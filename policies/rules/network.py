"""Who reaches whom."""

from collections.abc import Iterator

from policies.graph import Node
from policies.rule import Rule, Scene, Severity, rule
from policies.security_groups import GROUP, INGRESS_RULE, OLD_RULE, openings

VPC = "aws:ec2/vpc:Vpc"
DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"

PUBLIC_PORTS = (range(80, 81), range(443, 444))
"""What the world may call, and only at the load balancer."""


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


@rule(
    "network-no-world-ingress",
    GROUP,
    OLD_RULE,
    INGRESS_RULE,
    severity=Severity.CRITICAL,
    source="CKV_AWS_24/25/260/277, CIS-AWS 5.2",
)
def no_world_ingress(opener: Node, scene: Scene) -> Iterator[str]:
    """Strangers reach the load balancer's 80 and 443 and nothing else, however the rule is written."""
    for opening in openings(opener, scene.graph):
        if opening.protocol == "-1":
            yield "it opens every protocol and port"
        elif opening.to_the_world:
            if opening.protocol != "tcp" or opening.ports not in PUBLIC_PORTS:
                yield f"it opens {opening.protocol} {opening.ports.start}-{opening.ports.stop - 1} to the world"
            if opening.owner is None or not scene.graph.users(opening.owner, "securityGroups", BALANCER):
                yield "it opens something to the world that is no load balancer"


RULES: tuple[Rule, ...] = (default_group_closed, no_world_ingress)
