"""What each key means and takes, out of the models' own JSON schema."""

from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from infra.settings.errors import Location
from infra.settings.stack import StackSettings

Node = Mapping[str, Any]
"""A node of a JSON schema."""


@cache
def model_schema() -> Node:
    """Give the JSON schema of the models, under the keys of the stack file."""
    return StackSettings.model_json_schema(by_alias=True)


def resolved(node: Node) -> Node:
    """Follow a reference, keeping title, description and default of the place that refers."""
    if "$ref" in node:
        target = cast("Node", model_schema()["$defs"][node["$ref"].rpartition("/")[2]])
        of_model = {
            key: value for key, value in target.items() if key != "title"
        }  # a class's name is no title
        return {**of_model, **{key: value for key, value in node.items() if key != "$ref"}}
    if "anyOf" in node:  # a value that may be left out: describe what it is when it is there
        chosen = resolved(next(option for option in node["anyOf"] if option.get("type") != "null"))
        rest = {key: value for key, value in node.items() if key != "anyOf"}
        return {**chosen, **rest, "nullable": True}
    return node


def find(location: Location) -> Node | None:
    """Find what stands at a location; None where the models know nothing."""
    node = resolved(model_schema())
    for step in location:
        found = _child(node, step)
        if found is None:
            return None
        node = resolved(found)
    return node


def _child(node: Node, step: str | int) -> Node | None:
    if isinstance(step, int):
        return node.get("items")
    if step in node.get("properties", {}):
        return node["properties"][step]
    return next(iter(node.get("patternProperties", {}).values()), None)


def keys_of(node: Node) -> tuple[str, ...]:
    """List the keys that a mapping takes."""
    return tuple(node.get("properties", {}))


def keys_of_each(node: Node) -> tuple[str, ...]:
    """List the keys that each entry takes, of a mapping whose keys are names that people choose."""
    entries = _child(node, "any") if "patternProperties" in node else None
    return keys_of(resolved(entries)) if entries else ()


def allowed(node: Node) -> str:
    """Say in words what a key takes."""
    if "allowed" in node:
        words = str(node["allowed"])
    elif "enum" in node:
        words = f"one of {', '.join(str(value) for value in node['enum'])}"
    else:
        words = _allowed_by_type(node)
    return f"{words}, or null" if node.get("nullable") else words


def _allowed_by_type(node: Node) -> str:
    match node.get("type"):
        case "integer":
            return f"a whole number from {node['minimum']} to {node['maximum']}"
        case "boolean":
            return "true or false"
        case "array":
            return f"a list of {_count(node, 'Items')}, each {allowed(resolved(node['items']))}"
        case "object" if "properties" in node:
            return f"a mapping of {', '.join(keys_of(node))}"
        case _:
            return f"a mapping of {_count(node, 'Properties')}, each key {node['propertyNames']['allowed']}"


def _count(node: Node, of: str) -> str:
    """Say how many entries a list or mapping takes."""
    return f"{node.get(f'min{of}', 0)} to {node[f'max{of}']} entries"
