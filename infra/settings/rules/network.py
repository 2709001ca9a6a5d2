"""Rules about zones and address ranges."""

import math
from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Final, NamedTuple

from components.subnets import zone_subnets
from infra.settings.account import ZONE_PREFIXES
from infra.settings.cluster import NodeGroupSettings
from infra.settings.errors import Problem
from infra.settings.rules.base import Rule, problem
from infra.settings.stack import StackSettings

ZONES_WITHOUT_CONTROL_PLANE: Final = ("use1-az3",)
"""Zones in which EKS places no control plane (EKS user guide, network requirements)."""

BLOCK_ADDRESSES: Final = 16
"""Addresses of a /28, the unit that prefix delegation takes from a subnet."""

EDGE_BLOCKS: Final = 1
"""Blocks of a reservation that AWS's reserved addresses spoil: the last, with the subnet's last address."""


def enough_zones(settings: StackSettings) -> Iterator[Problem]:
    """A zone may fail; EKS and RDS refuse fewer than two anyway."""
    zones = settings.network.zones
    if len(set(zones)) < 2:  # noqa: PLR2004 (two is the rule)
        yield problem(
            f"{len(set(zones))} zone is too few: production and EKS need two or more", "network", "zones"
        )


def zones_are_distinct(settings: StackSettings) -> Iterator[Problem]:
    """A zone named twice would get the same subnet twice."""
    zones = settings.network.zones
    for position, zone in enumerate(zones):
        if zone in zones[:position]:
            yield problem(f"{zone} is named twice", "network", "zones", position)


def zones_are_of_the_region(settings: StackSettings) -> Iterator[Problem]:
    """A zone id carries its region."""
    prefix = ZONE_PREFIXES[settings.account.region]
    for position, zone in enumerate(settings.network.zones):
        if not zone.startswith(f"{prefix}-"):
            yield problem(
                f"{zone} is no zone of {settings.account.region}; allowed: {prefix}-az1 to {prefix}-az6",
                "network",
                "zones",
                position,
            )


def zones_take_a_control_plane(settings: StackSettings) -> Iterator[Problem]:
    """EKS refuses a cluster with a subnet in such a zone, after the network was made."""
    for position, zone in enumerate(settings.network.zones):
        if zone in ZONES_WITHOUT_CONTROL_PLANE:
            yield problem(
                f"EKS places no control plane in {zone}: choose another zone", "network", "zones", position
            )


def control_plane_is_in_zones_in_use(settings: StackSettings) -> Iterator[Problem]:
    """Its subnets are among the network's, and EKS wants two zones."""
    network = settings.network
    chosen = network.control_plane_zones
    for position, zone in enumerate(chosen):
        if zone not in network.zones or zone in chosen[:position]:
            what = "is named twice" if zone in chosen[:position] else "is not among network.zones"
            yield problem(f"{zone} {what}", "network", "controlPlaneZones", position)
    if len(set(chosen)) == 1:
        yield problem("EKS needs two zones or more", "network", "controlPlaneZones")


def services_lie_outside_the_vpc(settings: StackSettings) -> Iterator[Problem]:
    """EKS refuses a service range that overlaps the VPC's."""
    services, vpc = IPv4Network(settings.network.service_cidr), IPv4Network(settings.network.cidr)
    if services.overlaps(vpc):
        yield problem(
            f"{services} overlaps network.cidr {vpc}: choose a private range outside it",
            "network",
            "serviceCidr",
        )


def outside_access_is_from_outside(settings: StackSettings) -> Iterator[Problem]:
    """The public endpoint sees public addresses only; a range of the VPC there lets nobody in."""
    vpc = IPv4Network(settings.network.cidr)
    for position, cidr in enumerate(settings.cluster.public_access_cidrs):
        if IPv4Network(cidr).overlaps(vpc):
            yield problem(
                f"{cidr} overlaps network.cidr {vpc}, which reaches the private endpoint: remove it",
                "cluster",
                "publicAccessCidrs",
                position,
            )


class ZoneShare(NamedTuple):
    """What a node group takes of one zone at its largest."""

    nodes: int
    blocks: int
    """Whole /28 blocks."""


def blocks_of(max_size: int, max_pods: int, zones: int) -> ZoneShare:
    """Count what a node group may take in one zone.

    Nodes spread evenly. During an update EKS adds, per zone, two nodes or as many as may be unavailable (33 %).
    Each node takes a block per 16 pods and a warm one. Its interfaces' own addresses lie outside the blocks.
    Source: EKS user guide, "Managed node update behavior"; EKS best practices, prefix mode.
    """
    nodes = math.ceil(max_size / zones)
    nodes += max(2, math.ceil(0.33 * max_size / zones))
    per_node = math.ceil(max_pods / BLOCK_ADDRESSES) + 1
    return ZoneShare(nodes, nodes * per_node)


def blocks_needed(group: NodeGroupSettings, zones: int) -> int:
    """Count the /28 blocks that a node group may take in one zone."""
    return blocks_of(group.max_size, group.max_pods, zones).blocks


def subnets_hold_the_pods(settings: StackSettings) -> Iterator[Problem]:
    """Prefix delegation fails when no whole block is free, although single addresses are."""
    zones = sorted(set(settings.network.zones))
    needed = sum(blocks_needed(group, len(zones)) for group in settings.cluster.node_groups.values())
    reserved = zone_subnets(settings.network.cidr, zones[0]).blocks
    there = reserved.num_addresses // BLOCK_ADDRESSES - EDGE_BLOCKS
    if needed > there:
        yield problem(
            f"at their maxSize the node groups need {needed} blocks of 16 addresses in each of {len(zones)} zones; "
            f"a zone's reservation (/{reserved.prefixlen}) has {there}, {needed - there} too few: "
            "lower maxSize or maxPods, or use more zones",
            "cluster",
            "nodeGroups",
        )


NETWORK_RULES: Final[tuple[Rule, ...]] = (
    enough_zones,
    zones_are_distinct,
    zones_are_of_the_region,
    zones_take_a_control_plane,
    control_plane_is_in_zones_in_use,
    services_lie_outside_the_vpc,
    outside_access_is_from_outside,
    subnets_hold_the_pods,
)
"""All rules of this file."""
