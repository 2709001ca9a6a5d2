"""What is not known yet is never taken for good, and a first preview knows enough all the same."""

from dataclasses import replace

import pytest

from policies.evaluate import Kind, evaluate
from policies.exceptions import load_exceptions
from policies.graph import Graph
from policies.registry import RULES
from policies.rules.database import INSTANCE
from policies.values import UNKNOWN, Record, Undecided, normalised
from tests.support.policy_graph import Draft, recorded_graph, scene, stack_graph
from tests.support.stacks import STACKS, first_preview

UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def preview_graph(stack: str) -> Graph:
    found = first_preview(stack)
    return recorded_graph(found.made, found.outputs, found.secret_outputs)


@pytest.mark.parametrize("stack", STACKS)
def test_a_first_preview_decides_every_mandatory_rule(stack: str) -> None:
    report = evaluate(RULES, scene(preview_graph(stack), stack), load_exceptions())
    assert [str(found) for found in report.findings if found.mandatory] == []
    waiting = {rule.id for rule in RULES if rule.may_wait}
    mandatory = {rule.id for rule in RULES if rule.mandatory_in(stack)}
    assert report.undecided & mandatory <= waiting, [str(found) for found in report.findings]


def test_no_rule_is_let_wait_for_nothing() -> None:
    undecided = {rule for stack in STACKS for rule in evaluate(RULES, scene(preview_graph(stack))).undecided}
    assert {rule.id for rule in RULES if rule.may_wait} <= undecided


def test_a_preview_knows_the_same_resources_and_edges() -> None:
    preview, known = preview_graph("production"), stack_graph("production")
    assert [node.urn for node in preview.nodes] == [node.urn for node in known.nodes]
    for before, after in zip(preview.nodes, known.nodes, strict=True):
        assert dict(before.property_dependencies) == dict(after.property_dependencies), before.urn


def test_reading_an_unknown_value_is_undecided_for_that_resource_alone() -> None:
    draft = Draft(stack_graph("production"))
    draft.set(draft.node(INSTANCE), "publiclyAccessible", to=UNKNOWN)
    findings = evaluate(RULES, scene(draft.graph()), load_exceptions()).findings
    assert [(one.rule, one.kind, one.message) for one in findings] == [
        ("database-private", Kind.UNDECIDED, "publiclyAccessible is not known yet")
    ]
    assert not findings[0].mandatory


def test_records_know_absent_from_unknown() -> None:
    record = Record(normalised({"a": {"b": UNKNOWN_TEXT, "none": None}, "list": [1.0, UNKNOWN_TEXT]}))
    assert record.at("a", "missing", "deeper") is None
    assert record.at("a", "none") is None
    assert (record.has("a", "b"), record.has("a", "b", "c"), record.has("a", "none")) == (True, True, False)
    assert not record.knows("a", "b")
    assert record.at("list")[0] == 1
    for read in (
        lambda: record.at("a", "b"),
        lambda: record.at("a", "b", "c"),
        lambda: record["a"]["b"],
        lambda: dict(record.at("a")),
        lambda: list(record.at("list")),
        lambda: record.texts("list"),
        lambda: record.at("list") == (1, 2),
    ):
        with pytest.raises(Undecided):
            read()


def test_a_rule_that_crashes_is_mandatory_and_shows_no_value() -> None:
    def crash(*_: object) -> None:
        raise ValueError("hunter2")

    broken = replace(RULES[0], check=crash)  # pyright: ignore[reportArgumentType] - broken on purpose
    findings = evaluate([broken, *RULES[1:]], scene(stack_graph("production")), load_exceptions()).findings
    assert [(one.kind, one.mandatory) for one in findings] == [(Kind.CRASH, True)]
    assert "hunter2" not in str(findings[0])
