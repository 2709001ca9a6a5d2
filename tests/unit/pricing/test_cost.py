"""Both stacks' whole graphs, and single resources by hand."""

from typing import Any

import pytest

from pricing import Cost, Resource, load_prices, monthly
from pricing.quantities import RULES
from tests.support.costs import resources
from tests.support.stacks import STACKS

BUDGETS = {"production": 4000.0, "staging": 500.0}


def urn(kind: str, name: str) -> str:
    return f"urn:pulumi:staging::intendly::{kind}::{name}"


def resource(kind: str, name: str = "it", parent: str = "", **inputs: Any) -> Resource:  # noqa: ANN401
    return Resource(type=kind, urn=urn(kind, name), inputs=inputs, parent=parent)


def quantities(cost: Cost) -> dict[str, tuple[float, float]]:
    return {line.what: (line.least, line.most) for line in cost.lines}


@pytest.mark.parametrize("stack", STACKS)
def test_every_type_of_a_stack_is_known_and_its_budget_holds(stack: str) -> None:
    cost = monthly(resources(stack))
    assert not [gap for gap in cost.gaps if "price list" in gap.why]
    assert cost.budget == BUDGETS[stack]
    assert not cost.over_budget
    assert 0 < cost.minimum < cost.maximum


def test_production_by_hand() -> None:
    cost = monthly(resources("production"))
    by_component = {share.component: (share.minimum, share.maximum) for share in cost.shares}
    # 73 for the control plane; 5 and 20 nodes of 0.192 an hour with 50 GiB of 0.08 each.
    assert by_component["cluster"] == (
        pytest.approx(73 + 5 * (0.192 * 730 + 4), abs=0.02),
        pytest.approx(73 + 20 * (0.192 * 730 + 4), abs=0.02),
    )
    # 0.45 an hour for both copies; 100 GiB, which storage autoscaling may make 500, of 0.23.
    assert by_component["database"] == (pytest.approx(328.5 + 23), pytest.approx(328.5 + 115))
    # Two gibibytes for each of three Alertmanagers, 50 for each of two Prometheus.
    assert by_component["monitoring"] == (pytest.approx(106 * 0.08), pytest.approx(106 * 0.08))
    assert by_component["endpoints"] == (pytest.approx(5 * 3 * 7.3), pytest.approx(5 * 3 * 7.3))


def test_more_nodes_at_most_cost_more_at_most_only() -> None:
    def cost(most: int) -> Cost:
        group = resource(
            "aws:eks/nodeGroup:NodeGroup",
            scalingConfig={"minSize": 2, "maxSize": most},
            instanceTypes=["m6i.xlarge"],
            diskSize=50,
        )
        return monthly([group])

    assert cost(4).minimum == cost(8).minimum == pytest.approx(2 * 140.16)
    assert cost(8).maximum - cost(4).maximum == pytest.approx(4 * 140.16)


def test_disks_come_from_the_launch_template_beside_the_group() -> None:
    mapping = [{"ebs": {"volumeSize": 100, "volumeType": "gp3"}}]
    beside, elsewhere = urn("intendly:cluster:NodeGroup", "a"), urn("intendly:cluster:NodeGroup", "b")
    size: dict[str, Any] = {"scalingConfig": {"minSize": 1, "maxSize": 3}, "instanceTypes": ["t3.large"]}
    group = resource("aws:eks/nodeGroup:NodeGroup", "g", beside, **size)
    kind = "aws:ec2/launchTemplate:LaunchTemplate"
    ours = resource(kind, "t", beside, blockDeviceMappings=mapping)
    other = resource(kind, "u", elsewhere, blockDeviceMappings=mapping)
    assert quantities(monthly([group, ours, other]))["ebs.volume gp3"] == (100, 300)


def test_an_unknown_type_is_said_and_not_taken_for_free() -> None:
    cost = monthly([resource("aws:dynamodb/table:Table", "orders")])
    [gap] = cost.gaps
    assert (gap.name, cost.maximum) == ("orders", 0)
    assert gap.why == "the price list has no entry for the type aws:dynamodb/table:Table"


@pytest.mark.parametrize(
    ("kind", "inputs", "why"),
    [
        (
            "aws:rds/instance:Instance",
            {
                "engine": "postgres",
                "instanceClass": "db.x9.huge",
                "allocatedStorage": 20,
                "storageType": "gp3",
            },
            "the price list has no row for rds.single db.x9.huge",
        ),
        (
            "aws:eks/nodeGroup:NodeGroup",
            {"scalingConfig": "04da6b54-80e4-46f7-96ec-b56ff0331ba9", "instanceTypes": ["t3.large"]},
            "number or type of the nodes is not known before the update",
        ),
        (
            "kubernetes:core/v1:Service",
            {"spec": {"type": "LoadBalancer"}},
            "a Service of type LoadBalancer makes a load balancer of its own",
        ),
    ],
)
def test_what_cannot_be_told_is_a_gap(kind: str, inputs: dict[str, Any], why: str) -> None:
    assert why in [gap.why for gap in monthly([resource(kind, **inputs)]).gaps]


def test_a_second_zone_doubles_a_database() -> None:
    inputs: dict[str, Any] = {
        "engine": "postgres",
        "instanceClass": "db.t4g.medium",
        "allocatedStorage": 20,
        "storageType": "gp3",
    }
    single = monthly([resource("aws:rds/instance:Instance", **inputs)])
    double = monthly([resource("aws:rds/instance:Instance", **inputs, multiAz=True)])
    assert double.maximum == pytest.approx(2 * single.maximum)


def test_costs_are_summed_under_the_outermost_component() -> None:
    outer = resource("intendly:cluster:Cluster", "cluster")
    inner = resource("intendly:cluster:NodeGroup", "general", outer.urn)
    address = resource("aws:ec2/eip:Eip", "address", inner.urn)
    assert [share.component for share in monthly([outer, inner, address]).shares] == ["cluster"]


def test_a_stack_in_another_region_is_told_whose_prices_it_gets() -> None:
    provider = resource("pulumi:providers:aws", "aws", region="eu-west-1")
    [gap] = monthly([provider]).gaps
    assert gap.why == "the stack is in eu-west-1, the prices are of us-east-1"


def test_over_budget_means_the_maximum() -> None:
    budget = resource("aws:budgets/budget:Budget", "budget", limitAmount="30.0")
    gateway = resource("aws:ec2/natGateway:NatGateway", "gateway")
    cost = monthly([budget, gateway])
    assert cost.maximum == pytest.approx(32.85)
    assert cost.over_budget
    assert not monthly([resource("aws:budgets/budget:Budget", limitAmount="33.0"), gateway]).over_budget


def test_what_is_paid_by_use_is_named() -> None:
    assert monthly([resource("aws:ec2/natGateway:NatGateway")]).usage == ("traffic through NAT gateways",)


def test_a_type_is_priced_or_free_and_never_both() -> None:
    assert not RULES.keys() & load_prices().free.keys()
