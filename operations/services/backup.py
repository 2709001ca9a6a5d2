"""``intendly backup run full``: one consistent dump, its globals, and a manifest that makes them a backup."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import psycopg

from operations.backup_manifest import Contents, Manifest, Server, write_manifest
from operations.clients import postgres_contents
from operations.clients.aws_objects import ObjectStore
from operations.clients.postgres import Address, Connection, PostgresClient
from operations.clients.postgres_programs import Programs, find_programs, password_file
from operations.errors import BackupError, DatabaseError, OperatorError
from operations.services.backup_catalogue import Keys
from operations.services.backup_pipe import Piped, Source, send
from operations.services.database import Access

LOCK: Final = b"hashtext('intendly backup')"
"""Who holds it in the database makes a backup; another one is refused."""

OLDEST_VERSION: Final = 160000
"""PostgreSQL 16, as everywhere in this program: what manifests ask the catalogue for is there since then."""


@dataclass(frozen=True, kw_only=True)
class BackupPlan:
    """What a backup would do."""

    server: str
    version: str
    program: str
    database_bytes: int
    tables: int
    target: str

    @property
    def steps(self) -> tuple[str, ...]:
        """In words."""
        return (
            f"dump {self.tables} tables ({self.database_bytes:,} bytes in the database) with {self.program}",
            f"compress with zstd and send to {self.target}.dump.zst",
            f"roles and grants, without passwords, to {self.target}.globals.sql.zst",
            f"the manifest, last, to {self.target}.manifest.json",
        )


class BackupService:
    """Makes full backups.

    Args:
        store: the bucket.
        keys: where in it.
        connect: makes the client of an address.
    """

    def __init__(self, store: ObjectStore, keys: Keys, connect: Callable[[Address], PostgresClient]) -> None:
        self._store = store
        self._keys = keys
        self._connect = connect

    def plan(self, access: Access) -> BackupPlan:
        """What a backup would do now; reads only.

        Raises:
            OperatorError: it could not be done: no connection, no program, no bucket, or one is running.
        """
        with self._connect(access.address).connect(
            access.administrator, access.administrator_password
        ) as connection:
            connection.read_only = True
            moment, programs = _begin(connection, access)
            self._store.keys(self._keys.prefix + "-")  # the bucket is there, and may be looked into
            return BackupPlan(
                server=str(access.address),
                version=_title(moment.server.version),
                program=f"pg_dump {programs.title}",
                database_bytes=moment.database_bytes,
                tables=len(postgres_contents.tables(connection)),
                target=f"s3://{self._store.bucket}/{self._keys.base(moment.id)}",
            )

    def run(self, access: Access) -> Manifest:
        """Make a backup.

        Raises:
            OperatorError: it failed; there is no manifest, and so no backup.
        """
        client = self._connect(access.address)
        begun = time.monotonic()
        with client.connect(access.administrator, access.administrator_password) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            moment, programs = _begin(connection, access)
            work = _Work(client=client, access=access, programs=programs, moment=moment)
            dump, contents = self._dump(connection, work)
            globals_ = self._globals(work)
            [(ended,)] = connection.execute(b"SELECT clock_timestamp()").fetchall()
        manifest = Manifest(
            id=moment.id,
            database=access.address.database,
            started=moment.time,
            ended=ended.astimezone(UTC),
            duration_s=round(time.monotonic() - begun, 1),
            server=moment.server,
            program=f"pg_dump {programs.title}",
            wal_position=moment.wal_position,
            database_bytes=moment.database_bytes,
            archive_bytes=dump.raw_bytes,
            dump=dump.stored,
            globals=globals_.stored,
            contents=contents,
        )
        for part in (manifest.dump, manifest.globals):
            if (there := self._store.size(part.key)) != part.bytes:
                raise BackupError(f"sent {part.bytes} bytes to {part.key}, and {there} are there")
        self._store.write(self._keys.manifest(moment.id), write_manifest(manifest))
        return manifest

    def _dump(self, connection: Connection, work: "_Work") -> tuple[Piped, Contents]:
        """The dump is sent while this connection, which holds its snapshot, counts what is in it."""
        [(snapshot,)] = connection.execute(b"SELECT pg_export_snapshot()").fetchall()
        postgres_contents.hold(connection)
        options = ["--format=custom", "--compress=0", "--no-password", f"--snapshot={snapshot}"]
        with ThreadPoolExecutor(1) as sender:
            sending = sender.submit(self._send, work, "pg_dump", options, "dump.zst")
            try:
                contents = postgres_contents.contents(connection)
            except (psycopg.Error, OperatorError):
                # Both lose a server that goes away; pg_dump's own words come first, if it failed too.
                sending.result()
                raise
            dump = sending.result()
        after = dict(postgres_contents.sequence_values(connection))
        sequences = [one.model_copy(update={"after": after.get(one.name)}) for one in contents.sequences]
        return dump, contents.model_copy(update={"sequences": sequences})

    def _globals(self, work: "_Work") -> Piped:
        options = ["--globals-only", "--no-role-passwords", "--no-password"]
        options.append(f"--database={work.access.address.database}")
        return self._send(work, "pg_dumpall", options, "globals.sql.zst")

    def _send(self, work: "_Work", program: str, options: list[str], ending: str) -> Piped:
        words = work.client.words(work.access.administrator)
        command = [work.programs.path(program), *options, f"--dbname={words}"]
        key = f"{self._keys.base(work.moment.id)}.{ending}"
        with password_file(work.access.administrator_password) as environment:
            source = Source(name=program, command=command, environment=environment)
            return send(source, self._store, key, work.moment.database_bytes)


@dataclass(frozen=True, kw_only=True)
class _Moment:
    """The database as the snapshot has it."""

    id: str
    time: datetime
    server: Server
    database_bytes: int
    wal_position: str


@dataclass(frozen=True, kw_only=True)
class _Work:
    client: PostgresClient
    access: Access
    programs: Programs
    moment: _Moment


def _begin(connection: Connection, access: Access) -> tuple[_Moment, Programs]:
    """Be the only backup, of the database that was meant, with programs that can.

    The first statement takes the transaction's snapshot, and with it the backup's time.
    """
    [(time_, database, size, in_recovery)] = connection.execute(
        b"SELECT now(), current_database(), pg_database_size(current_database()), pg_is_in_recovery()"
    ).fetchall()
    if database != access.address.database:
        raise DatabaseError(f"this is the database {database}, not {access.address.database}")
    if in_recovery:
        raise DatabaseError("this is a standby, which a backup cannot lock", "connect to the primary")
    postgres_contents.settle(connection)
    server = postgres_contents.server(connection)
    if server.version < OLDEST_VERSION:
        raise BackupError(f"the server is PostgreSQL {server.version // 10000}; backups need 16 or newer")
    programs = find_programs(server.version // 10000)
    _be_alone(connection, database)
    [(wal,)] = connection.execute(b"SELECT pg_current_wal_lsn()::text").fetchall()
    moment = _Moment(
        id=f"{time_.astimezone(UTC):%Y%m%d_%H%M%S}_{database}",
        time=time_.astimezone(UTC),
        server=server,
        database_bytes=size,
        wal_position=wal,
    )
    return moment, programs


def _be_alone(connection: Connection, database: str) -> None:
    [(mine,)] = connection.execute(b"SELECT pg_try_advisory_xact_lock(" + LOCK + b")").fetchall()
    if mine:
        return
    since = "a moment ago"
    with suppress(ValueError):
        [(pid, begun)] = connection.execute(_HOLDER).fetchall()
        since = f"{begun.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC (server process {pid})"
    raise BackupError(
        f"another backup of {database} is running, since {since}",
        "wait for it, or end its process; its lock goes with it",
    )


_HOLDER: Final = (
    b"SELECT a.pid, a.xact_start FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
    b" WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1"
    b" AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    b" AND l.objid = (" + LOCK + b"::bigint & 4294967295)::oid"
)


def _title(version: int) -> str:
    return f"{version // 10000}.{version % 10000}"
