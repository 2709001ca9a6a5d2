"""A case shows what a rule catches, or what it rightly lets pass, by one edit of the real production graph."""

from collections.abc import Callable
from dataclasses import dataclass

from policies.graph import Graph
from policies.rule import Rule
from tests.support.policy_graph import Draft

Edit = Callable[[Draft], object]
"""Changes a draft of the production graph."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One edit and the rules that it violates; none: a near miss of `rule`."""

    rule: str
    edit: Edit
    violates: frozenset[str]
    minimal: bool
    """Whether the edit starts from an empty graph, not from production's."""

    @property
    def name(self) -> str:
        """Rule and edit, for pytest."""
        return f"{self.rule}: {self.edit.__name__}"

    def graph(self, production: Graph) -> Graph:
        """The edited graph."""
        draft = Draft() if self.minimal else Draft(production)
        self.edit(draft)
        return draft.graph()


def violates(rule: Rule, *, also: tuple[str, ...] = (), minimal: bool = False) -> Callable[[Edit], Case]:
    """The edit breaks this rule, and no other but those named in `also`."""

    def made(edit: Edit) -> Case:
        return Case(rule=rule.id, edit=edit, violates=frozenset({rule.id, *also}), minimal=minimal)

    return made


def spares(rule: Rule, *, minimal: bool = False) -> Callable[[Edit], Case]:
    """The edit comes near this rule and breaks none."""

    def made(edit: Edit) -> Case:
        return Case(rule=rule.id, edit=edit, violates=frozenset(), minimal=minimal)

    return made
