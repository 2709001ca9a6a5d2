"""A PostgreSQL of our own for the length of a block: reached by a socket in a folder of ours alone."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import psycopg
from psycopg.conninfo import make_conninfo

from operations.clients.postgres import Connection
from operations.clients.postgres_programs import Programs, run
from operations.errors import BackupError, RejectedError

START_S: Final = 60
STOP_S: Final = 60
"""Seconds that the server may take; a quiet machine needs one for either."""

OPTIONS: Final = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    # Nothing here outlives the block, so nothing needs to survive a crash.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "max_wal_size": "4GB",
    "maintenance_work_mem": "256MB",
}


@dataclass(frozen=True, kw_only=True)
class ScratchServer:
    """A server that runs. Whoever may enter its socket's folder, we alone, is its superuser."""

    socket: Path
    superuser: str

    def words(self, database: str) -> str:
        """How PostgreSQL's own programs reach a database of it."""
        return make_conninfo(host=str(self.socket), user=self.superuser, dbname=database)

    @contextmanager
    def connect(self, database: str) -> Generator[Connection]:
        """A connection that commits each statement.

        Raises:
            RejectedError: the server refused: what was asked for, by the manifest, is not there.
        """
        try:
            with psycopg.connect(self.words(database), autocommit=True) as connection:
                yield connection
        except psycopg.Error as error:
            said = " ".join((error.diag.message_primary or str(error)).split())
            raise RejectedError(f"the scratch server refused: {said}") from error


@contextmanager
def scratch_server(programs: Programs, superuser: str, folder: Path) -> Generator[ScratchServer]:
    """A new server.

    Args:
        programs: of the version that it shall have.
        superuser: the name of its first superuser.
        folder: an empty folder; it is not removed here.

    Raises:
        BackupError: it cannot be made, or does not start.
    """
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")
    cluster = folder / "cluster"
    made = [programs.path("initdb"), "-D", str(cluster), "-U", superuser, "-A", "trust"]
    run("initdb", [*_unprivileged(), *made, "--no-sync", "--no-locale", "-E", "UTF8"], cwd="/")
    # A socket's path may have 107 bytes, so it is not in a folder that the caller has chosen.
    with TemporaryDirectory(prefix="intendly-socket-") as socket:
        if os.geteuid() == 0:
            shutil.chown(socket, "nobody")
        server = ScratchServer(socket=Path(socket), superuser=superuser)
        with _serve(programs, server, cluster):
            yield server


@contextmanager
def _serve(programs: Programs, server: ScratchServer, cluster: Path) -> Generator[None]:
    options = {**OPTIONS, "unix_socket_directories": str(server.socket)}
    settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    command = [*_unprivileged(), programs.path("postgres"), "-D", str(cluster), *settings]
    file = cluster.with_name("log")
    with file.open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/")
        try:
            _wait(server, process, file)
            yield
        finally:
            _stop(process)


def _wait(server: ScratchServer, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while True:
        try:
            psycopg.connect(server.words("postgres")).close()
        except psycopg.OperationalError:
            if process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
                continue
            said = "; ".join(log.read_text(errors="replace").splitlines()[-3:])
            raise BackupError(f"the scratch server does not start: {said}") from None
        return


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _unprivileged() -> list[str]:
    """PostgreSQL refuses to be root. One of root's powers is kept, to pass folders that are closed to others."""
    if os.geteuid() != 0:
        return []
    powers = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *powers]
