"""The Pulumi engine, held to a plan: an update that does what a preview showed, or stops."""

import json
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from operations.clients.engine_preview import UNCHANGED, PreviewEngine
from operations.errors import EngineError
from operations.json_object import Json, dig, text

Operation = tuple[str, str]
"""An operation and the URN of its resource."""


@dataclass(frozen=True, kw_only=True)
class Applied:
    """What an update did, in its order; ``errors`` says why it stopped, where it did."""

    done: tuple[Operation, ...]
    errors: tuple[str, ...] = ()


class ApplyEngine(PreviewEngine):
    """One stack, updated by plans only."""

    def apply(self, plan_file: Path, on_done: Callable[[Operation], None]) -> Applied:
        """Do what the plan says and nothing else.

        Args:
            plan_file: a plan that ``preview`` saved.
            on_done: told of each operation when it has ended.

        Raises:
            EngineError: the engine could not be started, or ended without a word.
        """
        asked = ["up", "--plan", str(plan_file), "--skip-preview", "--yes", "--json"]
        # No limit of time: a cluster takes a quarter of an hour, and an update cut off is the worst that can happen.
        with subprocess.Popen(
            [self._program(), *asked, "--stack", self._stack, "--non-interactive"],
            cwd=self._root,
            env=self._variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            applied = read_events(process.stdout or (), on_done)
            said = process.stderr.read().strip() if process.stderr else ""
        if process.returncode and not applied.errors:
            raise EngineError(f"pulumi up failed: {said.removeprefix('error: ') or 'it said nothing'}")
        return applied


def read_events(lines: Iterable[str], on_done: Callable[[Operation], None]) -> Applied:
    """What an update did, from the events that it printed, a line each."""
    done, errors = list[Operation](), list[str]()
    for event in _events(lines):
        metadata = dig(event, "resOutputsEvent", "metadata")
        operation = (text(metadata, "op"), text(metadata, "urn"))
        if operation[0] and operation[0] not in UNCHANGED:
            done.append(operation)
            on_done(operation)
        if text(event, "diagnosticEvent", "severity") == "error":
            errors.append(text(event, "diagnosticEvent", "message").strip().removeprefix("error: "))
    return Applied(done=tuple(done), errors=tuple(dict.fromkeys(errors)))


def _events(lines: Iterable[str]) -> Iterator[Json]:
    for line in lines:
        try:
            event: object = json.loads(line)
        except json.JSONDecodeError:
            continue  # a line of a program or a plugin between the engine's
        if isinstance(event, dict):
            yield event
