"""Checks that run beside each other, each with a deadline: what could not be looked at is never a pass."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from operations.errors import OperatorError

DEADLINE_S: Final = 40.0
"""Seconds for all of them: three tries of a request that nobody answers take about half a minute."""


class Verdict(StrEnum):
    """What a check came to."""

    OK = "ok"
    WRONG = "wrong"
    UNKNOWN = "could not be checked"
    LATER = "not yet"
    """Does not apply before the first update; it is shown, and hinders nothing."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a check found, and how to mend it where it is not right."""

    name: str
    verdict: Verdict
    found: str
    mend: str = ""

    @property
    def passes(self) -> bool:
        """Whether an update may begin as far as this goes."""
        return self.verdict in {Verdict.OK, Verdict.LATER}


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A check that has not run yet. ``look`` gives whether it is right, and what was found.

    ``look`` raises an ``OperatorError`` for what could not be looked at; its hint goes before ``mend``.
    """

    name: str
    look: Callable[[], "tuple[bool | Verdict, str]"]
    mend: str

    def run(self) -> Finding:
        """Look."""
        try:
            right, found = self.look()
        except OperatorError as error:
            mend = error.hint or f"look yourself, or try again; if it is not right: {self.mend}"
            return Finding(name=self.name, verdict=Verdict.UNKNOWN, found=error.message, mend=mend)
        verdict = right if isinstance(right, Verdict) else Verdict.OK if right else Verdict.WRONG
        mend = "" if verdict in {Verdict.OK, Verdict.LATER} else self.mend
        return Finding(name=self.name, verdict=verdict, found=found, mend=mend)


def run_all(probes: Sequence[Probe], deadline_s: float = DEADLINE_S) -> list[Finding]:
    """All findings in the order of the probes; one that takes longer than the deadline could not be checked.

    A probe's own bug is raised here: it must not look like something that an operator can mend.
    """
    findings: dict[int, Finding] = {}
    bugs: list[Exception] = []

    def work(index: int, probe: Probe) -> None:
        try:
            findings[index] = probe.run()
        except Exception as error:  # noqa: BLE001 - raised again in the caller's thread
            bugs.append(error)

    # Daemons: a probe that hangs in the network must not keep the command from ending.
    threads = [
        threading.Thread(target=work, args=(index, probe), daemon=True) for index, probe in enumerate(probes)
    ]
    for thread in threads:
        thread.start()
    end = time.monotonic() + deadline_s
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    if bugs:
        raise bugs[0]
    return [
        findings.get(index)
        or Finding(
            name=probe.name,
            verdict=Verdict.UNKNOWN,
            found=f"no answer within {deadline_s:g} s",
            mend="check the network to AWS, and try again",
        )
        for index, probe in enumerate(probes)
    ]
