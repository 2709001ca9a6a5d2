"""The tracked list, and lists that are wrong."""

from pathlib import Path

import pytest

from infra.settings.machines import CACHE_NODE_TYPES, INSTANCE_TYPES
from pricing import PriceListError, load_prices
from pricing.price_list import FILE

GOOD = """
region: us-east-1
sources:
  here: {read: 2026-11-24, text: by hand}
prices:
  - {item: kms.key, usd: 1.0, per: month, source: here}
free: {}
usage: {}
"""


def test_every_node_and_every_cache_that_can_be_set_has_a_price() -> None:
    prices = load_prices()
    assert not [kind for kind in INSTANCE_TYPES if prices.find("ec2.instance", kind) is None]
    for engine in ("valkey", "redis"):
        assert not [kind for kind in CACHE_NODE_TYPES if prices.find(f"elasticache.{engine}", kind) is None]


def test_two_copies_of_a_database_cost_twice_one() -> None:
    prices = load_prices()
    for (item, kind), price in prices.prices.items():
        if item == "rds.multiAz":
            single = prices.find("rds.single", kind)
            assert single is not None
            assert price.usd == pytest.approx(2 * single.usd, rel=0.002), kind


def test_every_source_is_used() -> None:
    prices = load_prices()
    assert {price.source for price in prices.prices.values()} == set(prices.sources)


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("usd: 1.0", "usd: cheap", "row 1 of prices (kms.key): usd is 'cheap', not a price in US dollars"),
        ("usd: 1.0", "usd: -1", "row 1 of prices (kms.key): usd is -1, not a price"),
        (
            "per: month",
            "per: week",
            "row 1 of prices (kms.key): per is 'week'; known are hour, month, gib-month",
        ),
        ("source: here", "source: there", "row 1 of prices (kms.key): its source 'there' is not among"),
        ("item: kms.key, ", "", "row 1 of prices: item is missing"),
        ("read: 2026-11-24", "read: lately", "source here: read is 'lately', not a date"),
        ("free: {}", "free: []", "free: not a mapping"),
        ("usage: {}", "", "usage: not a mapping"),
        ("region: us-east-1", "region: ''", "the file: region is missing"),
        ("prices:", "prices: {", "is no YAML"),
        (
            "free: {}",
            "  - {item: kms.key, usd: 2.0, per: month, source: here}\nfree: {}",
            "row 2 of prices (kms.key) is there twice",
        ),
    ],
)
def test_a_wrong_part_is_named_and_the_way_on(tmp_path: Path, good: str, bad: str, said: str) -> None:
    file = tmp_path / "list.yaml"
    file.write_text(GOOD.replace(good, bad))
    with pytest.raises(PriceListError) as caught:
        load_prices(file)
    assert said in caught.value.message
    assert "git checkout pricing" in caught.value.hint


def test_a_list_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PriceListError, match=r"the price list none\.yaml cannot be read"):
        load_prices(tmp_path / "none.yaml")


def test_the_good_list_is_good(tmp_path: Path) -> None:
    file = tmp_path / "list.yaml"
    file.write_text(GOOD)
    assert load_prices(file).find("kms.key", "") is not None
    assert FILE.exists()
