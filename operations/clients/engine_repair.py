"""The Pulumi engine, where a stack's state is brought right: the only client that changes a state."""

import json
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from operations.clients.engine import EngineClient
from operations.errors import EngineError
from operations.json_object import Json, dig, number, objects, text

CHANGE_TIMEOUT_S: Final = 3600
"""Seconds for a refresh, an import or a preview: each asks AWS for every resource."""

PROVIDER_AWS: Final = "pulumi:providers:aws"

_MISSING = re.compile(r"resource '(?P<id>[^']+)' does not exist")
_ALREADY_THERE: Final = "-interrupted"
"""Added to the name under which the second of two is adopted; the program has none of it, so an update deletes it."""


@dataclass(frozen=True, kw_only=True)
class Interrupted:
    """A resource of which an operation was begun and not ended."""

    urn: str
    operation: str
    """``creating``, ``updating``, ``deleting``, ``reading``."""
    kind: str
    id: str
    """Empty while nobody knows it."""
    parent: str
    provider: str
    inputs: Json = field(repr=False)

    @property
    def name(self) -> str:
        """The logical name, the last part of the URN."""
        return self.urn.rsplit("::", 1)[-1]


@dataclass(frozen=True, kw_only=True)
class Adoption:
    """A resource that exists and that the state is to know, by the id that an import takes."""

    resource: Interrupted
    id: str
    second: bool = False
    """Whether the state has a resource of this URN already: the new one of an interrupted replacement."""


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """What a state says, where something was interrupted."""

    urns: frozenset[str]
    ids: frozenset[tuple[str, str]]
    """Type and id of every resource."""
    arns: frozenset[str]
    interrupted: tuple[Interrupted, ...]
    outputs: dict[str, Json] = field(default_factory=dict[str, Json], repr=False)
    """Outputs by URN; secrets in them are the engine's ciphertext."""
    aws: Json = field(default_factory=dict)
    """Inputs of the AWS provider; empty before anything was made."""

    def of_kind(self, kind: str) -> list[Json]:
        """Outputs of the resources of a type."""
        return [outputs for urn, outputs in self.outputs.items() if kind_of(urn) == kind]


