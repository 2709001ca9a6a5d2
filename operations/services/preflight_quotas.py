"""Whether the account's quotas hold what the stack will need at its largest, beside what others use."""

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from infra.settings import StackSettings
from infra.settings.machines import INSTANCE_TYPES
from operations.clients.aws_offers import Quotas
from operations.services.checks import Probe, Verdict

ADDRESSES, VCPUS, NETWORKS, NAT_GATEWAYS = (
    ("ec2", "L-0263D0A3"),
    ("ec2", "L-1216C47A"),
    ("vpc", "L-F678F1CE"),
    ("vpc", "L-FE5A380F"),
)
"""Service and code of: Elastic IP addresses; running on-demand standard vCPU; VPCs a region; NAT gateways a zone."""

UPDATE_FRACTION: Final = 0.33
"""Part of a node group that an update of it may replace at once (components, ``update_config``)."""


def quota_probes(settings: StackSettings, quotas: Quotas) -> Iterator[Probe]:
    """The checks, a probe for each quota."""
    zones = settings.network.zones
    gateways = len(zones) if settings.network.nat_gateways == "perZone" else 1

    def fullest_zone() -> int:
        used = quotas.nat_gateways()
        return max((used[zone] for zone in zones), default=0)

    wanted: tuple[tuple[str, tuple[str, str], int, Callable[[], int]], ...] = (
        ("Elastic IP addresses", ADDRESSES, gateways, quotas.addresses),
        ("on-demand vCPU", VCPUS, needed_vcpus(settings), quotas.vcpus),
        ("VPCs", NETWORKS, 1, quotas.networks),
        ("NAT gateways in a zone", NAT_GATEWAYS, 1, fullest_zone),
    )
    for name, (service, code), needed, used in wanted:
        yield Probe(
            name=f"quota: {name}",
            look=partial(_look, quotas, (service, code), needed, used),
            mend=f"aws service-quotas request-service-quota-increase --region {settings.account.region} "
            f"--service-code {service} --quota-code {code} --desired-value NUMBER; an answer may take days",
        )


def _look(
    quotas: Quotas, quota: tuple[str, str], needed: int, used: Callable[[], int]
) -> tuple[bool | Verdict, str]:
    limit, others = quotas.limit(*quota), used()
    return others + needed <= limit, f"{needed} needed, {others} used by others, quota {limit:g}"


def needed_vcpus(settings: StackSettings) -> int:
    """VCPU of all node groups at their largest, during an update.

    An update adds the larger of two nodes a zone and the part that it may replace (EKS user guide, "Managed node
    update behavior"); one group is updated at a time, so the largest such addition counts.
    """
    groups = [
        (group.max_size, INSTANCE_TYPES[group.instance_type].vcpu)
        for group in settings.cluster.node_groups.values()
    ]
    zones = len(settings.network.zones)
    surge = max(max(2 * zones, math.ceil(size * UPDATE_FRACTION)) * vcpu for size, vcpu in groups)
    return sum(size * vcpu for size, vcpu in groups) + surge
