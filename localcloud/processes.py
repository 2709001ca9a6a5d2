"""Processes of the local cloud: started once, recognised again, ended for certain.

A record on disk says which process was started for a service. A process counts as ours only when its pid **and** its
time of creation agree with the record, so a pid that the system has given to somebody else is never touched.
"""

import hashlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from localcloud.errors import LocalCloudError
from localcloud.paths import Paths, read_json, write

MARK = "INTENDLY_LOCALCLOUD_PROCESS"
"""Set to the stack's folder in everything started here: finds what a lost record would leave behind."""

STOP_S = 10.0
"""Seconds a process may take to end by itself before it is killed."""

CLOCK_STEP_S = 5.0
"""Seconds by which the system may correct its clock while a process runs: its time of creation moves along."""


def _nothing() -> None:
    """Nothing to do."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """One program that the local cloud runs.

    ``prepare`` makes what it needs before it starts, ``started`` what it needs after it answered; both run only when
    the program is really started. ``stop_signal`` is the one that ends it fast and cleanly.
    """

    name: str
    command: Sequence[str]
    ready: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    deadline_s: float = 60.0
    stop_signal: signal.Signals = signal.SIGTERM
    prepare: Callable[[], None] = _nothing
    started: Callable[[], None] = _nothing

    @property
    def fingerprint(self) -> str:
        """Changes with the command line or the environment: a changed service is restarted."""
        text = json.dumps([list(self.command), dict(self.environment)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def find(pid: int, created: float) -> psutil.Process | None:
    """The process that was started with this pid at this time, while it still runs."""
    try:
        process = psutil.Process(pid)
        ours = abs(process.create_time() - created) <= CLOCK_STEP_S
    except psutil.NoSuchProcess:
        return None
    return process if ours and _lives(process) else None


class Supervisor:
    """Starts and ends the processes of one stack's local cloud."""

    def __init__(self, paths: Paths) -> None:
        self._records = paths.state / "run"
        self._logs = paths.state / "logs"
        self._mark = str(paths.state)

    def log(self, name: str) -> Path:
        """The service's log."""
        return self._logs / f"{name}.log"

    def running(self, name: str) -> psutil.Process | None:
        """The service's process, if it runs."""
        record = read_json(self._records / f"{name}.json")
        return find(record["pid"], record["created"]) if record else None

    def recorded(self) -> list[str]:
        """Names of the services that were started and not stopped since, in the order of their start."""
        records = {path.stem: read_json(path) for path in self._records.glob("*.json")}
        return sorted(records, key=lambda name: float(records[name]["created"]))

    def ensure(self, service: Service) -> bool:
        """Have the service running and ready; true when it had to be started.

        Raises:
            LocalCloudError: it ended by itself or was not ready in time; the end of its log is in the message.
        """
        record = read_json(self._records / f"{service.name}.json")
        if self.running(service.name):
            if record["fingerprint"] == service.fingerprint and service.ready():
                return False
            self.stop(service.name)
        service.prepare()
        process = self._spawn(service)
        deadline = time.monotonic() + service.deadline_s
        while not service.ready():
            if process.poll() is not None or time.monotonic() > deadline:
                self.stop(service.name)
                raise self._failure(service, process.returncode)
            time.sleep(0.1)
        service.started()
        return True

    def _spawn(self, service: Service) -> "subprocess.Popen[bytes]":
        self._logs.mkdir(parents=True, exist_ok=True)
        with self.log(service.name).open("ab") as log:
            process = subprocess.Popen(
                list(service.command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **service.environment, MARK: self._mark},
                start_new_session=True,
            )
        record = {
            "pid": process.pid,
            "created": psutil.Process(process.pid).create_time(),
            "fingerprint": service.fingerprint,
            "stop_signal": service.stop_signal.value,
        }
        write(self._records / f"{service.name}.json", json.dumps(record))
        return process

    def _failure(self, service: Service, code: int | None) -> LocalCloudError:
        tail = self.log(service.name).read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
        how = f"was not ready after {service.deadline_s:.0f} s" if code is None else f"ended with code {code}"
        return LocalCloudError(
            "\n".join([f"{service.name} {how}; the end of its log:", *tail]),
            f"the whole log: {self.log(service.name)}",
        )

    def stop(self, name: str) -> None:
        """End the service with all its children: politely, then by force."""
        record_file = self._records / f"{name}.json"
        process = self.running(name)
        if process is not None:
            _end(process, read_json(record_file)["stop_signal"])
        record_file.unlink(missing_ok=True)

    def stop_others(self, names: set[str]) -> None:
        """End services that an earlier version of this checkout had and this one has not."""
        for name in set(self.recorded()) - names:
            self.stop(name)

    def stop_all(self) -> None:
        """End everything, the last started first; then whatever still carries this stack's mark."""
        for name in reversed(self.recorded()):
            self.stop(name)
        for lost in self.marked():
            _end(lost, signal.SIGTERM)

    def marked(self) -> list[psutil.Process]:
        """Every process that was started here, by the mark in its environment, this command itself excepted."""
        found: list[psutil.Process] = []
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                if process.environ().get(MARK) == self._mark and process.pid != os.getpid():
                    found.append(process)
        return found


def _end(process: psutil.Process, stop_signal: int) -> None:
    """Ask a process to end, kill it when it does not, and whatever children it leaves behind."""
    family = [process]
    with suppress(psutil.NoSuchProcess):
        family += process.children(recursive=True)
        process.send_signal(stop_signal)
    _wait([process])
    for member in family:
        with suppress(psutil.NoSuchProcess):
            member.kill()
    _wait(family)


def _wait(processes: list[psutil.Process]) -> None:
    deadline = time.monotonic() + STOP_S
    while any(_lives(process) for process in processes) and time.monotonic() < deadline:
        time.sleep(0.05)


def _lives(process: psutil.Process) -> bool:
    """Whether it runs; a zombie has ended, and in a container nobody may ever reap it."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
