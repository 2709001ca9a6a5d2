"""Where a stack's backups are, by its outputs, and the services that work there."""

from collections.abc import Callable

from operations.clients.aws_objects import ObjectStore
from operations.clients.engine import EngineClient
from operations.clients.postgres import Address, PostgresClient
from operations.errors import BackupError
from operations.json_object import text
from operations.services.backup import BackupService
from operations.services.backup_catalogue import Catalogue, Keys
from operations.services.backup_verify import Verifier
from operations.services.database import Access, DatabaseService


class Backups:
    """Makes the services of a stack's backups, when they are asked for.

    Args:
        stack: the stack's name.
        engine: where its state is read.
        database: the way to its database.
        bucket: the bucket of a name.
        connect: makes the client of an address.
    """

    def __init__(
        self,
        stack: str,
        engine: EngineClient,
        database: DatabaseService,
        bucket: Callable[[str], ObjectStore],
        connect: Callable[[Address], PostgresClient],
    ) -> None:
        self._stack = stack
        self._engine = engine
        self._database = database
        self._bucket = bucket
        self._connect = connect

    def access(self, options: Callable[[str, int, str], Address]) -> Access:
        """The way to the database, as ``DatabaseService.access``."""
        return self._database.access(options)

    def maker(self) -> BackupService:
        """What makes backups.

        Raises:
            BackupError: the stack has no bucket for them.
        """
        store, keys, _ = self._place()
        return BackupService(store, keys, self._connect)

    def catalogue(self) -> Catalogue:
        """What lists them.

        Raises:
            BackupError: the stack has no bucket for them.
        """
        return Catalogue(*self._place())

    def verifier(self) -> Verifier:
        """What proves them.

        Raises:
            BackupError: the stack has no bucket for them.
        """
        store, keys, database = self._place()
        return Verifier(store, keys, Catalogue(store, keys, database))

    def store(self) -> ObjectStore:
        """The bucket.

        Raises:
            BackupError: the stack has none.
        """
        return self._place()[0]

    def _place(self) -> tuple[ObjectStore, Keys, str]:
        outputs = self._engine.state().outputs
        bucket, prefix = text(outputs, "backups", "bucket"), text(outputs, "backups", "fullDumps")
        database = text(outputs, "database", "name")
        if not (bucket and prefix and database):
            raise BackupError(
                f"the state of stack {self._stack} tells no bucket and database for backups",
                "pulumi up first",
            )
        return self._bucket(bucket), Keys(prefix=prefix), database
