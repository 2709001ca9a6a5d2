"""Where what was shown and what was done differ, found without the engine's own account of what it did."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import pytest

from localcloud.cloud import LocalCloud
from localcloud.kube_api import Json
from operations.clients.engine_preview import Preview
from operations.errors import EngineError, RefusedError
from operations.factory import Factory
from operations.reports.model import Action, Report
from operations.services.preview_differences import SECRET, UNKNOWN_MARKS
from operations.services.preview_report import STACK, kind_of
from tests.support.agreement import deployment, disagreements
from tests.support.checkout import Checkout
from tests.support.made_edits import MadeEdit, settings_of, write

NEW: Final = frozenset({"create", "update", "create-replacement"})
"""Operations after which the state has the previewed inputs."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A batch of edits, previewed, approved and applied."""

    edits: tuple[str, ...]
    kinds: tuple[str, ...]
    shown: int
    """Changes that were shown."""
    refused: tuple[str, ...]
    """URNs for which it was refused, since they hold data and were not named."""
    failed: str
    """Why the engine stopped, in its words; empty where it did not."""
    lies: tuple[str, ...]


def outcomes(checkout: Checkout, batch: Sequence[MadeEdit]) -> Iterator[Outcome]:
    """What came of a batch. One that is refused is tried again from the tracked settings, for what goes may be of the
    batch before; then in halves, until what is refused stands alone.
    """
    outcome = try_batch(checkout, batch)
    if outcome.refused and not outcome.lies:
        restore(checkout)
        outcome = try_batch(checkout, batch)
    if outcome.refused and len(batch) > 1 and not outcome.lies:
        middle = len(batch) // 2
        yield from outcomes(checkout, batch[:middle])
        yield from outcomes(checkout, batch[middle:])
    else:
        yield outcome


def restore(checkout: Checkout) -> None:
    """The stack as the tracked settings have it; what holds data and goes is named, as an operator would."""
    checkout.cloud.start()
    factory = _factory(checkout.cloud)
    _, approval = factory.approving().preview(())
    if approval.named:
        _, approval = factory.approving().preview([one.urn for one in approval.named])
    factory.apply().run(approval, lambda _: None)


def try_batch(checkout: Checkout, batch: Sequence[MadeEdit]) -> Outcome:
    """Edit, preview and approve, apply, and compare; the files are as before afterwards."""
    stack_file = checkout.stack_file
    kept = {stack_file.relative_to(checkout.root).as_posix(): stack_file.read_text()}
    try:
        kept |= write(batch, checkout.root)
        stack_file.write_text(json.dumps({"config": _config(batch)}, indent=1))
        checkout.cloud.start()
        return _tried(checkout.cloud, batch)
    finally:
        for name, text in kept.items():
            (checkout.root / name).write_text(text)


def _config(batch: Sequence[MadeEdit]) -> Json:
    ours = {f"intendly:{key}": value for key, value in settings_of(batch).items()}
    return {"pulumi:disable-default-providers": ["*"], **ours}


def _factory(cloud: LocalCloud) -> Factory:
    variables = {**os.environ, **cloud.env(), "PYTHONPATH": str(cloud.paths.root)}
    return Factory(cloud.paths.root, cloud.paths.stack, None, variables)


def _tried(cloud: LocalCloud, batch: Sequence[MadeEdit]) -> Outcome:
    factory = _factory(cloud)
    before, world = deployment(cloud), cloud.paths.ledger.read_text()
    previewed, approval = factory.approving().preview(())
    service = factory.apply()
    failed, lies = "", list[str]()
    if refused := service.check(approval).unnamed:
        with pytest.raises(RefusedError):
            service.run(approval, lambda _: None)
        lies += [] if cloud.paths.ledger.read_text() == world else ["refused, and touched AWS"]
    else:
        try:
            service.run(approval, lambda _: None)
            lies += differences(previewed.report, previewed.preview, before, deployment(cloud))
        except EngineError as error:
            failed = error.message
        lies += disagreements(cloud)
    return Outcome(
        edits=tuple(map(str, batch)),
        kinds=tuple(edit.kind for edit in batch),
        shown=len(previewed.report.changes),
        refused=refused,
        failed=failed,
        lies=tuple(lies),
    )


def differences(report: Report, preview: Preview, before: Json, after: Json) -> list[str]:
    """What was shown and not done, done and not shown, or done with other values.

    Args:
        report: what people saw.
        preview: what it was made from.
        before: the state before the update.
        after: the state after it.
    """
    shown = {change.urn: change.action for change in report.changes}
    done = deeds(_resources(before), _resources(after))
    found = [
        f"{urn}: shown {shown.get(urn, 'nothing')}, done {done.get(urn, 'nothing')}"
        for urn in sorted(shown.keys() | done.keys())
        if shown.get(urn) != done.get(urn)
    ]
    inputs = {urn: one.get("inputs", {}) for urn, one in _resources(after).items()}
    for step in preview.steps:
        if step.operation in NEW and step.urn in inputs:
            found += [
                f"{step.urn}: shown and done differ at {path}"
                for path in unlike(step.new_inputs, inputs[step.urn])
            ]
    return found


def deeds(before: Mapping[str, Json], after: Mapping[str, Json]) -> dict[str, Action]:
    """What became of each resource, from the state alone."""
    found: dict[str, Action] = {}
    for urn in before.keys() | after.keys():
        old, new = before.get(urn), after.get(urn)
        if kind_of(urn) == STACK or old == new:
            continue
        if old is None or new is None:
            found[urn] = Action.CREATE if old is None else Action.DELETE
        elif old.get("created") != new.get("created"):
            found[urn] = Action.REPLACE
        elif old.get("modified") != new.get("modified"):
            found[urn] = Action.UPDATE
    return found


def unlike(shown: Any, done: Any, path: str = "") -> Iterator[str]:  # noqa: ANN401 - inputs are of any type
    """Paths at which a value that was known and no secret is another."""
    if (isinstance(shown, str) and (shown in UNKNOWN_MARKS or shown == SECRET)) or path.endswith(
        ".__defaults"
    ):
        return
    if isinstance(shown, dict) and isinstance(done, dict):
        first, second = cast("Json", shown), cast("Json", done)
        for key in first.keys() | second.keys():
            yield from unlike(first.get(key), second.get(key), f"{path}.{key}")
    elif (
        isinstance(shown, list)
        and isinstance(done, list)
        and len(cast("Json", shown)) == len(cast("Json", done))
    ):
        for index, pair in enumerate(zip(cast("list[Any]", shown), cast("list[Any]", done), strict=True)):
            yield from unlike(*pair, f"{path}[{index}]")
    elif shown != done:
        yield path or "."


def _resources(state: Json) -> dict[str, Json]:
    return {one["urn"]: one for one in state.get("resources", []) if not one.get("delete")}
