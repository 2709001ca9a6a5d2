"""Loads a dump into a new database: of the proof's own server, or beside the one in use."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from psycopg import sql

from operations.backup_manifest import DatabaseGrant, Manifest
from operations.clients.postgres import Connection
from operations.clients.postgres_programs import Programs, run
from operations.errors import BackupError, RejectedError

_FROM: Final = re.compile(r"^;\s+dbname: (.*)$", re.MULTILINE)
_PRIVILEGES: Final = {
    "CONNECT": sql.SQL("CONNECT"),
    "CREATE": sql.SQL("CREATE"),
    "TEMPORARY": sql.SQL("TEMPORARY"),
}
"""All that there is on a database (PostgreSQL 18, table 5.2)."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where a dump goes. ``words`` and ``environment`` are how pg_restore reaches it."""

    words: str
    environment: Mapping[str, str] | None = None
    jobs: int = 2


def check_archive(programs: Programs, archive: Path, manifest: Manifest) -> None:
    """Look at the archive's table of contents.

    Raises:
        RejectedError: it has none, or is of another database or another length.
    """
    try:
        listed = run("pg_restore", [programs.path("pg_restore"), "--list", str(archive)]).decode(
            errors="replace"
        )
    except BackupError as error:
        raise RejectedError(f"the dump is no archive of pg_dump's: {error.message}") from None
    found = _FROM.search(listed)
    if found is None or found[1] != manifest.database:
        whose = found[1] if found else "nobody"
        raise RejectedError(f"the dump is of the database {whose}, the manifest of {manifest.database}")
    length = archive.stat().st_size
    if length != manifest.archive_bytes:
        raise RejectedError(
            f"the dump holds {length:,} bytes, in the manifest {manifest.archive_bytes:,}: pg_dump did not end it"
        )


def grant_on_database(connection: Connection, database: str, grants: list[DatabaseGrant]) -> None:
    """Privileges on a new database: exactly these, which pg_dump leaves to whoever makes it."""
    name = sql.Identifier(database)
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    for one in grants:
        to = sql.Identifier(one.grantee) if one.grantee else sql.SQL("PUBLIC")
        connection.execute(
            sql.SQL("GRANT {} ON DATABASE {} TO {}").format(_PRIVILEGES[one.privilege], name, to)
        )


def load(programs: Programs, archive: Path, target: Target) -> None:
    """Load everything, or stop at the first thing that the server refuses.

    But for comments on extensions: making one sets its own, and RDS lets nobody set another.

    Raises:
        RejectedError: it could not be loaded, with pg_restore's last words.
    """
    program, chosen = programs.path("pg_restore"), archive.with_name("chosen")
    command = [program, "--exit-on-error", "--no-password", f"--jobs={target.jobs}", f"--use-list={chosen}"]
    try:
        listed = run("pg_restore", [program, "--list", str(archive)]).splitlines(keepends=True)
        chosen.write_bytes(b"".join(line for line in listed if b" COMMENT - EXTENSION " not in line))
        run("pg_restore", [*command, f"--dbname={target.words}", str(archive)], target.environment)
    except BackupError as error:
        raise RejectedError(error.message) from None
