"""Dangerous edits of both stacks, by the hundred: each is caught by a policy, or its harmlessness is explained."""

from tests.support.mutants import OPERATORS
from tests.support.mutations import PAGE, explained, explanations, open_survivors, page, results
from tests.support.stacks import STACKS


def test_every_dangerous_edit_is_caught_or_explained() -> None:
    assert open_survivors() == []


def test_there_are_hundreds_and_every_kind_of_edit_is_among_them_in_both_stacks() -> None:
    for stack in STACKS:
        mine = [one for one in results() if one.stack == stack]
        assert len(mine) > 700
        assert {one.mutant.operator for one in mine} >= set(OPERATORS) - {"protect dropped"}


def test_nine_in_ten_are_caught_and_not_explained_away() -> None:
    caught = sum(bool(one.caught_by) for one in results())
    assert caught > 0.9 * len(results())


def test_no_edit_breaks_a_policy_itself() -> None:
    assert [(one.mutant.place, one.crashed) for one in results() if one.crashed] == []


def test_no_explanation_is_idle() -> None:
    used = {explained(one) for one in results() if not one.caught_by}
    assert [one.place for one in explanations() if one not in used] == []


def test_the_page_shows_what_the_policies_do() -> None:
    assert PAGE.read_text() == page(), "docs/mutations.md is stale: run `make docs`"
