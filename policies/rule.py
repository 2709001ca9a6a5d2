"""What a rule is: one function over one resource, with its reason, level and source."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum

from infra.settings import StackSettings
from policies.graph import Graph, Node

PRODUCTION = "production"
"""The environment that the strictest level is about."""


class Level(Enum):
    """Where a violation stops the update."""

    MANDATORY = "mandatory"
    """Everywhere."""
    PRODUCTION = "mandatory in production"
    """In production; elsewhere it is advice."""
    ADVISORY = "advisory"
    """Nowhere."""


class Severity(Enum):
    """How bad a violation is; reports are sorted by it."""

    CRITICAL = 1
    """Data lost or open to the world."""
    HIGH = 2
    """An outage or a hole, given one more mistake."""
    MEDIUM = 3
    """Costs, recovery or operation suffer."""
    LOW = 4
    """Untidy."""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What a rule may look at beside its resource; a rule asks nothing else, no clock and no file."""

    graph: Graph
    settings: StackSettings
    today: date

    @property
    def environment(self) -> str:
        """The stack's environment, such as `production`."""
        return self.settings.environment


Check = Callable[[Node, Scene], Iterator[str]]
"""Yields a message for each way in which the resource breaks the rule. No message holds a property's value that could
be a secret."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule: `check` is called for each resource that `subjects` names."""

    id: str
    level: Level
    severity: Severity
    source: str
    """Where it comes from: checks of scanners and benchmarks; empty if nobody else has it."""
    reason: str
    """Why it matters; the docstring of the check."""
    subjects: Callable[[Graph], Iterable[Node]]
    check: Check
    needs: frozenset[str]
    """Facts that a recording may lack (see `Graph.lacks`); the rule runs only where they are known."""
    may_wait: str
    """Why a first preview cannot decide it; empty: it always can (a test sees to it)."""

    def mandatory_in(self, environment: str) -> bool:
        """Whether a violation stops an update of this environment."""
        return self.level is Level.MANDATORY or (self.level is Level.PRODUCTION and environment == PRODUCTION)


def rule(  # noqa: PLR0913 - the words of a rule's heading
    name: str,
    *subjects: str | Callable[[Graph], Iterable[Node]],
    level: Level = Level.MANDATORY,
    severity: Severity = Severity.HIGH,
    source: str = "",
    needs: Iterable[str] = (),
    may_wait: str = "",
) -> Callable[[Check], Rule]:
    """Make a rule of a function; its docstring is the reason.

    Args:
        name: the id, `<family>-<what must hold>`.
        subjects: types of resources, or functions that choose them from the graph.
        level: as `Level`.
        severity: as `Severity`.
        source: as `Rule.source`.
        needs: as `Rule.needs`.
        may_wait: as `Rule.may_wait`.
    """

    def choose(graph: Graph) -> Iterator[Node]:
        for one in subjects:
            yield from graph.of(one) if isinstance(one, str) else one(graph)

    def made(check: Check) -> Rule:
        return Rule(
            id=name,
            level=level,
            severity=severity,
            source=source,
            reason=inspect.getdoc(check) or "",
            subjects=choose,
            check=check,
            needs=frozenset(needs),
            may_wait=may_wait,
        )

    return made
