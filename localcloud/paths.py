"""Where things are: one state folder in the checkout, ignored by git, one folder a stack in it."""

import fcntl
import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from localcloud.errors import LocalCloudError

ROOT = Path(__file__).resolve().parents[1]
"""The checkout that this package belongs to."""

TOOLS = ROOT / "localcloud" / "tools"
"""One Go module for each real program that is built from source."""

LOOPBACK = "127.0.0.1"
"""The only address that anything here listens on or speaks to."""


@dataclass(frozen=True)
class Paths:
    """The folders of one stack's local cloud."""

    root: Path
    stack: str

    @property
    def local(self) -> Path:
        """Everything that git ignores, shared by the stacks of this checkout."""
        return self.root / ".local"

    @property
    def bin(self) -> Path:
        """The real programs, built or linked."""
        return self.local / "bin"

    def program(self, name: str) -> Path:
        """A real program. Plugins are kept off PATH: the engine warns about each that it finds there."""
        plugin = name.startswith("pulumi-resource-")
        return (self.local / "plugins" if plugin else self.bin) / name

    @property
    def share(self) -> Path:
        """What the builder copied out of module folders: stages of kwok, packed charts."""
        return self.local / "share"

    @property
    def pulumi_home(self) -> Path:
        """The engine's home: plugins, credentials of the file backend."""
        return self.local / "pulumi-home"

    @property
    def state(self) -> Path:
        """Everything of this stack: processes, certificates, data, the engine's state."""
        return self.local / self.stack

    @property
    def endpoints(self) -> Path:
        """Where the servers of this stack are; the AWS stand-in reads it."""
        return self.state / "endpoints.json"

    @property
    def ledger(self) -> Path:
        """What exists in the stand-in for AWS; the AWS stand-in writes it."""
        return self.state / "aws.json"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig, with a client certificate."""
        return self.state / "kubeconfig.json"


def write(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file so that a reader sees the old text or the new, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    temporary.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in ``path``; empty where the file does not exist."""
    if not path.exists():
        return {}
    return cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))


@contextmanager
def locked(path: Path, doing: str) -> Generator[None]:
    """Hold a lock file while something is done that must not be done twice at once.

    Raises:
        LocalCloudError: another command holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LocalCloudError(
                f"another command is {doing} already", f"wait until it has ended (its lock: {path})"
            ) from None
        yield
