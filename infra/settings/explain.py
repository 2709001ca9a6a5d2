"""What a key means, what it takes, and what it is in each stack."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from infra.settings import catalogue
from infra.settings.errors import NAMESPACE, Location, Problem, SettingsError, nearest, shown_key
from infra.settings.loader import load_file

REQUIRED: Final = "none: it must be given"
"""What stands for the default of a key that has none."""

OF_ITS_KEYS: Final = "those of its keys"
"""What stands for the default of a mapping that may be left out."""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """One key, explained."""

    path: str
    """Full key, as ``pulumi config set --path`` takes it."""
    title: str
    description: str
    """Meaning and unit."""
    allowed: str
    """What it takes, in words."""
    default: str
    """Default as JSON, ``REQUIRED`` or ``OF_ITS_KEYS``."""
    keys: tuple[str, ...]
    """Keys below it, when it is a mapping."""
    keys_of_each: tuple[str, ...]
    """Keys of each entry, when it is a mapping by names that people choose."""
    values: Mapping[str, str]
    """Value as JSON by the stack file's name; of a file with problems, that it has some."""


def explain(key: str, files: tuple[Path, ...] = ()) -> Explanation:
    """Explain a key such as ``cluster.nodeGroups.general.maxSize``, with or without ``intendly:`` before it.

    Raises:
        SettingsError: there is no such key; the nearest one is named.
    """
    location = _parsed(key)
    if not location:
        raise SettingsError("settings", [Problem(location=(), message=f'"{shown_key(key)}" is no key')])
    node = catalogue.resolved(catalogue.model_schema())
    for depth in range(1, len(location) + 1):
        found = catalogue.find(location[:depth])
        if found is None:
            hint = nearest(str(location[depth - 1]), catalogue.keys_of(node))
            raise SettingsError(
                "settings", [Problem(location=location[:depth], message=f"unknown key; {hint}")]
            )
        node = {"title": node.get("title", ""), "description": node.get("description", ""), **found}
    return Explanation(
        path=Problem(location=location, message="").path,
        title=node["title"],
        description=node["description"],
        allowed=catalogue.allowed(node),
        default=_default(node, location),
        keys=catalogue.keys_of(node),
        keys_of_each=catalogue.keys_of_each(node),
        values={path.name: _value_in(path, location) for path in files},
    )


def _parsed(key: str) -> Location:
    """Split a key as it is written into its steps."""
    steps = re.findall(r"\[([0-9]+)\]|([^.\[\]]+)", key.removeprefix(f"{NAMESPACE}:"))
    return tuple(int(position) if position else name for position, name in steps)


def _default(node: catalogue.Node, location: Location) -> str:
    """Say what a key is when it is left out."""
    if "default" in node:
        return json.dumps(node["default"])
    parent = catalogue.find(location[:-1]) or {}
    optional = location and "properties" in parent and location[-1] not in parent.get("required", ())
    return OF_ITS_KEYS if optional else REQUIRED


def _value_in(path: Path, location: Location) -> str:
    """Give the value that a stack file sets or leaves at its default."""
    try:
        value: Any = load_file(path).model_dump(mode="json", by_alias=True)
    except SettingsError as error:
        return f"unknown: the file has problems ({len(error.problems)})"
    for step in location:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return "not set"
    return json.dumps(cast("object", value))
