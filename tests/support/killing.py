"""Runs of the engine that are killed at an operation, and what must hold afterwards."""

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from localcloud.cloud import LocalCloud

STAND_IN = "localcloud.providers."
"""In the command line of a stand-in: as AWS does, it finishes what it was asked for when the engine is gone."""

QUIET = ("same", "read", "refresh")
"""Operations that change nothing."""

POLL_S = 0.01
DEADLINE_S = 300.0


@dataclass(frozen=True)
class Operation:
    """An operation of the engine that had begun: `create urn:…`."""

    verb: str
    urn: str

    def __str__(self) -> str:
        kind = self.urn.split("::")[2].rpartition("$")[2]
        return f"{self.verb} {kind} {self.urn.rpartition('::')[2]}"


@dataclass(frozen=True)
class Run:
    """A run of the engine: the operation at whose beginning it was killed, or none, and how many had ended."""

    killed_at: Operation | None
    ended: int


def run_until(cloud: LocalCloud, command: str, done: int | None) -> Run:
    """Run `pulumi up` or `destroy`, and kill it as an operation begins after so many others have ended.

    Without a number it runs to its end. Killed are the engine, the program and the Kubernetes provider, all at once
    and without warning. The stand-ins notice by themselves.

    Raises:
        AssertionError: it failed by itself.
    """
    with tempfile.TemporaryDirectory() as folder:
        events, output = Path(folder) / "events.json", Path(folder) / "output"
        with output.open("wb") as file:
            process = subprocess.Popen(
                [
                    str(cloud.paths.bin / "pulumi"),
                    command,
                    "--yes",
                    "--skip-preview",
                    "--event-log",
                    str(events),
                ],
                cwd=cloud.paths.root,
                env={**os.environ, **cloud.env(), "PULUMI_DEBUG_COMMANDS": "true"},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        family = psutil.Process(process.pid)
        run = _watch(process, events, done)
        if run.killed_at:
            _kill(family)
        process.wait(DEADLINE_S)
        if not run.killed_at and process.returncode:
            raise AssertionError(output.read_text(errors="replace")[-3000:])
        return run


def _watch(process: "subprocess.Popen[bytes]", events: Path, done: int | None) -> Run:
    """Follow a run to its end, or to the first operation that begins after so many others have ended."""
    ended, position = 0, 0
    while True:
        over = process.poll() is not None  # asked first: what it wrote last is read below
        fresh, position = _read(events, position)
        for begins, operation in fresh:
            if begins and done is not None and ended >= done and not over:
                return Run(operation, ended)
            ended += not begins
        if over:
            return Run(None, ended)
        time.sleep(POLL_S)


def _read(events: Path, position: int) -> tuple[list[tuple[bool, Operation]], int]:
    if not events.exists():
        return [], position
    with events.open("rb") as file:
        file.seek(position)
        text = file.read()
    whole, newline, _ = text.rpartition(b"\n")
    return list(_operations(whole.splitlines())), position + len(whole) + len(newline)


def _operations(lines: list[bytes]) -> Iterator[tuple[bool, Operation]]:
    """Operations that begin, and those that end."""
    for line in lines:
        event: dict[str, Any] = json.loads(line)
        begins = "resourcePreEvent" in event
        metadata: dict[str, Any] = event.get("resourcePreEvent" if begins else "resOutputsEvent", {}).get(
            "metadata", {}
        )
        # Components and the stack itself exist in the state alone: nothing of them can be lost.
        if metadata and metadata["op"] not in QUIET and metadata.get("provider"):
            yield begins, Operation(metadata["op"], metadata["urn"])


def _kill(engine: psutil.Process) -> None:
    family = [engine, *engine.children(recursive=True)]
    for process in family:
        try:
            if STAND_IN not in " ".join(process.cmdline()):
                process.send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            continue
    # What AWS was asked for takes its time; nobody looks before it has happened.
    psutil.wait_procs(family, timeout=60)
