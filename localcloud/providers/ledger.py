"""The AWS stand-in's record of every resource that exists, in ``.local/<stack>/aws.json``.

The file holds ``{"resources": [{"type", "id", "inputs", "outputs"}, ...]}``; secret values are ``[secret]``.
"""

import fcntl
import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from localcloud.providers.server import StandInError
from localcloud.providers.wire import Properties, Value, hidden, is_list, is_map


class Ledger:
    """Written atomically, under a lock that also holds between processes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def resources(self) -> list[Properties]:
        """Everything that exists."""
        return json.loads(self._path.read_text())["resources"] if self._path.exists() else []

    def of(self, kind: str) -> list[Properties]:
        """Outputs of every resource of one type."""
        return [entry["outputs"] for entry in self.resources() if entry["type"] == kind]

    def put(self, kind: str, identity: str, inputs: Properties, outputs: Properties) -> None:
        """Record a resource, or its new state."""
        entry = {"type": kind, "id": identity, "inputs": hidden(inputs), "outputs": hidden(outputs)}
        with self._changing() as resources:
            _drop(resources, kind, identity)
            resources.append(entry)

    def remove(self, kind: str, identity: str) -> None:
        """Forget a resource."""
        with self._changing() as resources:
            _drop(resources, kind, identity)

    @contextmanager
    def _changing(self) -> Generator[list[Properties]]:
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            resources = self.resources()
            yield resources
            fresh = self._path.with_suffix(".new")
            fresh.write_text(json.dumps({"resources": resources}, indent=1))
            fresh.replace(self._path)

    def refuse_taken(self, kind: str, unique: str, facts: Properties) -> None:
        """Refuse a resource whose ``unique`` properties, after the error's code, another one has.

        Raises:
            StandInError: AWS's code, and the values.
        """
        code, *names = unique.split()
        wanted = [facts.get(name) for name in names]
        if any([outputs.get(name) for name in names] == wanted for outputs in self.of(kind)):
            said = ", ".join(str(value) for value in wanted if value is not None)
            raise StandInError(f"{code}: {kind} {said} already exists")

    def refuse_held(self, identity: str, held: str) -> None:
        """Refuse to delete what others refer to by the property paths named in ``held`` after the code.

        Raises:
            StandInError: AWS's code, and who holds it.
        """
        code, *paths = held.split()
        for entry in self.resources():
            for path in paths:
                value = lookup(entry["inputs"], path)
                if value == identity or (is_list(value) and identity in value):
                    raise StandInError(f"{code}: {identity} is in use by {entry['type']} {entry['id']}")


def _drop(resources: list[Properties], kind: str, identity: str) -> None:
    resources[:] = [entry for entry in resources if (entry["type"], entry["id"]) != (kind, identity)]


def lookup(properties: Properties, path: str) -> Value:
    """The value at a dotted path, or None."""
    name, _, rest = path.partition(".")
    value = properties.get(name)
    return value if not rest else lookup(value, rest) if is_map(value) else None


def as_kept(known: Properties, kept: Properties) -> Properties:
    """What the ledger keeps, with the state's own value wherever both say the same: secrets are in the state alone."""
    return {
        name: known[name] if name in known and hidden(known[name]) == value else value
        for name, value in kept.items()
    }
