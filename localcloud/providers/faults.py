"""Faults of AWS on demand: ``faults.json`` in the stack's folder says which of the next calls fail, and how.

An instrument of tests, and of who wants to see a fault before it comes; docs/localcloud.md describes the file.
"""

import fcntl
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from typing_extensions import override

from localcloud.providers.server import Change, Failure, Request, StandIn, StandInError
from localcloud.providers.wire import Properties, plain

VERBS = ("create", "read", "update", "delete")

REPEATED = frozenset(
    {
        *(
            "Throttling",
            "ThrottlingException",
            "RequestLimitExceeded",
            "TooManyRequestsException",
            "SlowDown",
        ),
        *("RequestTimeout", "InternalError", "InternalFailure", "InternalServerError", "ServiceUnavailable"),
    }
)
"""Errors after which AWS's SDK makes the call again: of its lists, the usual codes of throttling and of 5xx."""

MAX_RETRIES = 25
"""How often the provider makes a call, unless its setting ``maxRetries`` says otherwise: the real one's default."""

PAUSE_S = 0.02
"""Seconds between two attempts; the real provider waits ever longer, up to minutes."""

Answer = TypeVar("Answer")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault. Counts go down in the file as calls are made; a fault that is used up leaves it."""

    error: str
    """AWS's code, e.g. ``ThrottlingException``."""
    type: str = ""
    """Of whose calls, ``aws:ec2/vpc:Vpc``; empty for all."""
    verb: str = ""
    """One of ``VERBS``; empty for all."""
    after: int = 0
    """Calls that pass first."""
    calls: int | None = None
    """Calls that fail then; None for all that follow."""
    answer_lost: bool = False
    """Whether AWS does what it is asked for, and only its answer is lost."""

    def meets(self, kind: str, verb: str) -> bool:
        """Whether a call is counted by this fault."""
        return self.type in ("", kind) and self.verb in ("", verb)

    def counted(self) -> "Fault | None":
        """The fault after one more call; nothing when it is used up."""
        if self.after:
            return replace(self, after=self.after - 1)
        if self.calls is None:
            return self
        return replace(self, calls=self.calls - 1) if self.calls > 1 else None


class FaultPlan:
    """The faults that are still to come. A call is counted by the first that meets it, and by no other."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def next(self, kind: str, verb: str) -> Fault | None:
        """The fault that this call has, or none.

        Raises:
            StandInError: the file is not as it should be.
        """
        if not self._path.exists():
            return None
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # the engine asks for many calls at once
            faults = self._read()
            found = next((one for one in faults if one.meets(kind, verb)), None)
            if found is None:
                return None
            left = [found.counted() if one is found else one for one in faults]
            self._write([one for one in left if one])
        return None if found.after else found

    def _read(self) -> list[Fault]:
        try:
            return [_fault(one) for one in json.loads(self._path.read_text())]
        except (ValueError, TypeError) as error:
            raise StandInError(f"{self._path} is no list of faults: {error}") from None

    def _write(self, faults: list[Fault]) -> None:
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps([asdict(one) for one in faults], indent=1))
        fresh.replace(self._path)


def _fault(given: dict[str, Any]) -> Fault:
    fault = Fault(**given)
    if fault.verb not in ("", *VERBS):
        raise ValueError(f"verb {fault.verb!r} is none of {', '.join(VERBS)}")
    return fault


class Faulty(StandIn):
    """A stand-in whose calls of AWS fail as planned, and are made again as the real provider makes them again."""

    def __init__(self, provider: StandIn, plan: FaultPlan) -> None:
        self.title, self.version = provider.title, provider.version
        self._provider, self._plan = provider, plan
        self._attempts = MAX_RETRIES

    @override
    def configure(self, config: Properties) -> None:
        self._attempts = int(plain(config.get("maxRetries")) or MAX_RETRIES)
        self._provider.configure(config)

    @override
    def check(self, request: Request) -> tuple[Properties, list[Failure]]:
        return self._provider.check(request)

    @override
    def diff(self, request: Request) -> list[Change]:
        return self._provider.diff(request)

    @override
    def create(self, request: Request) -> tuple[str, Properties]:
        return self._called(request, "create", self._provider.create)

    @override
    def read(self, request: Request) -> tuple[Properties, Properties] | None:
        return self._called(request, "read", self._provider.read)

    @override
    def adopt(self, request: Request) -> tuple[str, Properties, Properties] | None:
        return self._called(request, "read", self._provider.adopt)

    @override
    def update(self, request: Request) -> Properties:
        return self._called(request, "update", self._provider.update)

    @override
    def delete(self, request: Request) -> None:
        self._called(request, "delete", self._provider.delete)

    def _called(self, request: Request, verb: str, call: Callable[[Request], Answer]) -> Answer:
        """The call's answer, in as many attempts as the provider makes. A preview calls nobody.

        Raises:
            StandInError: an error that is not worth another attempt, or too many attempts.
        """
        error = ""
        for _ in range(self._attempts):
            fault = None if request.preview else self._plan.next(request.kind, verb)
            if fault is None:
                return call(request)
            error = f"api error {fault.error} ({verb} {request.kind}, planned in faults.json)"
            if fault.answer_lost:
                call(request)
            if fault.answer_lost or fault.error not in REPEATED:
                raise StandInError(error)
            time.sleep(PAUSE_S)
        raise StandInError(f"exceeded maximum number of attempts, {self._attempts}, {error}")
