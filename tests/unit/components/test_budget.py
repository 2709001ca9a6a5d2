"""The budget."""

from components.budget import Budget, BudgetArgs
from tests.support.recorder import Registration
from tests.unit.conftest import Deploy

EMAILS = ("devops@intendly.xyz", "cto@intendly.xyz")


def budget(deploy: Deploy) -> Registration:
    args = BudgetArgs(name="intendly-test", environment="test", monthly_usd=4000, emails=EMAILS)
    return deploy(lambda: Budget("budget", args)).only("aws:budgets/budget:Budget")


def test_the_limit_is_monthly_dollars_as_aws_writes_them(deploy: Deploy) -> None:
    made = budget(deploy)
    assert (made["name"], made["budgetType"], made["timeUnit"]) == ("intendly-test", "COST", "MONTHLY")
    assert (made["limitAmount"], made["limitUnit"]) == ("4000.0", "USD")


def test_what_carries_the_stacks_tag_counts_and_nothing_else(deploy: Deploy) -> None:
    assert budget(deploy)["costFilters"] == [{"name": "TagKeyValue", "values": ["user:Environment$test"]}]


def test_people_hear_before_and_when_the_limit_is_passed(deploy: Deploy) -> None:
    told = budget(deploy)["notifications"]
    assert {(one["notificationType"], one["threshold"]) for one in told} == {
        ("ACTUAL", 80),
        ("FORECASTED", 100),
        ("ACTUAL", 100),
    }
    for one in told:
        assert (one["comparisonOperator"], one["thresholdType"]) == ("GREATER_THAN", "PERCENTAGE")
        assert one["subscriberEmailAddresses"] == list(EMAILS)
