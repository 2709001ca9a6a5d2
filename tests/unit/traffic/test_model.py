"""Ranges leave private addresses out, unless they are private themselves."""

from ipaddress import IPv4Network

import pytest

from components.traffic.model import PRIVATE, Outside

ANY = Outside(name="any", cidrs=())


def test_the_internet_is_without_any_private_address() -> None:
    assert set(ANY.excluded("0.0.0.0/0")) == set(PRIVATE)


@pytest.mark.parametrize("cidr", ["10.20.200.0/24", "10.0.0.0/8", "169.254.170.23/32", "203.0.113.0/24"])
def test_a_private_or_a_narrow_range_leaves_nothing_out(cidr: str) -> None:
    assert ANY.excluded(cidr) == ()


@pytest.mark.parametrize("cidr", ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "192.0.0.0/8"])
def test_what_is_left_out_lies_within_the_range(cidr: str) -> None:
    """The API server refuses an exception outside its block, or equal to it."""
    for one in ANY.excluded(cidr):
        assert IPv4Network(one).subnet_of(IPv4Network(cidr))
        assert one != cidr
