"""``intendly cost`` over a state that is given, and ``intendly cost refresh`` over a fake of the price API."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from operations.clients.aws_prices import AwsPrices
from operations.clients.engine import StackState, StateResource
from operations.clients.engine_preview import Preview, PreviewStep
from operations.errors import AwsError, InputError
from operations.json_object import Json
from operations.services.cost import CostService
from operations.services.preview_cost import compare
from operations.services.price_refresh import PriceRefresh
from pricing import price_list
from pricing.price_list import FILE, load_prices
from tests.operations import fakes
from tests.operations.conftest import Invoke
from tests.operations.prices import FakePriceSession, of_item

TODAY = date(2026, 12, 1)


def resource(kind: str, name: str, inputs: Json) -> StateResource:
    urn = f"urn:pulumi:staging::intendly::{kind}::{name}"
    return StateResource(urn=urn, kind=kind, id=f"{name}-id", inputs=inputs)


@pytest.fixture
def engine() -> fakes.FakeEngine:
    """A gateway, a budget that it keeps, and a table of which no price is known."""
    return fakes.FakeEngine(
        StackState(
            resources=(
                resource("aws:ec2/natGateway:NatGateway", "gateway", {}),
                resource("aws:budgets/budget:Budget", "budget", {"limitAmount": "100.0"}),
                resource("aws:dynamodb/table:Table", "orders", {}),
            )
        )
    )


def test_a_table_of_components_and_what_is_not_known(intendly: Invoke) -> None:
    result = intendly("cost", "--stack", "staging")
    assert result.exit_code == 0, result.output
    rows = [line.split() for line in result.stdout.splitlines()]
    assert ["gateway", "32.85", "32.85"] in rows
    assert ["together", "32.85", "32.85"] in rows
    assert ["budget", "100.00"] in rows
    assert "orders: the price list has no entry for the type aws:dynamodb/table:Table" in result.stderr
    assert "intendly cost refresh, or by hand as docs/cost.md says" in result.stderr
    assert "traffic through NAT gateways" in result.stderr


def test_json_has_every_line(intendly: Invoke) -> None:
    found = json.loads(intendly("cost", "--stack", "staging", "--json").stdout)
    assert (found["minimum"], found["maximum"], found["budget"]) == (32.85, 32.85, 100)
    [line] = found["lines"]
    assert (line["what"], line["unitUsd"], line["per"], line["most"]) == ("ec2.nat-gateway", 0.045, "hour", 1)
    assert found["gaps"][0]["name"] == "orders"


def test_over_budget_ends_with_3(intendly: Invoke, engine: fakes.FakeEngine) -> None:
    budget = resource("aws:budgets/budget:Budget", "budget", {"limitAmount": "30.0"})
    engine.given = StackState(resources=(engine.given.resources[0], budget))
    result = intendly("cost", "--stack", "staging")
    assert result.exit_code == 3
    assert "over budget: 32.85 at most, of 30" in result.stderr


def test_a_stack_without_resources_is_no_free_stack(intendly: Invoke, engine: fakes.FakeEngine) -> None:
    engine.given = StackState()
    result = intendly("cost", "--stack", "staging")
    assert result.exit_code == 1
    assert "has no resources" in result.stderr
    assert "--planned" in result.stderr


def step(
    operation: str, kind: str, name: str, old: Json | None = None, new: Json | None = None
) -> PreviewStep:
    urn = f"urn:pulumi:staging::intendly::{kind}::{name}"
    return PreviewStep(operation=operation, urn=urn, old_inputs=old or {}, new_inputs=new or {})


NAT, KEY, CACHE = (
    "aws:ec2/natGateway:NatGateway",
    "aws:kms/key:Key",
    "aws:elasticache/replicationGroup:ReplicationGroup",
)
SMALL: Json = {"engine": "valkey", "nodeType": "cache.t4g.micro", "numCacheClusters": 1}
PREVIEW = Preview(
    steps=(
        step("same", NAT, "gateway"),
        step("create", KEY, "key"),
        step("delete", NAT, "old"),
        step("create-replacement", CACHE, "cache", SMALL, {**SMALL, "numCacheClusters": 2}),
        step("replace", CACHE, "cache", SMALL, {**SMALL, "numCacheClusters": 2}),
        step("delete-replaced", CACHE, "cache", SMALL),
    )
)


def test_a_preview_is_priced_before_and_after() -> None:
    cost = compare(PREVIEW)
    small = round(0.0128 * 730, 2)
    assert cost.before == pytest.approx(2 * 32.85 + small)
    assert cost.after == pytest.approx(32.85 + 1 + 2 * small, abs=0.011)
    assert {line.component: (line.before, line.after) for line in cost.lines} == {
        "cache": (small, pytest.approx(2 * small, abs=0.011)),
        "gateway": (32.85, 32.85),
        "key": (0, 1),
        "old": (32.85, 0),
    }


def test_planned_means_after_the_update(
    intendly: Invoke, factory: fakes.FakeFactory, engine: fakes.FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(factory, "cost", lambda: CostService("staging", engine, lambda: PREVIEW))
    found = json.loads(intendly("cost", "--stack", "staging", "--planned", "--json").stdout)
    assert found["maximum"] == pytest.approx(32.85 + 1 + 2 * 9.34, abs=0.02)


def test_the_stack_must_be_named(intendly: Invoke) -> None:
    result = intendly("cost")
    assert result.exit_code == 2
    assert "name the stack to act on" in result.stderr


def test_a_list_that_cannot_be_read_has_an_exit_code_of_its_own(
    intendly: Invoke, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "us-east-1.yaml"
    file.write_text(FILE.read_text().replace("usd: 0.045", "usd: little"))
    monkeypatch.setattr(price_list, "load_prices", lambda: load_prices(file))
    monkeypatch.setattr("pricing.cost.load_prices", lambda: load_prices(file))
    result = intendly("cost", "--stack", "staging")
    assert result.exit_code == 4
    assert "(ec2.nat-gateway): usd is 'little', not a price in US dollars" in result.stderr
    assert "git checkout pricing" in result.stderr


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A copy of the tracked list."""
    return Path(shutil.copy(FILE, tmp_path))


