"""A PostgreSQL server, reached by TLS whose certificate is checked against the host's name.

Passwords are handed to libpq in memory: never in an argument of a process, never in SQL. Where one is set, the
server gets the SCRAM verifier that this side computes, so that neither a statement log nor auto_explain can show
the password (the master user of RDS may not turn ``log_statement`` off for its session).
"""

import ipaddress
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from operations.errors import DatabaseError

CONNECT_TIMEOUT_S = 10
"""Seconds for one way to connect."""

VERIFIED, ENCRYPTED, PLAIN = "verify-full", "require", "disable"
"""libpq's names: encrypted to the server that was meant; encrypted to whoever answers; not encrypted."""

BUNDLE_URL = "https://truststore.pki.rds.amazonaws.com/{region}/{region}-bundle.pem"
"""Where AWS keeps the authorities of a region's database servers (RDS user guide, "Using SSL/TLS")."""

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where a database is and how it is reached.

    ``via`` is a tunnel's loopback end, ``127.0.0.1:15432``: the connection goes there, the certificate must still
    be ``host``'s. ``mode`` is empty for the safe choice; ``authorities`` is a file of certificates in PEM.
    """

    host: str
    port: int
    database: str
    mode: str = ""
    authorities: Path | None = None
    via: str = ""

    def __str__(self) -> str:
        tunnel = f" via {self.via}" if self.via else ""
        return f"{self.host}:{self.port}/{self.database}{tunnel}"


class PostgresClient:
    """One database on one server.

    Args:
        address: where it is.
    """

    def __init__(self, address: Address) -> None:
        self.address = address
        self._parameters = _parameters(address)

    @contextmanager
    def connect(self, user: str, password: str) -> Generator[Connection]:
        """One transaction: committed at the end, undone when anything raises.

        Raises:
            DatabaseError: no connection, or the server refused a statement.
        """
        try:
            connection = psycopg.connect(**self._parameters, user=user, password=password)
        except psycopg.OperationalError as error:
            raise DatabaseError(
                f"cannot connect to {self.address} as {user}: {_reason(error)}", _HINT
            ) from None
        try:
            with connection:
                yield connection
        except psycopg.Error as error:
            raise DatabaseError(f"{self.address} refused: {_reason(error)}", "nothing was changed") from error

    def words(self, user: str) -> str:
        """How PostgreSQL's own programs reach the database as this user; the password comes another way."""
        # They name themselves to the server, so that who looks there knows them.
        own = {key: value for key, value in self._parameters.items() if key != "application_name"}
        return make_conninfo(**own, user=user)

    def logs_in(self, user: str, password: str) -> bool:
        """Whether the server lets this user in with this password."""
        try:
            psycopg.connect(**self._parameters, user=user, password=password).close()
        except psycopg.OperationalError:
            return False
        return True


def set_password(connection: Connection, user: str, password: str) -> sql.Composed:
    """The statement that sets a password, with its SCRAM verifier in the password's place."""
    verifier = connection.pgconn.encrypt_password(password.encode(), user.encode(), b"scram-sha-256")
    return sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(user), sql.Literal(verifier.decode()))


def is_loopback(host: str) -> bool:
    """Whether the name or address can only be this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


_HINT = (
    "RDS is reached from inside the VPC only: run this there, or through a tunnel with --via 127.0.0.1:PORT; "
    "docs/real-account.md shows one"
)


def _parameters(address: Address) -> dict[str, Any]:
    mode = address.mode or (PLAIN if is_loopback(address.host) else VERIFIED)
    if mode not in {VERIFIED, ENCRYPTED, PLAIN}:
        raise DatabaseError(f"sslmode {mode!r} is refused; allowed: {VERIFIED}, {ENCRYPTED}, {PLAIN}")
    if mode == PLAIN and not is_loopback(address.host):
        raise DatabaseError(
            f"sslmode {PLAIN} would send {address.host} everything in plain text",
            f"only a server on this machine is reached so; leave --sslmode out for {VERIFIED}",
        )
    parameters: dict[str, Any] = {
        "host": address.host,
        "port": address.port,
        "dbname": address.database,
        "sslmode": mode,
        "connect_timeout": CONNECT_TIMEOUT_S,
        "application_name": "intendly",
        # No schema in which somebody could have put a function or table that looks like the system's.
        "options": "-c search_path=pg_catalog",
    }
    if address.via:
        parameters |= _tunnel(address.via)
    if mode == VERIFIED:
        parameters["sslrootcert"] = str(_authorities(address))
    return parameters


def _tunnel(via: str) -> dict[str, Any]:
    host, _, port = via.rpartition(":")
    if host not in {"127.0.0.1", "[::1]"} or not port.isascii() or not port.isdigit():
        raise DatabaseError(f"--via {via!r} is refused; allowed: a tunnel's end here, 127.0.0.1:PORT")
    return {"hostaddr": host.strip("[]"), "port": int(port)}


def _authorities(address: Address) -> Path:
    """The file to check the server's certificate with: libpq's own default would be a person's, of any age."""
    region = address.host.split(".")[2] if address.host.endswith(".rds.amazonaws.com") else "us-east-1"
    hint = (
        f"curl -fsSO {BUNDLE_URL.format(region=region)} and name it with --ca-bundle or INTENDLY_DATABASE_CA"
    )
    if address.authorities is None:
        raise DatabaseError(f"nothing to check the certificate of {address.host} with", hint)
    if not address.authorities.is_file():
        raise DatabaseError(f"there is no file {address.authorities}", hint)
    return address.authorities


def _reason(error: psycopg.Error) -> str:
    """The server's own words in one line; psycopg keeps parameters of statements out of them."""
    said = error.diag.message_primary or str(error)
    return " ".join(said.split()) or type(error).__name__
