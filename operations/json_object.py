"""JSON that others wrote (the engine's state, the API server's answers), read without trusting its shape."""

from typing import Any, cast

Json = dict[str, Any]
"""An object of JSON."""


def dig(value: object, *path: str) -> Any:  # noqa: ANN401 - whatever is there, or None
    """The member at ``path``, or None when any part of the way is missing or no object."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = cast("Json", value).get(key)
    return value


def objects(value: object) -> list[Json]:
    """The objects of a list; nothing when it is no list."""
    if not isinstance(value, list):
        return []
    members = cast("list[object]", value)
    return [cast("Json", member) for member in members if isinstance(member, dict)]


def text(value: object, *path: str) -> str:
    """The string at ``path``; empty when there is none."""
    found: object = dig(value, *path)
    return found if isinstance(found, str) else ""


def number(value: object, *path: str) -> int:
    """The whole number at ``path``; 0 when there is none (the API server leaves zeros out)."""
    found: object = dig(value, *path)
    return int(found) if isinstance(found, int | float) else 0
