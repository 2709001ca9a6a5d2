"""What security groups let in, read alike from all three ways of writing it.

They hide holes from one another: rules inside `SecurityGroup`, `SecurityGroupRule`, and `SecurityGroupIngressRule`.
"""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass

from policies.graph import Graph, Node
from policies.values import Record

GROUP = "aws:ec2/securityGroup:SecurityGroup"
OLD_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"

WIDEST_PREFIX = 8
"""A shorter prefix (both halves of the internet too) is no network that somebody owns."""


@dataclass(frozen=True, kw_only=True)
class Opening:
    """One way in."""

    owner: Node | None
    """The group that is opened; a cluster stands for its own group. None: a group that is not in the graph."""
    protocol: str
    """`tcp`, `udp`, …, or `-1` for everything."""
    ports: range
    cidrs: tuple[str, ...]
    """Addresses it is open to."""
    callers: tuple[Node, ...]
    """Groups it is open to; a cluster stands for its own group."""

    @property
    def to_the_world(self) -> bool:
        """Whether strangers get in."""
        return any(ipaddress.ip_network(cidr, strict=False).prefixlen < WIDEST_PREFIX for cidr in self.cidrs)


def openings(node: Node, graph: Graph) -> Iterator[Opening]:
    """What a resource of one of the three types opens.

    Raises:
        Undecided: protocol, ports or addresses are not known yet.
    """
    if node.type == GROUP:
        for entry in node.records("ingress"):
            yield _opening(entry, "protocol", ("cidrBlocks", "ipv6CidrBlocks"), node, ())
    elif node.type == OLD_RULE and node.at("type") == "ingress":
        owner, callers = _ends(node, graph, "sourceSecurityGroupId")
        yield _opening(node.properties, "protocol", ("cidrBlocks", "ipv6CidrBlocks"), owner, callers)
    elif node.type == INGRESS_RULE:
        owner, callers = _ends(node, graph, "referencedSecurityGroupId")
        yield _opening(node.properties, "ipProtocol", ("cidrIpv4", "cidrIpv6"), owner, callers)


def _ends(node: Node, graph: Graph, caller: str) -> tuple[Node | None, tuple[Node, ...]]:
    return next(iter(graph.sources(node, "securityGroupId")), None), graph.sources(node, caller)


def _opening(
    entry: Record, protocol: str, cidrs: tuple[str, ...], owner: Node | None, callers: tuple[Node, ...]
) -> Opening:
    first, last = entry.at("fromPort") or 0, entry.at("toPort") or 0
    return Opening(
        owner=owner,
        protocol=str(entry.at(protocol)),
        ports=range(first, last + 1),
        cidrs=tuple(cidr for key in cidrs for cidr in entry.texts(key)),
        callers=callers,
    )
