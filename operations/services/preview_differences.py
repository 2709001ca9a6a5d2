"""The property paths that differ in a preview's step, old value and new, as text and without secrets."""

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, cast

from operations.clients.engine_preview import PreviewStep, PropertyPath
from operations.reports.model import PropertyChange

if TYPE_CHECKING:
    from operations.json_object import Json

SECRET: Final = "[secret]"  # noqa: S105 - what the engine prints in a secret's place
UNKNOWN: Final = "(known after the update)"
NOTHING: Final = "(none)"
MASKED: Final = "(secret)"

UNKNOWN_MARKS: Final = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
"""What the engine writes for a value that it does not know yet (sdk/go/common/resource/sig)."""

_SECRET_DATA: Final = ("data", "stringData")
_KUBERNETES_SECRET: Final = "kubernetes:core/v1:Secret"  # noqa: S105 - a type's name
_PART: Final = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.\[\]]+)')
_SECRET_NAME: Final = re.compile(r"(?i)(password|passphrase|secretstring|authtoken|privatekey|apikey)")
"""Properties whose values are not shown, secret to the engine or not."""

_BRACKETS: Final = ("{", "[")
_ABSENT: Final = object()


def property_changes(step: PreviewStep, kind: str) -> tuple[PropertyChange, ...]:
    """The properties that differ, by path; those that replace the resource first."""
    found: dict[str, PropertyChange] = {}
    for differing in step.differs:
        keys = path_keys(differing.path)
        olds = step.old_inputs if differing.against_inputs else step.old_outputs
        old, new = _at(olds, keys), _at(step.new_inputs, keys)
        if old is _ABSENT and new is _ABSENT:
            old, new = _at(step.old_outputs, keys), _at(step.new_outputs, keys)
        for path, before, after in _leaves(differing.path, old, new):
            if not _internal(path):
                found[path] = _change(kind, path, before, after, differing)
    return tuple(sorted(found.values(), key=lambda one: (not one.replaces, one.path)))


def path_keys(path: str) -> list[str | int]:
    """The keys of a path of the engine: ``a.b[0]["c.d"]`` is a, b, 0, c.d."""
    keys: list[str | int] = []
    for quoted, index, plain in _PART.findall(path):
        keys.append(int(index) if index else quoted.replace('\\"', '"') or plain)
    return keys


def _at(value: object, keys: list[str | int]) -> object:
    """What is at the end of a path, or ``_ABSENT``; a secret hides what is below it."""
    for key in keys:
        if value == SECRET:
            return SECRET
        if isinstance(value, dict) and key in value:
            value = cast("Json", value)[str(key)]
        elif isinstance(value, list) and isinstance(key, int) and key < len(cast("list[object]", value)):
            value = cast("list[object]", value)[key]
        else:
            return _ABSENT
    return value


def _leaves(path: str, old: object, new: object) -> Iterator[tuple[str, object, object]]:
    """The paths below one at which two values differ; the path itself where they are of different shapes."""
    old, new = _opened(old, new)
    if isinstance(old, dict) and isinstance(new, dict):
        before, after = cast("Json", old), cast("Json", new)
        for key in sorted(before.keys() | after.keys()):
            below = f"{path}.{key}" if _PART.fullmatch(key) else f'{path}["{key}"]'
            yield from _leaves(below, before.get(key, _ABSENT), after.get(key, _ABSENT))
    elif isinstance(old, list) and isinstance(new, list):
        first, second = cast("list[object]", old), cast("list[object]", new)
        for index in range(max(len(first), len(second))):
            pair = (one[index] if index < len(one) else _ABSENT for one in (first, second))
            yield from _leaves(f"{path}[{index}]", *pair)
    elif old is _ABSENT or new is _ABSENT or old != new or old == SECRET:
        yield path, old, new


def _opened(old: object, new: object) -> tuple[object, object]:
    """Two JSON documents in strings, such as policies, as what is in them; anything else as it is."""
    if not (isinstance(old, str) and isinstance(new, str) and old[:1] in _BRACKETS and new[:1] in _BRACKETS):
        return old, new
    try:
        return json.loads(old), json.loads(new)
    except json.JSONDecodeError:
        return old, new


def _change(kind: str, path: str, old: object, new: object, differing: PropertyPath) -> PropertyChange:
    root = str(path_keys(path)[0])
    hidden = (kind == _KUBERNETES_SECRET and root in _SECRET_DATA) or bool(_SECRET_NAME.search(path))
    return PropertyChange(
        path=path,
        old=_text(old, hidden=hidden),
        new=_text(new, hidden=hidden),
        replaces=differing.replaces,
    )


def _text(value: object, *, hidden: bool) -> str:
    if value is _ABSENT or value is None:
        return NOTHING
    if isinstance(value, str) and value in UNKNOWN_MARKS:
        return UNKNOWN
    if value == SECRET or (hidden and not isinstance(value, bool | int)):
        return MASKED
    if isinstance(value, str):
        return value
    written = json.dumps(value, ensure_ascii=False, sort_keys=True)
    for unknown in UNKNOWN_MARKS:
        written = written.replace(unknown, UNKNOWN)
    return written.replace(f'"{SECRET}"', f'"{MASKED}"')


def _internal(path: str) -> bool:
    """Whether the property is a provider's own bookkeeping (``__defaults``)."""
    return any(isinstance(key, str) and key.startswith("__") for key in path_keys(path))
