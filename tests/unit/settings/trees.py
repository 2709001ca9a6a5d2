"""Settings as trees of plain values, to be changed at one place and checked again."""

import copy
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

from infra.settings import Problem, SettingsError, load_config, load_file

ROOT: Final = Path(__file__).parents[3]
STACK_FILES: Final = tuple(sorted(ROOT.glob("Pulumi.*.yaml")))

Location = tuple[str | int, ...]
Tree = dict[str, Any]

GONE: Final = object()
"""In the place of a value: take the key away."""


@cache
def tracked(environment: str) -> Tree:
    """A tracked stack's settings with every key written out; to be read only."""
    settings = load_file(ROOT / f"Pulumi.{environment}.yaml")
    return settings.model_dump(mode="json", by_alias=True)


def full_tree(environment: str = "production") -> Tree:
    """A copy of a tracked stack's settings with every key written out."""
    return copy.deepcopy(tracked(environment))


def place(tree: Tree, location: Location, value: object) -> None:
    """Put a value into the tree, or take the key away."""
    inner: Any = tree
    for step in location[:-1]:
        inner = inner[step]
    if value is GONE:
        del inner[location[-1]]
    else:
        inner[location[-1]] = value


def changed(environment: str, changes: Mapping[str, object]) -> Tree:
    """A tracked stack's settings with some values replaced; keys are paths such as ``cluster.nodeGroups.general``."""
    tree = full_tree(environment)
    for path, value in changes.items():
        place(tree, tuple(path.split(".")), value)
    return tree


def at(tree: object, location: Location) -> Any:  # noqa: ANN401 (whatever stands there)
    """The value at a location."""
    value: Any = tree
    for step in location:
        value = value[step]
    return value


def as_config(tree: Tree) -> dict[str, str]:
    """The engine's form: text as it is, the rest as JSON, beside keys of other namespaces."""
    ours = {
        f"intendly:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in tree.items()
    }
    return {"pulumi:disable-default-providers": '["*"]', "aws:region": "eu-west-3", **ours}


def as_file(tree: Tree, folder: Path) -> Path:
    """A stack file. JSON is YAML too, and leaves no doubt about quotes."""
    path = folder / "Pulumi.test.yaml"
    config = {"aws:region": "eu-west-3"} | {f"intendly:{key}": value for key, value in tree.items()}
    path.write_text(json.dumps({"config": config}, indent=1), encoding="utf-8")
    return path


def error_of(tree: Tree) -> SettingsError | None:
    """What the settings are refused with, if they are."""
    try:
        load_config(as_config(tree))
    except SettingsError as error:
        return error
    return None


def problems_of(tree: Tree) -> tuple[Problem, ...]:
    """All problems of the settings."""
    error = error_of(tree)
    return error.problems if error else ()


def locations(tree: object, start: Location = ()) -> Iterator[Location]:
    """Every place of the tree but its root, mappings and lists before what they hold."""
    if start:
        yield start
    if isinstance(tree, dict):
        for key, value in cast("dict[str, object]", tree).items():
            yield from locations(value, (*start, key))
    elif isinstance(tree, list):
        for position, value in enumerate(cast("list[object]", tree)):
            yield from locations(value, (*start, position))
