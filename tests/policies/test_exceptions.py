"""Exemptions are data with an owner and an end."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from policies.evaluate import Kind, Report, evaluate
from policies.exceptions import ExceptionsError, Exemption, load_exceptions
from policies.rules.database import INSTANCE, private
from tests.support.policy_graph import TODAY, Draft, scene, stack_graph


def exemption(expires: date = TODAY, stack: str = "production") -> Exemption:
    return Exemption(
        rule="database-private",
        resource="aws:rds/instance:Instance::database-instance",
        stacks=(stack,),
        reason="a migration reads it from outside for a week",
        owner="platform",
        expires=expires,
    )


def public_database(*exemptions: Exemption) -> Report:
    draft = Draft(stack_graph("production"))
    draft.set(draft.node(INSTANCE), "publiclyAccessible", to=True)
    return evaluate([private], scene(draft.graph()), exemptions)


def test_it_lets_one_resource_break_one_rule_to_its_last_day() -> None:
    report = public_database(exemption())
    assert not report.findings
    assert [found.rule for found in report.exempted] == ["database-private"]


def test_an_expired_one_fails_and_lets_nothing_pass() -> None:
    report = public_database(exemption(TODAY - timedelta(days=1)))
    assert [(one.kind, one.mandatory) for one in report.findings] == [
        (Kind.VIOLATION, True),
        (Kind.EXEMPTION, True),
    ]


def test_an_idle_one_fails() -> None:
    report = evaluate([private], scene(stack_graph("production")), [exemption()])
    assert [(one.kind, one.mandatory) for one in report.findings] == [(Kind.EXEMPTION, True)]
    assert "idle" in report.findings[0].message


def test_one_of_another_stack_changes_nothing() -> None:
    assert public_database(exemption(stack="staging")).violated == {"database-private"}


@pytest.mark.parametrize("text", ["- rule: [", "- rule: x", "5", "- {rule: x, resource: y, extra: z}"])
def test_a_file_that_does_not_load_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "exceptions.yaml"
    file.write_text(text)
    with pytest.raises(ExceptionsError, match=r"exceptions\.yaml"):
        load_exceptions(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExceptionsError, match=r"none\.yaml"):
        load_exceptions(tmp_path / "none.yaml")
