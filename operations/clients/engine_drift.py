"""The Pulumi engine, asked whether the cloud still is as it left it: a refresh that writes nothing down."""

import json
from collections.abc import Sequence
from typing import Final

from operations.clients.engine import EngineClient
from operations.clients.engine_preview import Preview, failure_of, read_preview
from operations.errors import EngineError
from operations.json_object import number

DRIFT_TIMEOUT_S: Final = 3600
"""Seconds for a refresh: it asks AWS and the cluster for every resource."""

UNTOLD: Final = frozenset({"refresh"})
"""How the engine calls a resource that it read and of which it tells no difference."""


class DriftEngine(EngineClient):
    """One stack, read through ``pulumi refresh --preview-only``.

    Of the two ways to look, ``pulumi preview --refresh`` runs the program too and mixes what it would change with
    what has changed. This one reads alone, takes no lock and writes no state, so read-only credentials do.
    """

    def look(self, without: Sequence[str] = ()) -> Preview:
        """What differs from the state; ``old`` is the state's side, ``new`` the cloud's.

        Args:
            without: types that are not read: their reading takes rights that the caller lacks.

        Raises:
            EngineError: something could not be read; an operation was interrupted; or the engine counts a
                difference that it does not tell.
        """
        done = self._call(
            [
                *("refresh", "--preview-only", "--json", "--skip-pending-creates"),
                *(word for kind in without for word in ("--exclude", f"**{kind}::**")),
                *("--stack", self._stack, "--non-interactive"),
            ],
            DRIFT_TIMEOUT_S,
        )
        if done.returncode:
            raise EngineError(f"pulumi refresh failed: {failure_of(done.stdout, done.stderr)}", _HINT)
        digest = json.loads(done.stdout)
        found = read_preview(digest)
        told = sum(step.operation not in UNTOLD and step.changes for step in found.steps)
        counted = sum(number(digest, "changeSummary", operation) for operation in ("update", "delete"))
        if counted > told:
            raise EngineError(
                f"{counted - told} resources differ, and the engine does not tell how",
                f"pulumi refresh --preview-only --diff --stack {self._stack} shows them",
            )
        return found


_HINT: Final = (
    "rights that the caller lacks for one type only: --without TYPE; an update that was killed: "
    "intendly heal --dry-run; this machine: intendly doctor"
)
