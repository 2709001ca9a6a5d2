"""The engine's pack says what pytest says: one rule, two runners."""

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from pulumi_policy import PolicyResource, StackValidationArgs

from policies.engine import Judge, engine_graph
from policies.evaluate import evaluate
from policies.exceptions import load_exceptions
from policies.graph import Graph, Options
from policies.registry import RULES
from policies.rules.database import INSTANCE
from tests.policies.case import Case
from tests.policies.engine_resources import engine_inputs, engine_resources, known_to_the_engine
from tests.policies.test_rules import CASES
from tests.policies.test_unknown import preview_graph
from tests.support.policy_graph import TODAY, Draft, scene, stack_graph
from tests.support.stacks import ROOT


@dataclass
class Said:
    """What a run of the pack reported."""

    mandatory: list[tuple[str, str | None]] = field(default_factory=list[tuple[str, str | None]])
    advisory: list[tuple[str, str | None]] = field(default_factory=list[tuple[str, str | None]])


def run_pack(graph: Graph, root: Path = ROOT, off: Iterable[str] = ()) -> Said:
    said = Said()
    judge = Judge(root, TODAY)
    resources = engine_resources(graph)
    config: dict[str, Any] = {"off": list(off)}
    for run, into in ((judge.mandatory, said.mandatory), (judge.advisory, said.advisory)):
        run(
            StackValidationArgs(resources, config),
            lambda message, urn, into=into: into.append((message, urn)),
        )
    return said


def in_production(graph: Graph) -> Graph:
    """The graph with a production stack's URNs: where a pack gets the stack's name from."""

    def moved(urn: str) -> str:
        return urn.replace("urn:pulumi:test::", "urn:pulumi:production::")

    nodes = [
        replace(
            node,
            urn=moved(node.urn),
            options=Options(
                protect=node.options.protect,
                ignore_changes=node.options.ignore_changes,
                provider=moved(node.options.provider),
            ),
            parent=moved(node.parent),
            dependencies=frozenset(moved(urn) for urn in node.dependencies),
            property_dependencies={
                key: frozenset(moved(urn) for urn in urns) for key, urns in node.property_dependencies.items()
            },
        )
        for node in graph.nodes
    ]
    return Graph(nodes=tuple(nodes), outputs=graph.outputs)


@pytest.mark.parametrize("graph", [stack_graph, preview_graph])
def test_a_graph_survives_the_way_through_the_engine(graph: Any) -> None:  # noqa: ANN401 - one of the two above
    there = known_to_the_engine(in_production(graph("production")))
    back = engine_graph(engine_resources(there), {})
    assert len(back.nodes) == len(there.nodes)
    for mine, theirs in zip(there.nodes, back.nodes, strict=True):
        assert theirs.properties.raw == mine.properties.raw
        assert (theirs.urn, theirs.options, theirs.parent) == (
            mine.urn,
            mine.options,
            mine.parent if mine.parent in there.by_urn else "",
        )
        assert dict(theirs.property_dependencies) == dict(mine.property_dependencies)
        assert theirs.dependencies == mine.dependencies
    assert back.lacks == there.lacks


ONE_A_RULE = {case.rule: case for case in CASES if case.violates and not case.minimal}


@pytest.mark.parametrize("case", ONE_A_RULE.values(), ids=lambda case: case.name)
def test_the_pack_says_what_pytest_says(case: Case) -> None:
    graph = in_production(case.graph(stack_graph("production")))
    expected = evaluate(RULES, scene(known_to_the_engine(graph)), load_exceptions()).findings
    said = run_pack(graph)
    assert said.mandatory == [(str(one), one.urn) for one in expected if one.mandatory]
    assert said.advisory == [(str(one), one.urn) for one in expected if not one.mandatory]


def test_what_the_program_asks_for_counts_not_what_a_provider_answers() -> None:
    graph = in_production(stack_graph("production"))
    judge, said = Judge(ROOT, TODAY), list[str]()
    for args in engine_inputs(graph):
        judge.collect(args, lambda message, _urn=None: said.append(message))
    answered = [_silent(one) for one in engine_resources(graph)]
    judge.mandatory(StackValidationArgs(answered), lambda message, _urn=None: said.append(message))
    assert said == []


def _silent(resource: PolicyResource) -> PolicyResource:
    """A resource whose provider is not reached yet: nothing of it is known."""
    resource.props = {}
    return resource


def test_what_is_not_known_yet_is_said_and_stops_nothing() -> None:
    said = run_pack(in_production(preview_graph("production")))
    assert said.mandatory == []
    assert any("undecided" in message for message, _ in said.advisory)


def test_a_rule_can_be_left_out_for_a_trial() -> None:
    draft = Draft(stack_graph("production"))
    draft.set(draft.node(INSTANCE), "publiclyAccessible", to=True)
    graph = in_production(draft.graph())
    assert len(run_pack(graph).mandatory) == 1
    assert run_pack(graph, off=["database-private"]).mandatory == []


def test_settings_that_cannot_be_read_stop_the_update(tmp_path: Path) -> None:
    said = run_pack(in_production(stack_graph("production")), root=tmp_path)
    assert [message.split(":")[0] for message, _ in said.mandatory] == ["the policies could not run"]
    assert said.advisory == []


def test_the_pack_starts_from_any_folder_and_tells_its_port(tmp_path: Path) -> None:
    pack = str(ROOT / "policies" / "pack.py")
    with subprocess.Popen([pack], cwd=tmp_path, stdout=subprocess.PIPE, text=True, env={}) as started:
        assert started.stdout is not None
        try:
            assert int(started.stdout.readline()) > 0
        finally:
            started.kill()
