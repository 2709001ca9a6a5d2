"""A preview as a report: what would change, the dangerous first. Its forms are beside it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Final


class Action(StrEnum):
    """What becomes of a resource, the hardest to undo first."""

    DELETE = "delete"
    REPLACE = "replace"
    UPDATE = "update"
    CREATE = "create"
    IMPORT = "import"
    FORGET = "forget"


class Risk(StrEnum):
    """Why a change is dangerous, the worst first."""

    DATA = "data"
    """What holds data is replaced or deleted."""
    CLUSTER = "cluster"
    """The cluster is replaced or deleted, and all that runs in it."""
    ENTRANCE = "entrance"
    """A load balancer, a certificate or a name that clients use is replaced or deleted."""
    SAFETY = "safety"
    """What keeps data from being lost is weakened: protection, backups, versions."""
    DOWNTIME = "downtime"
    """Something that serves is away for a while."""
    ACCESS = "access"
    """Who may do what changes: IAM, keys' policies, the cluster's roles."""
    FIREWALL = "firewall"
    """What may reach what changes: security groups, network policies."""


ACTIONS: Final = {action: rank for rank, action in enumerate(Action)}
RISKS: Final = {risk: rank for rank, risk in enumerate(Risk)}

TITLES: Final = {
    Risk.DATA: "Data goes",
    Risk.CLUSTER: "The cluster goes",
    Risk.ENTRANCE: "The way in changes",
    Risk.SAFETY: "Data is less safe",
    Risk.DOWNTIME: "Downtime",
    Risk.ACCESS: "Access",
    Risk.FIREWALL: "Network access",
}

TO_BE_NAMED: Final = frozenset({Risk.DATA, Risk.CLUSTER})
"""Risks that an approval must name resource by resource."""


@dataclass(frozen=True, kw_only=True)
class Danger:
    """Why a change is dangerous, in a sentence."""

    risk: Risk
    why: str


@dataclass(frozen=True, kw_only=True)
class PropertyChange:
    """A property's old and new value as text; secrets are not in it."""

    path: str
    old: str
    new: str
    replaces: bool = False
    """Whether it is why the resource is replaced."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What becomes of one resource."""

    urn: str
    kind: str
    """The type, ``aws:rds/instance:Instance``."""
    component: str
    """The topmost component that it belongs to; its own name where it belongs to none."""
    action: Action
    dangers: tuple[Danger, ...] = ()
    properties: tuple[PropertyChange, ...] = ()
    depends_on: tuple[str, ...] = ()
    """URNs of what it uses."""

    @property
    def name(self) -> str:
        """The logical name, the last part of the URN."""
        return self.urn.rsplit("::", 1)[-1]

    @property
    def short_kind(self) -> str:
        """The type without its module, ``Instance``."""
        return self.kind.rpartition(":")[2]

    @property
    def must_be_named(self) -> bool:
        """Whether an approval allows it only by name."""
        return any(danger.risk in TO_BE_NAMED for danger in self.dangers)

    @property
    def rank(self) -> tuple[int, int, str, str]:
        """Order of importance, the most important first."""
        worst = min((RISKS[danger.risk] for danger in self.dangers), default=len(RISKS))
        return worst, ACTIONS[self.action], self.component, self.name


@dataclass(frozen=True, kw_only=True)
class CostLine:
    """What one component costs in USD a month, before and after."""

    component: str
    before: float
    after: float


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What the stack costs in USD a month, before and after; ``unknown`` names what has no price."""

    before: float
    after: float
    lines: tuple[CostLine, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Violation:
    """A policy that the stack would violate; ``severity`` is ``mandatory`` or ``advisory``."""

    rule: str
    severity: str
    resource: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Policies:
    """What the policies say of the stack as it would be."""

    rules: int
    violations: tuple[Violation, ...] = ()
    undecided: tuple[str, ...] = ()
    """Rules that met a value which is known only after the update."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What an update of a stack would do; ``changes`` in their order of importance."""

    stack: str
    changes: tuple[Change, ...]
    unchanged: int = 0
    warnings: tuple[str, ...] = ()
    cost: Cost | None = None
    policies: Policies | None = None

    @property
    def dangerous(self) -> tuple[Change, ...]:
        """The changes that somebody must look at, the worst first."""
        return tuple(change for change in self.changes if change.dangers)

    @property
    def counts(self) -> dict[Action, int]:
        """How many resources by action."""
        return counts(self.changes)

    @property
    def components(self) -> tuple[tuple[str, tuple[Change, ...]], ...]:
        """The changes by component; first the component with the most important change."""
        by_name = sorted(self.changes, key=lambda change: change.component)
        groups = [
            (name, tuple(sorted(group, key=lambda change: change.rank)))
            for name, group in groupby(by_name, lambda change: change.component)
        ]
        return tuple(sorted(groups, key=lambda group: group[1][0].rank))


def counts(changes: Iterable[Change]) -> dict[Action, int]:
    """How many resources by action, the actions in their order."""
    found = [change.action for change in changes]
    return {action: found.count(action) for action in Action if action in found}


def counted(changes: Iterable[Change]) -> str:
    """The same in words: ``1 delete, 3 update``."""
    return ", ".join(f"{count} {action}" for action, count in counts(changes).items()) or "nothing"
