"""What a stack may cost."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import budgets

NOTIFICATIONS = (("ACTUAL", 80), ("FORECASTED", 100), ("ACTUAL", 100))
"""What of the month's limit has to be spent, or foreseen, before people hear of it, in percent."""


@dataclass(frozen=True, kw_only=True)
class BudgetArgs:
    """What the budget needs."""

    name: str
    """The budget's name, 100 characters at most."""
    environment: str
    """Value of the tag `Environment`: what carries it counts. The tag has to be activated for cost allocation
    once in the account (Billing, "Cost allocation tags"); until then nothing counts, and nobody is told."""
    monthly_usd: int
    emails: Sequence[str]
    """Who is told; 10 at most (AWS)."""


class Budget(pulumi.ComponentResource):
    """A monthly limit in US dollars that stops nothing, and tells people before and when it is passed."""

    def __init__(self, name: str, args: BudgetArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("intendly:account:Budget", name, None, opts)
        budgets.Budget(
            f"{name}-monthly",
            name=args.name,
            budget_type="COST",
            time_unit="MONTHLY",
            # As AWS gives it back: a plain 4000 would differ for ever.
            limit_amount=f"{args.monthly_usd:.1f}",
            limit_unit="USD",
            cost_filters=[
                budgets.BudgetCostFilterArgs(
                    # A tag that we made is a "user:" tag there.
                    name="TagKeyValue",
                    values=[f"user:Environment${args.environment}"],
                )
            ],
            notifications=[
                budgets.BudgetNotificationArgs(
                    notification_type=kind,
                    comparison_operator="GREATER_THAN",
                    threshold=percent,
                    threshold_type="PERCENTAGE",
                    subscriber_email_addresses=args.emails,
                )
                for kind, percent in NOTIFICATIONS
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})
