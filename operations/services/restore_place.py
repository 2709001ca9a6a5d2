"""The way to a stack's restores: its database, its backups and its applications."""

from collections.abc import Callable

from operations.clients.postgres import Address, PostgresClient
from operations.services.backup_place import Backups
from operations.services.database import Access
from operations.services.restore import Applications, RestoreService


class Restores:
    """Makes the service of a stack's restores, when it is asked for.

    Args:
        backups: the stack's.
        connect: makes the client of an address.
        applications: what uses the database.
    """

    def __init__(
        self,
        backups: Backups,
        connect: Callable[[Address], PostgresClient],
        applications: Callable[[], Applications],
    ) -> None:
        self._backups = backups
        self._connect = connect
        self._applications = applications

    def access(self, options: Callable[[str, int, str], Address]) -> Access:
        """The way to the database, as ``DatabaseService.access``."""
        return self._backups.access(options)

    def service(self) -> RestoreService:
        """What restores.

        Raises:
            OperatorError: the stack has no bucket for backups, or no cluster.
        """
        backups = self._backups
        return RestoreService(backups.store(), backups.catalogue(), self._connect, self._applications())
