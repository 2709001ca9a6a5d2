"""This machine: its programs and their versions, disk, memory and environment. No network."""

import importlib.metadata
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

VERSION_TIMEOUT_S = 20
"""Seconds a program may take to tell its version; the aws CLI needs about one."""

Version = tuple[int, ...]
"""A version as numbers, so that 1.26.10 is newer than 1.26.9."""

_NUMBERS = re.compile(r"\d+(?:\.\d+)+")


def parse_version(text: str) -> Version | None:
    """The first dotted number in ``text`` (``go version go1.26.8 linux/amd64``), or none."""
    found = _NUMBERS.search(text)
    return tuple(int(number) for number in found.group().split(".")) if found else None


def show_version(version: Version) -> str:
    """The version as people write it: ``1.26.8``."""
    return ".".join(str(number) for number in version)


def find_program(name: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """The program's path: on PATH, or beside the Python that runs this (an environment not activated)."""
    beside = Path(sys.executable).with_name(name)
    return shutil.which(name, path=environment.get("PATH")) or (str(beside) if beside.exists() else None)


class Machine:
    """What this machine has."""

    def __init__(self, environment: Mapping[str, str] = os.environ, home: Path | None = None) -> None:
        self.environment = environment
        self.home = home or Path.home()

    def has(self, program: str) -> bool:
        """Whether the program is installed."""
        return find_program(program, self.environment) is not None

    def version(self, program: str, arguments: Sequence[str] = ("--version",)) -> Version | None:
        """The version that the program tells, or none: not installed, or not willing to say."""
        path = find_program(program, self.environment)
        if path is None:
            return None
        try:
            told = subprocess.run(
                [path, *arguments], capture_output=True, text=True, timeout=VERSION_TIMEOUT_S, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return parse_version(told.stdout + told.stderr)

    def python(self) -> Version:
        """The version of the Python that runs this."""
        return tuple(sys.version_info[:3])

    def package(self, name: str) -> Version | None:
        """The version of an installed Python package, without importing it."""
        try:
            return parse_version(importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            return None

    def disk_free_bytes(self, path: Path) -> int:
        """Bytes that a normal user may still write where ``path`` is."""
        return shutil.disk_usage(path).free

    def memory_bytes(self) -> int:
        """Bytes of memory that this machine has."""
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")

    def loopback_port(self) -> int | None:
        """A port of 127.0.0.1 that is free now, or none."""
        try:
            with socket.create_server(("127.0.0.1", 0)) as server:
                return int(server.getsockname()[1])
        except OSError:
            return None
