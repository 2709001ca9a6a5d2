"""The Pulumi engine, through its own command line.

The environment decides which backend and which secrets: the same code reads the local cloud and a real
account. Only reads so far; none of them takes the stack's lock, needs the passphrase or starts a provider.
"""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from operations.clients.machine import find_program
from operations.errors import EngineError, UnreadableStateError
from operations.json_object import Json, dig, objects, text

TIMEOUT_S = 60
"""Seconds for one read: 0.2 s on a file backend, more where the state is large and in S3."""

SECRET = "[secret]"  # noqa: S105 - what the engine itself prints in a secret's place
"""Stands where an output is secret; the value itself is never read."""

_SECRET_SIGNATURE = "4dabf18193072939515e22adb298388d"  # noqa: S105 - the engine's mark of an encrypted value
_UNREADABLE = "failed to load checkpoint"
_EXIT_NOT_LOGGED_IN = 3
_EXIT_NO_STACK = 6


@dataclass(frozen=True, kw_only=True)
class StateResource:
    """One resource as the last update left it; ``inputs`` and ``outputs`` without secrets."""

    urn: str
    kind: str
    id: str = ""
    outputs: Json = field(default_factory=dict)
    inputs: Json = field(default_factory=dict, repr=False)
    parent: str = ""

    @property
    def name(self) -> str:
        """The logical name, the last part of the URN."""
        return self.urn.rsplit("::", 1)[-1]


@dataclass(frozen=True, kw_only=True)
class StackState:
    """The stack's checkpoint: read in one piece, so that its parts agree.

    ``interrupted`` names operations that were begun and not ended: an update is running now, or one was
    killed. The state alone cannot tell which.
    """

    resources: tuple[StateResource, ...] = ()
    outputs: Json = field(default_factory=dict)
    interrupted: tuple[str, ...] = ()
    engine_version: str = ""

    def of_kind(self, kind: str) -> tuple[StateResource, ...]:
        """The resources of a type, ``aws:rds/instance:Instance``."""
        return tuple(resource for resource in self.resources if resource.kind == kind)


@dataclass(frozen=True, kw_only=True)
class Update:
    """One entry of the stack's history; ``result`` is ``succeeded``, ``failed`` or ``in-progress``."""

    kind: str
    result: str
    ended: datetime | None
    message: str = ""


class EngineClient:
    """One stack, read through ``pulumi``."""

    def __init__(self, stack: str, root: Path, environment: Mapping[str, str] = os.environ) -> None:
        self._stack = stack
        self._root = root
        self._environment = environment

    def state(self) -> StackState:
        """The stack's checkpoint.

        Raises:
            EngineError: no program, no login, no such stack, or a state that cannot be read.
        """
        return _state(dig(self._read_json(["stack", "export"]), "deployment"))

    def backend_url(self) -> str:
        """Where the states are, as ``pulumi login`` was given it.

        Raises:
            EngineError: nobody is logged in.
        """
        known = self._environment.get("PULUMI_BACKEND_URL")
        return known or text(
            json.loads(self._run(["whoami", "--verbose", "--json", "--non-interactive"])), "url"
        )

    def last_update(self) -> Update | None:
        """The newest entry of the history (one killed before its end leaves none), or none.

        Raises:
            EngineError: as ``state``.
        """
        history = objects(self._read_json(["stack", "history", "--json", "--page-size", "1"]))
        return _update(history[0]) if history else None

    def _read_json(self, arguments: Sequence[str]) -> object:
        text = self._run([*arguments, "--stack", self._stack, "--non-interactive"])
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            raise EngineError(
                f"pulumi {' '.join(arguments)} answered something that is not JSON: {error}"
            ) from error

    def _run(self, arguments: Sequence[str]) -> str:
        done = self._call(arguments, TIMEOUT_S)
        if done.returncode:
            raise self._failure(done.returncode, done.stderr.strip())
        return done.stdout

    def _call(self, arguments: Sequence[str], timeout_s: int) -> "subprocess.CompletedProcess[str]":
        try:
            return subprocess.run(
                [self._program(), *arguments],
                cwd=self._root,
                env=self._variables(),
                capture_output=True,
                text=True,
                timeout=timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise EngineError(f"pulumi {' '.join(arguments)} did not answer within {timeout_s} s") from None

    def _program(self) -> str:
        program = find_program("pulumi", self._environment)
        if program is None:
            raise EngineError("pulumi is not installed, or not on PATH", _ENVIRONMENT_HINT)
        return program

    def _variables(self) -> dict[str, str]:
        return {**self._environment, "PULUMI_SKIP_UPDATE_CHECK": "true", "NO_COLOR": "1"}

    def _failure(self, code: int, said: str) -> EngineError:
        if code == _EXIT_NOT_LOGGED_IN:
            return EngineError("pulumi is not logged in to a backend", _ENVIRONMENT_HINT)
        if code == _EXIT_NO_STACK:
            where = self._environment.get("PULUMI_BACKEND_URL", "the backend pulumi is logged in to")
            return EngineError(f"the stack {self._stack} does not exist in {where}", _ENVIRONMENT_HINT)
        if _UNREADABLE in said:
            return UnreadableStateError(
                f"the state of stack {self._stack} cannot be read: {said.removeprefix('error: ')}",
                f"intendly heal --stack {self._stack} names the copy before it",
            )
        return EngineError(f"pulumi failed ({code}): {said.removeprefix('error: ') or 'it said nothing'}")


_ENVIRONMENT_HINT = (
    'for the local cloud: eval "$(.venv/bin/python -m localcloud env --stack STACK)"; '
    "for a real account: pulumi login s3://BUCKET; `intendly doctor` checks this machine"
)


def _state(deployment: object) -> StackState:
    resources = tuple(
        StateResource(
            urn=text(one, "urn"),
            kind=text(one, "type"),
            id=text(one, "id"),
            outputs=_masked(one.get("outputs") or {}),
            inputs=_masked(one.get("inputs") or {}),
            parent=text(one, "parent"),
        )
        for one in objects(dig(deployment, "resources"))
        if not one.get("delete")  # replaced, its deletion still pending: not the stack's any more
    )
    roots = [one for one in resources if one.kind == "pulumi:pulumi:Stack"]
    return StackState(
        resources=tuple(one for one in resources if one not in roots),
        outputs=roots[0].outputs if roots else {},
        interrupted=tuple(
            f"{text(one, 'type')} {text(one, 'resource', 'urn').split('::', 2)[-1]}"
            for one in objects(dig(deployment, "pending_operations"))
        ),
        engine_version=text(deployment, "manifest", "version").removeprefix("v"),
    )


def _masked(value: Any) -> Any:  # noqa: ANN401 - any JSON in, the same JSON out
    if isinstance(value, dict):
        members = cast("Json", value)
        if _SECRET_SIGNATURE in members and "ciphertext" in members:
            return SECRET
        return {key: _masked(member) for key, member in members.items()}
    if isinstance(value, list):
        return [_masked(member) for member in cast("list[Any]", value)]
    return value


def _update(entry: Json) -> Update:
    ended = text(entry, "endTime")
    return Update(
        kind=text(entry, "kind"),
        result=text(entry, "result"),
        ended=datetime.fromisoformat(ended) if ended else None,
        message=text(entry, "message"),
    )
