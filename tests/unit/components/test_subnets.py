"""The subnet plan."""

from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.subnets import ZoneSubnets, zone_slot, zone_subnets

cidrs = st.integers(0, 2**16 - 1).map(lambda number: str(IPv4Network((number << 16, 16))))
zone_ids = st.tuples(st.sampled_from(["use1", "euc1", "apse2"]), st.integers(1, 6)).map(
    lambda parts: f"{parts[0]}-az{parts[1]}"
)


def every(zone: ZoneSubnets) -> list[IPv4Network]:
    return [zone.nodes, zone.public, zone.data, zone.control_plane]


def test_the_plan_of_the_stacks_is_this_one_for_ever() -> None:
    zone = zone_subnets("10.20.0.0/16", "use1-az4")
    assert zone == ZoneSubnets(
        nodes=IPv4Network("10.20.96.0/19"),
        blocks=IPv4Network("10.20.112.0/20"),
        public=IPv4Network("10.20.195.0/24"),
        data=IPv4Network("10.20.203.0/24"),
        control_plane=IPv4Network("10.20.208.48/28"),
    )


@given(cidrs)
def test_subnets_of_all_zones_lie_in_the_vpc_and_never_overlap(cidr: str) -> None:
    subnets = [each for number in range(1, 7) for each in every(zone_subnets(cidr, f"use1-az{number}"))]
    assert all(each.subnet_of(IPv4Network(cidr)) for each in subnets)
    assert not any(one.overlaps(other) for one, other in combinations(subnets, 2))


@given(cidrs, zone_ids)
def test_each_subnet_has_the_size_its_use_needs(cidr: str, zone_id: str) -> None:
    assert [each.prefixlen for each in every(zone_subnets(cidr, zone_id))] == [19, 24, 24, 28]


@given(cidrs, zone_ids)
def test_blocks_lie_in_the_nodes_subnet_and_leave_half_of_it_to_single_addresses(
    cidr: str, zone_id: str
) -> None:
    zone = zone_subnets(cidr, zone_id)
    assert zone.blocks.subnet_of(zone.nodes)
    assert zone.blocks.num_addresses * 2 == zone.nodes.num_addresses
    # AWS keeps a subnet's first four addresses for itself.
    assert zone.nodes.network_address not in zone.blocks


@given(zone_ids)
def test_the_slot_is_the_digit_of_the_zone_id(zone_id: str) -> None:
    assert zone_slot(zone_id) == int(zone_id[-1]) - 1


@pytest.mark.parametrize(
    "zone_id", ["us-east-1a", "use1-az0", "use1-az7", "use1-az12", "", "use1-az1 ", "use1-az1\n"]
)
def test_what_is_no_zone_id_is_refused_by_name(zone_id: str) -> None:
    with pytest.raises(ValueError, match="is no zone id"):
        zone_subnets("10.20.0.0/16", zone_id)


@pytest.mark.parametrize("cidr", ["10.20.0.0/17", "10.0.0.0/8", "10.20.1.0/24"])
def test_a_vpc_of_another_size_is_refused(cidr: str) -> None:
    with pytest.raises(ValueError, match="must be a /16"):
        zone_subnets(cidr, "use1-az1")


def test_a_range_that_is_no_network_is_refused() -> None:
    with pytest.raises(ValueError, match="host bits"):
        zone_subnets("10.20.0.1/16", "use1-az1")
