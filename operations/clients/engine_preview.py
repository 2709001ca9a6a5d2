"""The Pulumi engine, asked what an update would do: its preview, read whole, and the plan that goes with it."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

from operations.clients.engine import EngineClient
from operations.errors import EngineError, UnreadableStateError
from operations.json_object import Json, dig, objects, text

PREVIEW_TIMEOUT_S: Final = 3600
"""Seconds for a preview: with a refresh of a large stack it asks AWS for every resource."""

UNCHANGED: Final = frozenset({"same", "read", "read-replacement", "refresh"})
"""Operations that change nothing outside the state."""


@dataclass(frozen=True, kw_only=True)
class PropertyPath:
    """A property that differs, as the provider names it: ``spec.template.spec.containers[0].image``."""

    path: str
    replaces: bool = False
    """Whether it is why the resource is replaced."""
    against_inputs: bool = True
    """Whether the old value is among the inputs; else among the outputs, where somebody changed it in the cloud."""


@dataclass(frozen=True, kw_only=True)
class PreviewStep:
    """One operation of a preview on one resource; secrets are masked by the engine itself."""

    operation: str
    """``create``, ``update``, ``delete``, ``create-replacement``, ``replace``, ``delete-replaced``, ``same``, …"""
    urn: str
    provider: str = ""
    parent: str = ""
    differs: tuple[PropertyPath, ...] = ()
    old_inputs: Json = field(default_factory=dict, repr=False)
    old_outputs: Json = field(default_factory=dict, repr=False)
    new_inputs: Json = field(default_factory=dict, repr=False)
    new_outputs: Json = field(default_factory=dict, repr=False)
    depends_on: tuple[str, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether it changes anything."""
        return self.operation not in UNCHANGED


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What an update would do, in the engine's order, resources that stay as they are included."""

    steps: tuple[PreviewStep, ...] = ()
    warnings: tuple[str, ...] = ()
    plan: Json = field(default_factory=dict, repr=False)
    """The engine's update plan; secrets in it are the engine's ciphertext. Empty where none was asked for."""

    @property
    def operations(self) -> tuple[tuple[str, str], ...]:
        """What changes something: operation and URN, of a replacement each of its three.

        As the plan has them; the steps that the engine prints have but one for a replacement.
        """
        planned: Json = dig(self.plan, "resourcePlans") or {}
        return tuple(
            (operation, urn)
            for urn, one in planned.items()
            for operation in cast("list[str]", dig(one, "steps") or [])
            if operation not in UNCHANGED
        )


class PreviewEngine(EngineClient):
    """One stack, previewed through ``pulumi``."""

    def preview(self, plan_file: Path) -> Preview:
        """What an update would do now; nothing is changed.

        Args:
            plan_file: where the engine writes its plan meanwhile; its folder should be the caller's alone.

        Raises:
            EngineError: the program failed, or the state could not be read.
        """
        asked = ["preview", "--json", "--show-sames", "--save-plan", str(plan_file)]
        done = self._call([*asked, "--stack", self._stack, "--non-interactive"], PREVIEW_TIMEOUT_S)
        if done.returncode:
            reasons = failure_of(done.stdout, done.stderr)
            known = self._failure(done.returncode, reasons)
            if isinstance(known, UnreadableStateError):
                raise known
            raise EngineError(f"pulumi preview failed: {reasons}", _PREVIEW_HINT)
        return read_preview(json.loads(done.stdout), json.loads(plan_file.read_text(encoding="utf-8")))

    def deployment(self) -> Json:
        """The state as the engine exports it; secrets in it are ciphertext.

        Raises:
            EngineError: as ``state``.
        """
        return cast("Json", dig(self._read_json(["stack", "export"]), "deployment") or {})

    def version(self) -> str:
        """The engine's own version, ``3.274.1``."""
        return self._run(["version"]).strip().removeprefix("v")


_PREVIEW_HINT: Final = (
    "settings: intendly settings check; an update that was killed: intendly heal --dry-run; "
    "this machine: intendly doctor"
)


def read_preview(digest: object, plan: Json | None = None) -> Preview:
    """The preview in what ``pulumi preview --json`` printed.

    Args:
        digest: the JSON value.
        plan: the plan that was saved with it.
    """
    return Preview(
        steps=tuple(_step(one) for one in objects(dig(digest, "steps"))),
        warnings=tuple(
            dict.fromkeys(
                text(one, "message").removeprefix("warning: ").strip()
                for one in objects(dig(digest, "diagnostics"))
                if text(one, "severity") == "warning"
            )
        ),
        plan=plan or {},
    )


def _step(step: Json) -> PreviewStep:
    old: Json = dig(step, "oldState") or {}
    new: Json = dig(step, "newState") or {}
    current = new or old
    depends_on = dig(current, "dependencies")
    return PreviewStep(
        operation=text(step, "op"),
        urn=text(step, "urn"),
        provider=text(step, "provider").rpartition("::")[0],
        parent=text(current, "parent"),
        differs=_differs(step),
        old_inputs=dig(old, "inputs") or {},
        old_outputs=dig(old, "outputs") or {},
        new_inputs=dig(new, "inputs") or {},
        new_outputs=dig(new, "outputs") or {},
        depends_on=tuple(cast("list[str]", depends_on)) if isinstance(depends_on, list) else (),
    )


def _differs(step: Json) -> tuple[PropertyPath, ...]:
    """What differs, in detail where the provider told, else by the names of the properties."""
    reasons = cast("list[str]", dig(step, "replaceReasons") or [])
    detailed: Json = dig(step, "detailedDiff") or {}
    if detailed:
        return tuple(
            PropertyPath(
                path=path,
                replaces=text(found, "kind").endswith("-replace") or path in reasons,
                against_inputs=bool(dig(found, "inputDiff")),
            )
            for path, found in sorted(detailed.items())
        )
    names = dict.fromkeys([*cast("list[str]", dig(step, "diffReasons") or []), *reasons])
    return tuple(PropertyPath(path=name, replaces=name in reasons) for name in sorted(names))


def failure_of(printed: str, said: str) -> str:
    """Why a preview failed: the errors in its JSON, else what it said."""
    try:
        found = objects(dig(json.loads(printed), "diagnostics"))
    except json.JSONDecodeError:
        found = list[Json]()
    errors = [text(one, "message").strip() for one in found if text(one, "severity") == "error"]
    lines = [line.strip() for line in (said or printed).splitlines() if line.strip()]
    return (
        "; ".join(dict.fromkeys(errors)) or " ".join(lines[-3:]).removeprefix("error: ") or "it said nothing"
    )
