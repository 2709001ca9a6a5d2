"""Runs previews of programs with the real engine, each over a state of its own, and measures them."""

import json
import os
import re
import resource
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from benchmarks.pairs import Cost
from localcloud.cloud import LocalCloud
from localcloud.engine import CLEARED, PER_STACK

PROJECT = "intendly"

URN = re.compile(r"(urn:pulumi:[^:\"]+::[^:\"]+::)[^\"$]*(?:\$[^\"$]*)*\$([^\"$]+)")
"""A URN of a resource with a parent: what stands before the types, and the resource's own type and name."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A program and its state."""

    name: str
    folder: Path
    """Where its Pulumi.yaml is."""
    backend: Path


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a preview took, and what it said it would do."""

    cost: Cost
    counts: Mapping[str, int]
    """Resources by what would happen to them, such as `to create`."""


class Laboratory:
    """Makes subjects beside each other in a scratch folder, all on one local cloud.

    Args:
        cloud: the local cloud; started.
        folder: an empty folder.
    """

    def __init__(self, cloud: LocalCloud, folder: Path) -> None:
        self._cloud = cloud
        self._folder = folder

    def program(self) -> Subject:
        """The program as it stands in this checkout."""
        return self._subject("program", self._cloud.paths.root)

    def script(self, name: str, main: str, modules: Mapping[str, str] | None = None) -> Subject:
        """A program of one's own: its `__main__.py`, and further modules by file name."""
        folder = self._folder / name
        folder.mkdir()
        runtime = {"name": "python", "options": {"virtualenv": str(self._cloud.paths.root / ".venv")}}
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump({"name": PROJECT, "runtime": runtime}))
        for file, text in {"__main__.py": main, **(modules or {})}.items():
            (folder / file).write_text(text)
        return self._subject(name, folder)

    def preview(self, subject: Subject) -> Preview:
        """Preview once, measured."""
        started, used = time.perf_counter(), _cpu_seconds()
        said = self._pulumi(subject, "preview", "--non-interactive")
        cost = Cost(seconds=time.perf_counter() - started, cpu_seconds=_cpu_seconds() - used)
        counts = re.findall(r"^ +\S? ?(\d+) (to \w+|unchanged)$", said, re.MULTILINE)
        return Preview(cost=cost, counts={what: int(number) for number, what in counts})

    def start_preview(self, subject: Subject) -> "subprocess.Popen[bytes]":
        """Start a preview for somebody who watches its processes."""
        return subprocess.Popen(
            [str(self._cloud.paths.bin / "pulumi"), "preview", "--non-interactive"],
            cwd=subject.folder,
            env=self._environment(subject),
            stdout=subprocess.DEVNULL,
        )

    def take_state(self, subject: Subject, *, flat: bool) -> None:
        """Give a subject the state of the local cloud's stack, as it is or as the floor would have it."""
        state = self._cloud.pulumi("stack", "export", capture=True)
        file = self._folder / f"{subject.name}.state.json"
        file.write_text(flattened(state) if flat else state)
        self._pulumi(subject, "stack", "import", "--file", str(file))

    def _subject(self, name: str, folder: Path) -> Subject:
        backend = self._folder / f"{name}.backend"
        backend.mkdir()
        subject = Subject(name=name, folder=folder, backend=backend)
        # The engine writes a new stack's salt beside Pulumi.yaml: into a folder that nobody reads afterwards.
        elsewhere = self._folder / f"{name}.init"
        elsewhere.mkdir()
        (elsewhere / "Pulumi.yaml").write_text(yaml.safe_dump({"name": PROJECT, "runtime": "python"}))
        self._pulumi(
            subject, "stack", "init", self._cloud.paths.stack, "--cwd", str(elsewhere), without=PER_STACK
        )
        return subject

    def _pulumi(self, subject: Subject, *arguments: str, without: tuple[str, ...] = ()) -> str:
        environment = self._environment(subject)
        done = subprocess.run(
            [str(self._cloud.paths.bin / "pulumi"), *arguments],
            cwd=subject.folder,
            env={name: value for name, value in environment.items() if name not in without},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{subject.name}: pulumi {arguments[0]} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def _environment(self, subject: Subject) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if name not in CLEARED},
            **self._cloud.env(),
            "PULUMI_BACKEND_URL": f"file://{subject.backend}",
            "PYTHONPATH": str(self._cloud.paths.root),
        }


def _cpu_seconds() -> float:
    """Processor time of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def flattened(state: str) -> str:
    """A stack's exported state without components: what was in them stands directly below the stack."""
    document = json.loads(URN.sub(r"\1\2", state))
    deployment = document["deployment"]
    kept = [one for one in deployment["resources"] if not one["type"].startswith("intendly:")]
    stack = next(one["urn"] for one in kept if one["type"] == "pulumi:pulumi:Stack")
    for one in kept:
        if one["urn"] != stack:
            one["parent"] = stack
    deployment["resources"] = kept
    return json.dumps(document)