def refresh(file: Path, **products: list[str]) -> PriceRefresh:
    return PriceRefresh(AwsPrices(FakePriceSession(products)), file, TODAY)


def test_prices_of_aws_replace_those_of_the_list(file: Path) -> None:
    service = refresh(
        file,
        AmazonEC2=[
            of_item("ec2.instance", 0.2, instanceType="m6i.xlarge"),
            of_item("ec2.instance", 0.096, instanceType="m6i.large"),
            of_item("ec2.instance", 9.9, instanceType="p9.huge"),
            of_item("ec2.nat-gateway", 0.05),
        ],
        AmazonRDS=[of_item("rds.single", 0.25, instanceType="db.r7g.large")],
    )
    found = service.compare()
    changed = {one.what: (one.before, one.after) for one in found.changes}
    assert changed == {
        "ec2.instance m6i.xlarge": (0.192, 0.2),
        "ec2.nat-gateway": (0.045, 0.05),
        "rds.single db.r7g.large": (None, 0.25),
    }
    assert found.confirmed == 1
    assert "kms.key" in found.not_found

    untouched = file.read_text()
    service.write(found)
    prices = load_prices(file)
    node, key = prices.find("ec2.instance", "m6i.xlarge"), prices.find("kms.key", "")
    assert node is not None
    assert key is not None
    assert (node.usd, prices.sources[node.source].read) == (0.2, TODAY)
    assert (key.usd, key.source) == (1.0, "usage-types")
    assert prices.free == load_prices().free
    head = untouched.partition("\nsources:")[0]
    assert file.read_text().startswith(head)
    assert file.read_text().endswith(untouched[untouched.index("# Types that cost nothing") :])


def test_a_second_refresh_changes_nothing(file: Path) -> None:
    products = {"AmazonEC2": [of_item("ec2.instance", 0.2, instanceType="m6i.xlarge")]}
    refresh(file, **products).write(refresh(file, **products).compare())
    written = file.read_text()
    again = refresh(file, **products).compare()
    assert again.changes == ()
    refresh(file, **products).write(again)
    assert file.read_text() == written


def test_several_prices_for_one_thing_change_nothing(file: Path) -> None:
    found = refresh(
        file,
        awskms=[of_item("kms.key", 1.0), of_item("kms.key", 2.0)],
    ).compare()
    assert found.changes == ()
    assert "kms.key" in found.not_found


def test_of_steps_the_first_counts(file: Path) -> None:
    found = refresh(
        file,
        AmazonRoute53=[
            of_item("route53.zone", 0.6, begin="0"),
            of_item("route53.zone", 0.1, begin="25"),
        ],
    ).compare()
    assert [(one.what, one.after) for one in found.changes] == [("route53.zone", 0.6)]


def test_every_item_of_the_list_is_asked_for_once(file: Path) -> None:
    session = FakePriceSession({})
    PriceRefresh(AwsPrices(session), file, TODAY).compare()
    assert len(session.asked) == len({item for item, _ in load_prices().prices})
    assert all("regionCode" in filters or service == "AmazonRoute53" for service, filters in session.asked)


def test_an_answer_that_is_no_product_is_said(file: Path) -> None:
    with pytest.raises(AwsError, match="an entry that is no JSON"):
        refresh(file, awskms=["<html>"]).compare()


def test_a_bad_list_is_not_overwritten(file: Path) -> None:
    file.write_text("region: us-east-1")
    with pytest.raises(InputError, match="sources: not a mapping"):
        refresh(file).compare()
    assert file.read_text() == "region: us-east-1"


def test_the_command_shows_asks_and_writes(
    intendly: Invoke, factory: fakes.FakeFactory, monkeypatch: pytest.MonkeyPatch, file: Path
) -> None:
    service = refresh(file, awskms=[of_item("kms.key", 1.5)])
    monkeypatch.setattr(factory, "price_refresh", lambda: service)
    before = file.read_text()
    assert "kms.key" in intendly("cost", "refresh", "--dry-run").stdout
    assert intendly("cost", "refresh").exit_code == 1  # nobody answers
    assert file.read_text() == before
    done = intendly("cost", "refresh", "--yes")
    assert done.exit_code == 0
    assert "not found, stays as it is: eks.cluster" in done.stderr
    key = load_prices(file).find("kms.key", "")
    assert key is not None
    assert key.usd == 1.5
