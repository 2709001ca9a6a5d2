"""``intendly apply``: does exactly what was approved, or says what moved and touches nothing."""

import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from operations.clients.engine_apply import Applied, ApplyEngine, Operation
from operations.errors import EngineError, RefusedError
from operations.services.approval import Approval
from operations.services.approving import Surroundings, movements
from operations.services.fingerprints import Movement

ITEMS: Final = 5
"""Items of a thing that moved which a message names."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether an approval holds: what moved since, and what goes without being named."""

    moved: tuple[Movement, ...]
    unnamed: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether it may be applied."""
        return not self.moved and not self.unnamed


class ApplyService:
    """Holds an approval against what there is, and applies it.

    Args:
        surroundings: what there is.
        engine: the stack's engine.
    """

    def __init__(self, surroundings: Surroundings, engine: ApplyEngine) -> None:
        self._surroundings = surroundings
        self._engine = engine

    def check(self, approval: Approval) -> Verdict:
        """Whether the approval holds; reads only.

        Raises:
            EngineError: the state cannot be read.
        """
        return Verdict(
            moved=movements(approval, self._surroundings.now()),
            unnamed=tuple(one.urn for one in approval.named if not one.allowed),
        )

    def run(self, approval: Approval, on_done: Callable[[Operation], None]) -> Applied:
        """Do what was approved.

        Args:
            approval: what was approved.
            on_done: told of each operation when it has ended.

        Raises:
            RefusedError: it does not hold; nothing was touched.
            EngineError: the engine stopped on the way, or did something else.
        """
        refuse(approval, self.check(approval))
        with tempfile.TemporaryDirectory() as folder:  # nobody else's
            plan = Path(folder) / "plan.json"
            with os.fdopen(os.open(plan, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                json.dump(approval.plan, file)
            applied = self._engine.apply(plan, on_done)
        if applied.errors:
            raise EngineError(
                f"the update stopped after {len(applied.done)} of {len(approval.operations)} operations: "
                + "; ".join(applied.errors[:ITEMS]),
                f"what was done is in the state; see what is left: intendly preview --stack {approval.stack}",
            )
        if differing := _differing(approval, applied):
            raise EngineError(f"the engine did not do what was approved: {'; '.join(differing)}")
        return applied


def refuse(approval: Approval, verdict: Verdict) -> None:
    """Raise what keeps the approval from being applied.

    Raises:
        RefusedError: it does not hold.
    """
    anew = f"intendly preview --stack {approval.stack} --approve FILE"
    if verdict.moved:
        raise RefusedError(
            "moved since the approval: " + "; ".join(_told(one) for one in verdict.moved),
            f"look at what would happen now: {anew}",
        )
    if verdict.unnamed:
        raise RefusedError(
            f"holds data, would be replaced or deleted, and is not named: {', '.join(verdict.unnamed)}",
            f"when it may go: {anew} {' '.join(f'--allow {urn!r}' for urn in verdict.unnamed)}",
        )


def _told(movement: Movement) -> str:
    more = len(movement.items) - ITEMS
    rest = f" and {more} more" if more > 0 else ""
    return f"{movement.thing} ({', '.join(movement.items[:ITEMS])}{rest})"


def _differing(approval: Approval, applied: Applied) -> list[str]:
    """What was approved and not done, or done and not approved."""
    wanted, done = Counter(approval.operations), Counter(applied.done)
    return [*_named(wanted - done, "not done"), *_named(done - wanted, "not approved")]


def _named(operations: Counter[Operation], what: str) -> Iterator[str]:
    return (f"{what}: {operation} {urn}" for operation, urn in operations)
