"""The page docs/approved-edits.md: what was edited, shown, approved and done."""

from collections import Counter
from collections.abc import Iterator, Sequence

from tests.support.lies import Outcome
from tests.support.stacks import ROOT

PAGE = ROOT / "docs" / "approved-edits.md"

INTRODUCTION = """# Shown, approved, done

Made by `make sweep` from `tests/support/made_edits.py`: edits of staging's settings (from what their models allow), of
the applications' configuration and of the program, in batches that get along. Each batch was previewed and approved
(`intendly preview --approve`) and applied (`intendly apply`) on the local cloud with the real engine. Then the
approved operations were compared with the engine's events; the report with what became of each resource in the state
(new, gone, made anew, changed) and with its inputs, value by value, where they were known; and the state with AWS's
stand-in and the API server. A difference is a lie. What would replace or delete data, unnamed, must be refused without
anything being touched. CI repeats a sample of 30 (`tests/engine/test_lies.py`).
"""


def page(outcomes: Sequence[Outcome]) -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, *_table(outcomes), *_exceptions(outcomes), ""])


def _table(outcomes: Sequence[Outcome]) -> Iterator[str]:
    all_kinds, refused, failed = Counter[str](), Counter[str](), Counter[str]()
    for outcome in outcomes:
        all_kinds.update(outcome.kinds)
        refused.update(outcome.kinds if outcome.refused else ())
        failed.update(outcome.kinds if outcome.failed else ())
    yield "| edits of | tried | done exactly as shown | rightly refused | stopped by the engine |"
    yield "| --- | --- | --- | --- | --- |"
    for kind, count in sorted(all_kinds.items()):
        done = count - refused[kind] - failed[kind]
        yield f"| {kind} | {count} | {done} | {refused[kind]} | {failed[kind]} |"
    gone, stopped = refused.total(), failed.total()
    total = all_kinds.total()
    yield f"| **together** | **{total}** | **{total - gone - stopped}** | **{gone}** | **{stopped}** |"
    shown = sum(outcome.shown for outcome in outcomes)
    lies = sum(len(outcome.lies) for outcome in outcomes)
    yield f"\n{len(outcomes)} batches, {shown} changes of resources shown, **{lies} lies**."


def _exceptions(outcomes: Sequence[Outcome]) -> Iterator[str]:
    for title, chosen in (
        ("Refused, since data would go", [one for one in outcomes if one.refused]),
        ("Stopped by the engine", [one for one in outcomes if one.failed]),
        ("Lies", [one for one in outcomes if one.lies]),
    ):
        if chosen:
            yield f"\n## {title}"
        for one in chosen:
            why = "; ".join([*(urn.rpartition("::")[2] for urn in one.refused), one.failed, *one.lies])
            yield f"- `{'`, `'.join(one.edits)}`: {why.strip('; ')}"
