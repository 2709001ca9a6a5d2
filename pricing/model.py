"""What is priced, and what comes out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Inputs = Mapping[str, Any]
"""A resource's inputs in wire names (camelCase)."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource of a stack: registered, planned or in its state."""

    type: str
    """Type token, ``aws:ec2/eip:Eip``."""
    urn: str
    inputs: Inputs = field(repr=False)
    parent: str = ""
    """URN of the parent; its outermost component is the one that is shown."""

    @property
    def name(self) -> str:
        """The logical name, the last part of the URN."""
        return self.urn.rsplit("::", 1)[-1]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One price times one quantity, in US dollars a month of 730 hours, rounded to cents."""

    component: str
    name: str
    """Logical name of the resource."""
    what: str
    """Item and kind of the price, ``ec2.instance m6i.xlarge``."""
    unit_usd: float
    per: str
    """``hour``, ``month`` or ``gib-month``."""
    least: float
    """Quantity at the autoscalers' minimum."""
    most: float
    """Quantity at the autoscalers' maximum."""
    minimum: float
    maximum: float


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Something of which the cost is not known, and why."""

    component: str
    name: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Share:
    """What a component costs, in US dollars a month."""

    component: str
    minimum: float
    maximum: float


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a stack costs, in US dollars a month, on demand; without what is in ``gaps`` and ``usage``."""

    region: str
    """Region of the prices."""
    oldest: str
    """Date of the oldest price that was used; empty when none was."""
    lines: tuple[Line, ...]
    gaps: tuple[Gap, ...]
    """What has a price that is not known here."""
    usage: tuple[str, ...]
    """What is paid by use, by name: no quantity of it is in the program."""
    budget: float | None
    """The stack's own limit a month, as its Budget resource has it."""

    @property
    def minimum(self) -> float:
        """At the autoscalers' minimum."""
        return round(sum(line.minimum for line in self.lines), 2)

    @property
    def maximum(self) -> float:
        """At the autoscalers' maximum."""
        return round(sum(line.maximum for line in self.lines), 2)

    @property
    def shares(self) -> tuple[Share, ...]:
        """By component, the dearest at its maximum first."""
        sums: dict[str, tuple[float, float]] = {}
        for line in self.lines:
            least, most = sums.get(line.component, (0.0, 0.0))
            sums[line.component] = (least + line.minimum, most + line.maximum)
        shares = (
            Share(component=name, minimum=round(least, 2), maximum=round(most, 2))
            for name, (least, most) in sums.items()
        )
        return tuple(sorted(shares, key=lambda share: (-share.maximum, share.component)))

    @property
    def over_budget(self) -> bool:
        """Whether the autoscalers' maximum is more than the budget."""
        return self.budget is not None and self.maximum > self.budget
