"""What a stack may cost."""

from typing import Annotated

from pydantic import Field

from infra.settings.base import Settings
from infra.settings.types import Email


class BudgetSettings(Settings):
    """A limit that stops nothing and tells people. It counts what carries the stack's tag Environment."""

    monthly_usd: int = Field(
        default=4000, ge=10, le=1000000, title="Monthly limit", description="US dollars a month."
    )
    emails: Annotated[tuple[Email, ...], Field(strict=False, min_length=1, max_length=10)] = Field(
        default=("devops@intendly.xyz",),
        title="Who is told",
        description="Mailboxes that hear at 80 % and 100 % spent and when more than 100 % is foreseen.",
    )
