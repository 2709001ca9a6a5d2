"""The databases of a restore on the server: the new one made, switched with the one in use, switched back, dropped."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

import psycopg
from psycopg import sql

from operations.backup_manifest import DatabaseGrant
from operations.clients.postgres import Address, Connection, PostgresClient
from operations.clients.postgres_catalogue import identify
from operations.errors import DatabaseError
from operations.services.backup_load import grant_on_database
from operations.services.database import Access

MAINTENANCE: Final = "postgres"
"""The database to be in while others are renamed; every server has it, RDS too."""

LOCK: Final = b"SELECT pg_try_advisory_lock(hashtext('intendly restore'))"
ATTEMPTS: Final = 5
"""To rename a database in which nobody is: each ends the connections there, and waits 5 s for them to go."""


@dataclass(frozen=True, kw_only=True)
class Names:
    """The databases of a restore."""

    live: str

    @property
    def new(self) -> str:
        """What is restored, until it is switched."""
        return f"{self.live}_new"

    @property
    def old(self) -> str:
        """What was in use before, until it is dropped."""
        return f"{self.live}_old"


class Databases:
    """A server's databases, as its master user, from the maintenance database.

    Args:
        connection: commits each statement.
        names: of the databases.
    """

    def __init__(self, connection: Connection, names: Names) -> None:
        self._connection = connection
        self.names = names
        self.version = identify(connection).version

    def there(self) -> set[str]:
        """Which there are."""
        return set(identify(self._connection).databases)

    def make_new(self, grants: list[DatabaseGrant]) -> None:
        """An empty database, of the live one's encoding and order of text; one that is there goes."""
        self.drop(self.names.new)
        column = "datlocale" if self.version >= _NEW_LOCALE else "daticulocale"
        query = _LOCALE.format(column=column).encode()
        [(encoding, provider, collate, ctype, locale)] = self._connection.execute(
            query, (self.names.live,)
        ).fetchall()
        made = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {}").format(
            sql.Identifier(self.names.new), sql.Literal(encoding), sql.Literal(collate), sql.Literal(ctype)
        )
        if provider in _PROVIDERS:
            made += sql.SQL(" LOCALE_PROVIDER {} {} {}").format(*_PROVIDERS[provider], sql.Literal(locale))
        self._connection.execute(made)
        grant_on_database(self._connection, self.names.new, grants)

    def drop(self, name: str) -> None:
        """Remove a database and end the connections to it; nothing when it is not there."""
        self._connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )

    def rename(self, *renamed: tuple[str, str]) -> None:
        """Rename databases, all or none, after the connections to them were ended.

        Raises:
            DatabaseError: somebody comes back again and again, whom we may not end.
        """
        for _ in range(ATTEMPTS):
            try:
                with self._connection.transaction():
                    self._connection.execute(_END, ([old for old, _ in renamed],))
                    for old, new in renamed:
                        self._connection.execute(
                            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                                sql.Identifier(old), sql.Identifier(new)
                            )
                        )
            except psycopg.errors.ObjectInUse:
                continue
            return
        left = self._connection.execute(_THERE, ([old for old, _ in renamed],)).fetchall()
        who = ", ".join(f"{user} ({program or 'unnamed'})" for user, program in left) or "somebody"
        raise DatabaseError(
            f"the databases cannot be switched: {who} connects again and again",
            "stop who it is, then run the command again; nothing was switched",
        )


@contextmanager
def databases(client: PostgresClient, access: Access) -> Generator[Databases]:
    """The server's databases; nobody else restores meanwhile.

    Raises:
        DatabaseError: no connection, a standby, or somebody restores already.
    """
    with client.connect(access.administrator, access.administrator_password) as connection:
        connection.autocommit = True
        if identify(connection).in_recovery:
            raise DatabaseError("this is a standby, which takes no restore", "connect to the primary")
        [(mine,)] = connection.execute(LOCK).fetchall()
        if not mine:
            raise DatabaseError(
                "another restore is running on this server", "wait for it, or end its process"
            )
        yield Databases(connection, Names(live=access.address.database))


def beside(address: Address, database: str) -> Address:
    """The same server, another database."""
    return replace(address, database=database)


_NEW_LOCALE: Final = 170000
"""PostgreSQL 17, which has one column for the locales of all providers but libc."""

_LOCALE: Final = """
SELECT pg_encoding_to_char(encoding), datlocprovider::text, datcollate, datctype, {column}
FROM pg_database WHERE datname = %s"""
_PROVIDERS: Final[dict[str, Any]] = {
    "i": (sql.SQL("icu"), sql.SQL("ICU_LOCALE")),
    "b": (sql.SQL("builtin"), sql.SQL("BUILTIN_LOCALE")),
}
_END: Final = b"""
SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid
WHERE a.datname = ANY (%s) AND a.pid <> pg_backend_pid() AND NOT r.rolsuper"""
_THERE: Final = b"SELECT usename, application_name FROM pg_stat_activity WHERE datname = ANY (%s)"
