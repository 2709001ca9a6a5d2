"""What catches which dangerous edit of the tracked stacks: docs/mutations.md, `--write` or `--check`."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import yaml

from policies.evaluate import Kind, evaluate
from policies.graph import Graph, Node
from policies.registry import RULES
from policies.rule import Rule
from tests.support import generated
from tests.support.looks import Look, looks_at
from tests.support.mutants import OPERATORS, Mutant, mutants
from tests.support.policy_graph import scene, stack_graph
from tests.support.stacks import ROOT, STACKS

PAGE = ROOT / "docs" / "mutations.md"
INTRODUCTION = (
    "Which policy catches which dangerous edit: one thing of one resource is weakened at a time, in both tracked stacks,"
    " by the table in `tests/support/mutants.py`. Made by `make docs`; `tests/policies/test_mutations.py` holds the page"
    " to what the policies do."
)
EXPLANATIONS = Path(__file__).parents[1] / "policies" / "survivors.yaml"


@dataclass(frozen=True, kw_only=True)
class Result:
    """What became of one mutant."""

    stack: str
    mutant: Mutant
    caught_by: frozenset[str]
    """Ids of rules."""
    crashed: frozenset[str]
    """Ids of rules that it broke."""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Why nothing need catch some mutants."""

    operator: str
    place: str
    """A pattern over type and place."""
    why: str

    def covers(self, mutant: Mutant) -> bool:
        """Whether it speaks of this mutant."""
        return self.operator in ("*", mutant.operator) and fnmatchcase(mutant.place, self.place)


@cache
def explanations() -> tuple[Explanation, ...]:
    """The tracked ones."""
    return tuple(Explanation(**one) for one in yaml.safe_load(EXPLANATIONS.read_text()))


def explained(result: Result) -> Explanation | None:
    """Why a survivor is none."""
    return next((one for one in explanations() if one.covers(result.mutant)), None)


@cache
def results() -> tuple[Result, ...]:
    """Every mutant of both stacks, against the rules that look at resources of its type."""
    return tuple(one for stack in STACKS for one in _results(stack))


def _results(stack: str) -> Iterator[Result]:
    graph = stack_graph(stack)
    looks = looks_at(graph, stack)
    before = {(one.rule, one.urn, one.message) for one in evaluate(RULES, scene(graph, stack)).findings}
    for mutant in mutants(graph):
        rules = [rule for rule in (_concerned(rule, mutant.node, looks[rule.id]) for rule in RULES) if rule]
        findings = evaluate(rules, scene(mutant.graph(graph), stack)).findings
        new = [one for one in findings if (one.rule, one.urn, one.message) not in before]
        yield Result(
            stack=stack,
            mutant=mutant,
            caught_by=frozenset(one.rule for one in new if one.kind is Kind.VIOLATION),
            crashed=frozenset(one.rule for one in new if one.kind is Kind.CRASH),
        )


def _concerned(rule: Rule, changed: Node, looks: Mapping[str, Look]) -> Rule | None:
    """A rule for those resources alone about which it may now say something else."""
    others = {urn for urn, look in looks.items() if urn != changed.urn and not look.meets(changed)}
    if len(others) == len(looks):
        return None

    def subjects(graph: Graph) -> Iterable[Node]:
        return (one for one in rule.subjects(graph) if one.urn not in others)

    return replace(rule, subjects=subjects)


def page() -> str:
    """The page."""
    return "\n".join(
        [
            "# Mutations",
            "",
            INTRODUCTION,
            "",
            *_by_operator(),
            "",
            *_by_rule(),
            "",
            *_survivors(),
            "",
        ]
    )


def _by_operator() -> Iterator[str]:
    yield "| edit | mutants | caught | explained | open |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for operator in (*OPERATORS, ""):
        some = [one for one in results() if operator in ("", one.mutant.operator)]
        caught = sum(bool(one.caught_by) for one in some)
        harmless = sum(not one.caught_by and explained(one) is not None for one in some)
        name = operator or "**together**"
        yield f"| {name} | {len(some)} | {caught} | {harmless} | {len(some) - caught - harmless} |"


def _by_rule() -> Iterator[str]:
    yield "## By policy"
    yield ""
    yield "How many mutants a policy catches, and how many of them no other does."
    yield ""
    yield "| policy | caught | alone | edits |"
    yield "| --- | ---: | ---: | --- |"
    for rule in sorted(RULES, key=_id):
        mine = [one for one in results() if rule.id in one.caught_by]
        alone = sum(len(one.caught_by) == 1 for one in mine)
        edits = ", ".join(name for name in OPERATORS if any(one.mutant.operator == name for one in mine))
        yield f"| {rule.id} | {len(mine)} | {alone} | {edits} |"


def _id(rule: Rule) -> str:
    return rule.id


def _survivors() -> Iterator[str]:
    yield "## What nothing catches, and why it need not"
    yield ""
    yield "| edit | place | mutants | why |"
    yield "| --- | --- | ---: | --- |"
    counts = Counter(explained(one) for one in results() if not one.caught_by)
    for one in explanations():
        yield f"| {one.operator.replace('*', 'any')} | `{one.place}` | {counts[one]} | {one.why} |"


def open_survivors() -> list[str]:
    """What neither a policy catches nor a reason explains."""
    return sorted(
        f"{one.stack}: {one.mutant.operator}: {one.mutant.place} ({one.mutant.node.name})"
        for one in results()
        if not one.caught_by and explained(one) is None
    )


if __name__ == "__main__":
    sys.exit(generated.run(PAGE, page))
