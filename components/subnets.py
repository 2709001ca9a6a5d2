"""Where each subnet lies in a VPC: a pure plan by fixed index.

A subnet's range follows from its zone id alone, never from the zone's position in a list or from how many
zones there are: a zone that comes or goes must not move, and so replace, anybody else's subnet.

The VPC, a /16, is cut into eight /19. Numbers 0 to 5 are the nodes' subnets of zones 1 to 6; number 6 holds the
small ones, number 7 stays free. Number 6 is cut into /24: numbers 0 to 5 are the public subnets, 8 to 13 the data
subnets, and number 16 is cut into /28, of which 0 to 5 are the control plane's.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Network

ZONES_MAX = 6
"""Zones a region can have here: us-east-1, the largest, has six (use1-az1 to use1-az6)."""

VPC_PREFIX = 16
"""The plan's only VPC size: AWS allows none larger, and a smaller one would leave the control plane less than a /28."""

_ZONE_ID = re.compile(r"[a-z]+\d-az([1-6])")


@dataclass(frozen=True, kw_only=True)
class ZoneSubnets:
    """The subnets of one zone."""

    nodes: IPv4Network
    """Nodes and pods: large, since prefix delegation takes whole /28 blocks."""
    blocks: IPv4Network
    """The upper half of the nodes' subnet, kept for the pods' whole /28 blocks: single addresses stay out of it."""
    public: IPv4Network
    """NAT gateway and load balancer, nothing else."""
    data: IPv4Network
    """Database and cache: no route to the internet."""
    control_plane: IPv4Network
    """The cluster's own network interfaces: a /28 holds the 6 (better 16) addresses EKS asks for."""


def zone_slot(zone_id: str) -> int:
    """The fixed slot, 0 to 5, of a zone id such as `use1-az4`.

    Raises:
        ValueError: the text is no zone id of this form.
    """
    found = _ZONE_ID.fullmatch(zone_id)
    if found is None:
        raise ValueError(f"{zone_id!r} is no zone id like 'use1-az1' (zone ids end in az1 to az{ZONES_MAX})")
    return int(found.group(1)) - 1


def zone_subnets(cidr: str, zone_id: str) -> ZoneSubnets:
    """The subnets of one zone in a VPC of this range.

    Raises:
        ValueError: the range is no /16 network address, or the zone id is none.
    """
    vpc = IPv4Network(cidr)
    if vpc.prefixlen != VPC_PREFIX:
        raise ValueError(f"{cidr} must be a /{VPC_PREFIX}: the plan's smallest subnets are then /28")
    slot = zone_slot(zone_id)
    blocks = list(vpc.subnets(prefixlen_diff=3))
    small = list(blocks[6].subnets(prefixlen_diff=5))
    return ZoneSubnets(
        nodes=blocks[slot],
        blocks=list(blocks[slot].subnets())[1],
        public=small[slot],
        data=small[8 + slot],
        control_plane=list(small[16].subnets(prefixlen_diff=4))[slot],
    )
