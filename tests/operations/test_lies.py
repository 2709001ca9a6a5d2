"""The comparison that `make sweep` makes finds a lie when there is one."""

from typing import Any

from operations.clients.engine_preview import Preview, PreviewStep
from operations.services.preview_report import make_report
from tests.operations import previews
from tests.operations.previews import step
from tests.support.lies import differences, unlike
from tests.support.made_edits import all_edits, batches

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
A, B = previews.INSTANCE, previews.ROLE


def there(urn: str, created: str = "1", modified: str = "1", **inputs: Any) -> dict[str, Any]:  # noqa: ANN401 - inputs of any type
    return {"urn": urn, "created": created, "modified": modified, "inputs": inputs}


def found(*steps: PreviewStep, before: list[Any], after: list[Any]) -> list[str]:
    preview = Preview(steps=steps)
    report = make_report("staging", preview)
    return differences(report, preview, {"resources": before}, {"resources": after})


UPDATED = step("update", A, "size", old={"size": 1}, new={"size": 2})


def test_what_was_shown_and_done_is_no_lie() -> None:
    assert found(UPDATED, before=[there(A, size=1)], after=[there(A, modified="2", size=2)]) == []
    assert found(step("create", A), before=[], after=[there(A)]) == []
    assert found(step("delete", A), before=[there(A)], after=[]) == []
    anew = [there(A, created="2", modified="2", size=2)]
    assert found(*previews.replaced(A, "size", 1, 2), before=[there(A, size=1)], after=anew) == []


def test_what_was_shown_and_not_done_is_one() -> None:
    assert found(UPDATED, before=[there(A, size=1)], after=[there(A, size=1)]) == [
        f"{A}: shown update, done nothing",
        f"{A}: shown and done differ at .size",
    ]


def test_what_was_done_and_not_shown_is_one() -> None:
    assert found(before=[there(B)], after=[]) == [f"{B}: shown nothing, done delete"]


def test_an_update_that_was_a_replacement_is_one() -> None:
    anew = [there(A, created="2", modified="2", size=2)]
    assert found(UPDATED, before=[there(A, size=1)], after=anew) == [f"{A}: shown update, done replace"]


def test_another_value_is_one() -> None:
    assert found(UPDATED, before=[there(A, size=1)], after=[there(A, modified="2", size=3)]) == [
        f"{A}: shown and done differ at .size"
    ]


def test_what_was_not_known_or_is_secret_is_not_compared() -> None:
    shown = {"a": UNKNOWN, "b": ["[secret]", {"c": 1}], "__defaults": []}
    assert list(unlike(shown, {"a": 7, "b": [{"ciphertext": "x"}, {"c": 1}], "__defaults": ["a"]})) == []
    assert list(unlike(shown, {"a": 7, "b": [{"ciphertext": "x"}, {"c": 2}]})) == [".b[1].c"]


def test_hundreds_of_edits_are_made_and_batches_get_along() -> None:
    edits = all_edits()
    assert len(edits) > 300
    assert {"image", "class", "scale", "schedule", "tag", "name", "program"} <= {one.kind for one in edits}
    assert len({str(one) for one in edits}) == len(edits)
    [first, *_] = batches(edits[:60], 10, 1)
    assert len({one.place for one in first}) == len(first) == 10