class RepairEngine(EngineClient):
    """One stack, read and brought right through ``pulumi``."""

    def checkpoint(self) -> Checkpoint:
        """The state as the engine wrote it last.

        Raises:
            EngineError: as ``state``.
        """
        deployment = dig(self._read_json(["stack", "export"]), "deployment")
        resources = objects(dig(deployment, "resources"))
        providers = [dig(one, "inputs") for one in resources if text(one, "type") == PROVIDER_AWS]
        return Checkpoint(
            urns=frozenset(text(one, "urn") for one in resources),
            ids=frozenset((text(one, "type"), text(one, "id")) for one in resources),
            arns=frozenset(text(one, "outputs", "arn") for one in resources),
            interrupted=tuple(
                _interrupted(text(one, "type"), dig(one, "resource"))
                for one in objects(dig(deployment, "pending_operations"))
            ),
            outputs={text(one, "urn"): one.get("outputs") or {} for one in resources},
            aws=providers[0] if providers else {},
        )

    def keep(self, file: Path) -> None:
        """Keep a copy of the state; ``pulumi stack import --file`` takes it back."""
        content = self._run(["stack", "export", "--stack", self._stack, "--non-interactive"])
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(content, encoding="utf-8")

    def cancel(self) -> None:
        """Remove the stack's locks, all of them."""
        self._run(["cancel", self._stack, "--yes", "--non-interactive"])

    def adopt(self, adoptions: Sequence[Adoption]) -> tuple[str, ...]:
        """Have the state know what exists.

        Returns:
            URNs of those that do not exist after all.

        Raises:
            EngineError: the engine refused for another reason.
        """
        waiting, missing = list(adoptions), list[str]()
        while waiting:
            said = self._import(waiting)
            if said is None:
                break
            known = self.checkpoint().urns
            gone = {found["id"] for found in _MISSING.finditer(said)}
            missing += [one.resource.urn for one in waiting if one.id in gone]
            left = [one for one in waiting if one.id not in gone and _urn(one) not in known]
            if len(left) == len(waiting):
                raise EngineError(f"pulumi import failed: {_end_of(said)}")
            waiting = left
        return tuple(missing)

    def _import(self, adoptions: Sequence[Adoption]) -> str | None:
        """Import at once what can be; what the engine said when not everything could."""
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(import_document(adoptions), file)
            file.flush()
            done = self._call(
                [
                    *("import", "--file", file.name, "--stack", self._stack, "--yes", "--skip-preview"),
                    *("--protect=false", "--generate-code=false", "--non-interactive"),
                ],
                CHANGE_TIMEOUT_S,
            )
        return done.stdout + done.stderr if done.returncode else None

    def remove(self, urn: str) -> None:
        """Destroy one resource, in the cloud too.

        Raises:
            EngineError: it could not be.
        """
        self._change("destroy", "--target", urn, "--skip-preview", "--yes")

    def refresh(self, urns: Sequence[str]) -> None:
        """Read these resources again, no other, and forget the interrupted operations.

        Raises:
            EngineError: something could not be read.
        """
        which = [part for urn in urns for part in ("--target", urn)] or ["--exclude", "**"]
        self._change("refresh", "--clear-pending-creates", *which, "--skip-preview", "--yes")

    def preview(self) -> dict[str, int]:
        """What an update would do: how many resources by operation.

        Raises:
            EngineError: the program failed.
        """
        counts: Json = dig(json.loads(self._change("preview", "--json")), "changeSummary") or {}
        return {operation: number(counts, operation) for operation in counts if operation != "same"}

    def planned_creations(self) -> tuple[Interrupted, ...]:
        """What an update would create.

        Raises:
            EngineError: the program failed.
        """
        steps = objects(dig(json.loads(self._change("preview", "--json")), "steps"))
        return tuple(
            _interrupted("creating", dig(step, "newState")) for step in steps if text(step, "op") == "create"
        )

    def _change(self, *arguments: str) -> str:
        done = self._call([*arguments, "--stack", self._stack, "--non-interactive"], CHANGE_TIMEOUT_S)
        if done.returncode:
            raise EngineError(f"pulumi {arguments[0]} failed: {_end_of(done.stdout + done.stderr)}")
        return done.stdout


def kind_of(urn: str) -> str:
    """The type of the resource with this URN."""
    return urn.split("::")[2].rpartition("$")[2]


def import_document(adoptions: Sequence[Adoption]) -> Json:
    """The file that ``pulumi import --file`` takes; parents and providers are named in a table of their own."""
    names: dict[str, str] = {}
    resources: list[Json] = []
    for one in adoptions:
        made = one.resource
        entry = {"type": made.kind, "name": made.name + _ALREADY_THERE * one.second, "id": one.id}
        for key, urn in (("parent", made.parent), ("provider", made.provider)):
            if urn:
                names[f"n{len(names)}"] = urn
                entry[key] = next(name for name, known in names.items() if known == urn)
        resources.append(entry)
    return {"nameTable": names, "resources": resources}


def _urn(adoption: Adoption) -> str:
    return adoption.resource.urn + _ALREADY_THERE * adoption.second


def _interrupted(operation: str, resource: object) -> Interrupted:
    return Interrupted(
        urn=text(resource, "urn"),
        operation=operation,
        kind=text(resource, "type"),
        id=text(resource, "id"),
        parent=text(resource, "parent"),
        provider=text(resource, "provider").rpartition("::")[0],
        inputs=dig(resource, "inputs") or {},
    )


def _end_of(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("error:")]
    return "; ".join(dict.fromkeys(line.removeprefix("error: ") for line in errors)) or " ".join(lines[-3:])
