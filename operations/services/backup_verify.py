"""``intendly backup verify``: a backup is proven when a restore of it is what its manifest says."""

import os
import shutil
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from psycopg import sql

from operations.backup_manifest import Manifest, Proof, write_proof
from operations.clients.aws_objects import ObjectStore
from operations.clients.postgres_programs import Programs, find_programs, run
from operations.clients.postgres_scratch import ScratchServer, scratch_server
from operations.errors import BackupError, RejectedError
from operations.services.backup_catalogue import Catalogue, Keys
from operations.services.backup_compare import differences
from operations.services.backup_fetch import check_size, fetch
from operations.services.backup_load import Target, check_archive, grant_on_database, load

JOBS: Final = min(4, os.cpu_count() or 1)
"""Tables that are restored at a time."""

MOST_REASONS: Final = 20
"""Differences that a proof names: one is enough to reject, and thousands help nobody."""


class Verifier:
    """Restores backups into a server of its own, and compares.

    Args:
        store: the bucket.
        keys: where in it.
        catalogue: reads manifests.
        clock: now.
    """

    def __init__(
        self,
        store: ObjectStore,
        keys: Keys,
        catalogue: Catalogue,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._keys = keys
        self._catalogue = catalogue
        self._clock = clock

    def verify(
        self, backup: str = "", *, oldest_hours: float | None = None, scratch: Path | None = None
    ) -> Proof:
        """Prove a backup, or say why it is none, and write it down beside the manifest.

        Args:
            backup: which; the newest when empty.
            oldest_hours: refuse one whose data is older than this.
            scratch: where there is room for the archive and a restored database; the system's own place by default.

        Raises:
            OperatorError: it could not be tried: nothing is known of the backup then, and nothing written.
        """
        begun = time.monotonic()
        manifest = self._catalogue.manifest(backup or self._catalogue.newest())
        self._refuse_stale(manifest, oldest_hours)
        programs = find_programs(manifest.server.version // 10000, "initdb")
        reasons: list[str] = []
        try:
            check_size(self._store, manifest.dump)
            check_size(self._store, manifest.globals)
            with _folder(manifest, scratch) as folder:
                reasons += self._restore(manifest, programs, folder)
        except RejectedError as error:
            reasons.append(error.message)
        proof = self._proof(manifest, programs, reasons, time.monotonic() - begun)
        self._store.write(self._keys.proof(manifest.id), write_proof(proof), new=False)
        return proof

    def _refuse_stale(self, manifest: Manifest, oldest_hours: float | None) -> None:
        age = (self._clock() - manifest.started).total_seconds() / 3600
        if oldest_hours is not None and age > oldest_hours:
            raise BackupError(
                f"{manifest.id} is stale: its data is {age:,.1f} hours old, and {oldest_hours:g} are allowed",
                "see why no newer one was made; intendly backup run full",
            )

    def _restore(self, manifest: Manifest, programs: Programs, folder: Path) -> list[str]:
        archive, globals_ = folder / "archive", folder / "globals.sql"
        fetch(self._store, manifest.globals, globals_)
        fetch(self._store, manifest.dump, archive)
        check_archive(programs, archive, manifest)
        place = folder / "server"
        place.mkdir(mode=0o700)
        with scratch_server(programs, manifest.server.superuser, place) as server:
            _load_globals(programs, server, globals_)
            _make(server, manifest)
            load(programs, archive, Target(words=server.words(manifest.database), jobs=JOBS))
            with server.connect(manifest.database) as connection:
                return differences(manifest.contents, connection, server_wide=True)

    def _proof(self, manifest: Manifest, programs: Programs, reasons: list[str], took: float) -> Proof:
        ended = self._clock()
        tables = manifest.contents.tables
        return Proof(
            backup=manifest.id,
            ended=ended,
            proven=not reasons,
            reasons=reasons[:MOST_REASONS],
            archive_sha256=manifest.dump.sha256,
            server_version=programs.title,
            rto_s=round(took, 1),
            rpo_s=round((ended - manifest.started).total_seconds(), 1),
            rows=0 if reasons else sum(one.rows for one in tables),
            sampled=0 if reasons else sum(len(one.sample) for one in tables),
        )


@contextmanager
def _folder(manifest: Manifest, scratch: Path | None) -> Generator[Path]:
    """A folder with room for the archive and the database, gone at the end."""
    with TemporaryDirectory(prefix="intendly-proof-", dir=scratch) as name:
        needed, free = manifest.archive_bytes + manifest.database_bytes, shutil.disk_usage(name).free
        if free < needed:
            raise BackupError(
                f"a proof of {manifest.id} needs {needed:,} bytes of scratch space, and {name} has {free:,}",
                "choose another place with --scratch",
            )
        Path(name).chmod(0o711)  # the server's own user passes, and looks into nothing
        yield Path(name)


def _load_globals(programs: Programs, server: ScratchServer, file: Path) -> None:
    """Roles and memberships. The first superuser is there already; what else was refused the comparison finds."""
    command = [programs.path("psql"), "--no-psqlrc", "--quiet", "--no-password", "--file", str(file)]
    run("psql", [*command, "--dbname", server.words("postgres")])


def _make(server: ScratchServer, manifest: Manifest) -> None:
    """The database. Its order of text is C's: a proof compares what is there, not how it would be sorted."""
    made = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING {} LOCALE 'C'").format(
        sql.Identifier(manifest.database), sql.Literal(manifest.server.encoding)
    )
    with server.connect("postgres") as connection:
        connection.execute(made)
        grant_on_database(connection, manifest.database, manifest.contents.database_grants)
