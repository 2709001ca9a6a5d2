"""What a rule reads: plain data in wire names (camelCase), in which an unknown cannot be overlooked.

Absent is `None`, wherever the path breaks off. Unknown (a preview does not know it yet) is no value: reading it
raises `Undecided`, which ends the rule for this one resource and is reported. A rule for which unknown means something
else asks `knows` first.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast, final

Raw = dict[str, Any]
"""JSON data in which `UNKNOWN` may stand for any value."""

ENGINE_UNKNOWNS = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
"""What the engine writes for an unknown boolean, number, text, array, asset, archive, object
(sdk/go/common/resource/plugin/rpc.go)."""


@final
class _Unknown:
    def __repr__(self) -> str:
        return "UNKNOWN"

    def __deepcopy__(self, _: object) -> "_Unknown":
        return self


UNKNOWN = _Unknown()
"""Stands in raw data for a value that is not known yet; a rule never gets to see it."""


class Undecided(Exception):  # noqa: N818 - no error: an answer
    """A rule read what is not known yet."""

    def __init__(self, path: tuple[str, ...]) -> None:
        super().__init__(f"{'.'.join(path)} is not known yet")
        self.path = path


class Record(Mapping[str, Any]):
    """An object of JSON; entries are read one at a time or by a path of keys."""

    def __init__(self, raw: Raw, path: tuple[str, ...] = ()) -> None:
        self.raw = raw
        """The data itself, for whoever writes a changed copy; rules do not read it."""
        self.path = path
        """Where in the resource this record stands."""

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - JSON
        return _read(self.raw[key], (*self.path, key))

    def __iter__(self) -> Iterator[str]:
        return iter(self.raw)

    def __len__(self) -> int:
        return len(self.raw)

    def __hash__(self) -> int:
        return hash((self.path, len(self.raw)))

    def __repr__(self) -> str:
        # Values may be secret: they never get into a message by accident.
        return f"<record with {', '.join(self.raw)}>"

    def at(self, *path: str) -> Any:  # noqa: ANN401 - JSON
        """The value at the end of a path, or None where the path breaks off.

        Raises:
            Undecided: something on the way, or the value, is not known yet.
        """
        here: Any = self
        for key in path:
            if not isinstance(here, Record) or key not in here.raw:
                return None
            here = here[key]
        return here

    def has(self, *path: str) -> bool:
        """Whether something is written there, be it unknown yet."""
        here: Any = self.raw
        for key in path:
            if here is UNKNOWN:
                return True
            if not isinstance(here, dict) or key not in here:
                return False
            here = cast("Raw", here)[key]
        return True

    def knows(self, *path: str) -> bool:
        """Whether the value is known, or known to be absent."""
        try:
            self.at(*path)
        except Undecided:
            return False
        return True

    def records(self, *path: str) -> tuple["Record", ...]:
        """The records of a list (or the one that stands there alone); none where the path breaks off."""
        found = self.at(*path)
        listed = found if isinstance(found, Items) else () if found is None else (found,)
        return tuple(one for one in listed if isinstance(one, Record))

    def texts(self, *path: str) -> tuple[str, ...]:
        """The texts of a list (or the one that stands there alone); none where the path breaks off."""
        found = self.at(*path)
        listed = found if isinstance(found, Items) else () if found is None else (found,)
        return tuple(one for one in listed if isinstance(one, str))

    def document(self, *path: str) -> "Record":
        """A JSON document that stands there as text or as data; an empty record where the path breaks off.

        Raises:
            Undecided: it is not known yet.
            ValueError: the text is no JSON.
        """
        found = self.at(*path)
        if isinstance(found, str):
            found = Record(normalised(json.loads(found)), (*self.path, *path))
        return found if isinstance(found, Record) else Record({}, (*self.path, *path))


class Items(Sequence[Any]):
    """A list of JSON; reading an element that is not known yet raises `Undecided`."""

    def __init__(self, raw: list[Any], path: tuple[str, ...]) -> None:
        self._raw = raw
        self._path = path

    def __getitem__(self, index: Any) -> Any:  # noqa: ANN401 - a number or a slice; JSON
        if isinstance(index, slice):
            return tuple(self)[index]
        return _read(self._raw[index], (*self._path, str(index)))

    def __len__(self) -> int:
        return len(self._raw)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, list | tuple | Items) and tuple(self) == tuple(cast("Sequence[Any]", other))

    def __hash__(self) -> int:
        return hash((self._path, len(self._raw)))

    def __repr__(self) -> str:
        return f"<list of {len(self._raw)}>"


def normalised(raw: Any) -> Any:  # noqa: ANN401 - JSON
    """Data as both runners have it: the engine's unknowns recognised, whole numbers whole, nulls left out."""
    if isinstance(raw, str):
        return UNKNOWN if raw in ENGINE_UNKNOWNS else raw
    if isinstance(raw, float) and raw.is_integer():
        return int(raw)
    if isinstance(raw, Mapping):
        entries = cast("Mapping[str, Any]", raw)
        return {key: normalised(value) for key, value in entries.items() if value is not None}
    if isinstance(raw, list | tuple):
        return [normalised(item) for item in cast("Sequence[Any]", raw)]
    return raw


def _read(raw: Any, path: tuple[str, ...]) -> Any:  # noqa: ANN401 - JSON
    if raw is UNKNOWN:
        raise Undecided(path)
    if isinstance(raw, dict):
        return Record(cast("Raw", raw), path)
    if isinstance(raw, list):
        return Items(cast("list[Any]", raw), path)
    return raw
