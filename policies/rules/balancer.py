"""The load balancer: what it listens to, whom it reaches."""

from collections.abc import Iterator

from policies.graph import Node
from policies.rule import Rule, Scene, Severity, rule

BALANCER = "aws:lb/loadBalancer:LoadBalancer"
LISTENER = "aws:lb/listener:Listener"
TARGETS = "aws:lb/targetGroup:TargetGroup"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"

PORTS = (80, 443)
"""What the platform offers; 80 leads to 443."""


@rule("balancer-offers", LISTENER, severity=Severity.CRITICAL)
def offers(listener: Node, scene: Scene) -> Iterator[str]:
    """Every port of a balancer is the world's: what is not the web has no business there."""
    if listener.at("port") not in PORTS:
        yield "it listens to another port than the web's"
    if not scene.graph.sources(
        listener, "defaultActions", TARGETS, LISTENER, BALANCER
    ) and not listener.records("defaultActions"):
        yield "it leads nowhere"


@rule("balancer-checks", TARGETS)
def checks(targets: Node, _: Scene) -> Iterator[str]:
    """A target that nobody checks gets requests after its end; one that does not see who calls limits everybody at once."""
    if targets.at("healthCheck", "enabled") is False or not targets.at("healthCheck", "port"):
        yield "its targets are not checked"
    if targets.at("preserveClientIp") not in (True, "true"):
        yield "its targets do not see who calls"
    if targets.at("connectionTermination") is not True:
        yield "a connection outlives its target's end"


@rule("network-egress-narrow", EGRESS, source="CKV_AWS_382")
def egress_narrow(way_out: Node, scene: Scene) -> Iterator[str]:
    """What is broken into should reach its own next stop, and no address of the attacker's."""
    if way_out.at("ipProtocol") == "-1" or way_out.at("fromPort") != way_out.at("toPort"):
        yield "it lets more than one port out"
    if not scene.graph.sources(way_out, "referencedSecurityGroupId"):
        yield "it leads to addresses, not to a security group of the program"


RULES: tuple[Rule, ...] = (offers, checks, egress_narrow)
