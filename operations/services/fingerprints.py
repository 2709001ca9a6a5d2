"""What an approval holds on to, item by item, so that what moved can be named: files, versions, the state."""

import json
import platform
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Final

from operations.json_object import Json, dig, objects, text
from operations.project import PROJECT_FILE, stack_file

Fingerprint = Mapping[str, str]
"""What stands for each item of a thing: a file's content hash by its path, a version by its package."""

PROGRAM: Final = ("infra", "components")
APPLICATION_SETTINGS: Final = "infra/config"
LOCKED: Final = "requirements.txt"
POLICIES: Final = "policies"
CONFIG_FILE_VARIABLE: Final = "PULUMI_OPTION_CONFIG_FILE"
"""Names the stack file that the engine reads instead of the tracked one."""

GENERATED: Final = "__pycache__"
VOLATILE: Final = ("sourcePosition", "stackTrace")
"""Parts of a resource in the state that say where the program's lines are, not what there is."""


@dataclass(frozen=True, kw_only=True)
class Movement:
    """A thing that is not what an approval holds on to, and which items of it."""

    thing: str
    items: tuple[str, ...]


def of_files(root: Path, files: Iterable[Path]) -> Fingerprint:
    """Content hashes of those files that are there, by their path below ``root``."""
    there = sorted(file for file in files if file.is_file())
    return {file.relative_to(root).as_posix(): _digest(file.read_bytes()) for file in there}


def of_program(root: Path) -> Fingerprint:
    """Every file that the program could read, new ones too: an untracked module is imported like any other."""
    settings = root / APPLICATION_SETTINGS
    files = [file for folder in PROGRAM for file in _below(root / folder) if settings not in file.parents]
    return of_files(root, [root / PROJECT_FILE, *files])


def of_settings(root: Path, stack: str, environment: Mapping[str, str]) -> Fingerprint:
    """The stack's file, the applications' configuration, and what the engine reads in the stack file's place."""
    found = dict(of_files(root, [stack_file(root, stack), *_below(root / APPLICATION_SETTINGS)]))
    instead = Path(environment.get(CONFIG_FILE_VARIABLE, ""))
    if instead.is_file():
        found[f"{instead.name}, as the engine reads it"] = _digest(instead.read_bytes())
    return found


def of_dependencies(root: Path) -> Fingerprint:
    """The locked dependencies."""
    return of_files(root, [root / LOCKED])


def of_policies(root: Path) -> Fingerprint:
    """The rules that the stack was held to."""
    return of_files(root, _below(root / POLICIES))


def of_versions(engine: str) -> Fingerprint:
    """Versions of the engine, of Python and of what decides the providers: the engine's packages.

    Args:
        engine: the engine's own version.
    """
    packages = {
        one.name: one.version for one in metadata.distributions() if one.name.lower().startswith("pulumi")
    }
    return {"engine": engine, "python": platform.python_version(), **dict(sorted(packages.items()))}


def of_state(deployment: Json) -> Fingerprint:
    """Every resource of a state as it is, and every operation that was interrupted; when it was written is not in it.

    Secrets are in it as the engine's ciphertext: a state that was rewritten by hand (`pulumi state`) has moved.
    """
    found: dict[str, str] = {}
    pending = [{**dig(one, "resource"), "interrupted": text(one, "type")} for one in _pending(deployment)]
    for one in [*objects(dig(deployment, "resources")), *pending]:
        stays = {key: value for key, value in one.items() if key not in VOLATILE}
        mark = " (to be deleted)" if one.get("delete") else ""
        mark += f" ({one['interrupted']})" if "interrupted" in one else ""
        found[text(one, "urn") + mark] = _digest(json.dumps(stays, sort_keys=True).encode())
    return found


def moved(thing: str, before: Fingerprint, now: Fingerprint) -> Movement | None:
    """What of a thing is no longer as it was; nothing where all of it is."""
    items = tuple(_items(before, now))
    return Movement(thing=thing, items=items) if items else None


def _items(before: Fingerprint, now: Fingerprint) -> Iterator[str]:
    for key in sorted(before.keys() | now.keys()):
        old, new = before.get(key), now.get(key)
        if old is None:
            yield f"{key} is new"
        elif new is None:
            yield f"{key} is gone"
        elif old != new:
            hashed = _DIGEST.fullmatch(old) or _DIGEST.fullmatch(new)
            yield f"{key} differs" if hashed else f"{key} was {old}, is {new}"


_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def _pending(deployment: Json) -> Iterator[Json]:
    for one in objects(dig(deployment, "pending_operations")):
        if isinstance(dig(one, "resource"), dict):
            yield one


def _below(folder: Path) -> Iterator[Path]:
    return (file for file in folder.rglob("*") if file.is_file() and GENERATED not in file.parts)


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()
