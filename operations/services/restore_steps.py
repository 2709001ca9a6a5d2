"""What the steps of a restore do to the databases. Each may be done again from its start."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from operations.backup_manifest import Manifest
from operations.clients.aws_objects import ObjectStore
from operations.clients.postgres import Address, PostgresClient
from operations.clients.postgres_programs import find_programs, password_file
from operations.errors import RejectedError
from operations.services.backup_compare import definitions, differences
from operations.services.backup_fetch import fetch
from operations.services.backup_load import Target, check_archive, load
from operations.services.backup_verify import JOBS
from operations.services.database import Access
from operations.services.restore_databases import Databases, beside


@dataclass(frozen=True, kw_only=True)
class Work:
    """What the steps of a restore work on."""

    access: Access
    manifest: Manifest
    databases: Databases
    scratch: Path | None


class Steps:
    """Loads, compares and looks again.

    Args:
        store: the bucket.
        connect: makes the client of an address.
    """

    def __init__(self, store: ObjectStore, connect: Callable[[Address], PostgresClient]) -> None:
        self._store = store
        self._connect = connect

    def load(self, work: Work) -> None:
        """The dump into the new database; what is there of an earlier try goes.

        Raises:
            OperatorError: the dump is not what the manifest says, or the server refused it.
        """
        access, manifest = work.access, work.manifest
        programs = find_programs(max(work.databases.version, manifest.server.version) // 10000)
        with TemporaryDirectory(prefix="intendly-restore-", dir=work.scratch) as folder:
            archive = Path(folder) / "archive"
            fetch(self._store, manifest.dump, archive)
            check_archive(programs, archive, manifest)
            work.databases.make_new(manifest.contents.database_grants)
            client = self._connect(beside(access.address, work.databases.names.new))
            with password_file(access.administrator_password) as environment:
                words = client.words(access.administrator)
                load(programs, archive, Target(words=words, environment=environment, jobs=JOBS))

    def verify(self, work: Work) -> None:
        """The new database beside the manifest; then its statistics, without which plans are bad.

        Raises:
            RejectedError: they differ.
        """
        access, new = work.access, work.databases.names.new
        client = self._connect(beside(access.address, new))
        with client.connect(access.administrator, access.administrator_password) as connection:
            found = differences(work.manifest.contents, connection, server_wide=False)
            if found:
                raise RejectedError(
                    f"{new} is not as the manifest says: {'; '.join(found[:5])}",
                    f"{access.address.database} was not touched; intendly restore undo removes {new}",
                )
            connection.execute(b"ANALYZE")

    def check(self, work: Work) -> None:
        """The database in use, after the switch.

        Raises:
            RejectedError: definitions differ, or a role of the secrets cannot log in.
        """
        access = work.access
        client = self._connect(access.address)
        with client.connect(access.administrator, access.administrator_password) as connection:
            found = definitions(work.manifest.contents, connection)
        found += [
            f"{role} cannot log in"
            for role, word in access.passwords.items()
            if not client.logs_in(role, word)
        ]
        if found:
            raise RejectedError(
                f"{access.address.database} is not right after the switch: {'; '.join(found[:5])}",
                "intendly restore undo brings the one from before back",
            )


def switch(found: Databases) -> None:
    """The new database for the one in use. Done already, where a run ended before it could note that.

    Raises:
        DatabaseError: somebody is in the way.
    """
    names, there = found.names, found.there()
    if names.new not in there and names.old in there:
        return
    found.rename((names.live, names.old), (names.new, names.live))
