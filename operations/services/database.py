"""``intendly db init``: the roles of a stack's database, brought to exactly what ``database_roles`` says.

A plan first, worked out from the server's catalogue; then its statements in one transaction, which works the
plan out anew and goes back on everything when the two differ or when something is left to do afterwards.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from operations.clients.aws_secrets import SecretStore
from operations.clients.engine import EngineClient
from operations.clients.postgres import Address, Connection, PostgresClient, set_password
from operations.clients.postgres_catalogue import identify, observe
from operations.database_roles import APPLICATION_LOGINS, MONITORING, Observed
from operations.errors import DatabaseError
from operations.json_object import number, text
from operations.services.database_location import Expected, locate, plain_name
from operations.services.database_plan import Change, changes

OLDEST_VERSION: Final = 160000
"""PostgreSQL 16: before it, a master user with CREATEROLE was nearly a superuser and memberships had no options."""

LOCK_WAIT_S: Final = 5
"""Seconds that a statement may wait for a table; applications behind it in the queue wait as long."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """How an operator reaches the server: options of the command."""

    address: Address
    administrator: str
    administrator_password: str = field(repr=False)
    passwords: dict[str, str] = field(repr=False)
    """Of the roles whose passwords are in Secrets Manager."""


@dataclass(frozen=True, kw_only=True)
class DatabasePlan:
    """What is there, and what will be done; ``changes`` and ``passwords`` are empty when nothing is to be done."""

    server: str
    administrator: str
    present: tuple[str, ...]
    changes: tuple[str, ...]
    passwords: tuple[str, ...]
    """Roles that cannot log in with the password that their secret holds."""

    @property
    def steps(self) -> tuple[str, ...]:
        """Everything that will be done, in words."""
        return (*self.changes, *(f"set the password of {role} from its secret" for role in self.passwords))


class DatabaseService:
    """Works the plan out and runs it.

    Args:
        stack: the stack's name.
        expected: what its settings say.
        engine: where its state is read.
        secrets: reads secrets of its region.
        connect: makes the client of an address.
    """

    def __init__(
        self,
        stack: str,
        expected: Expected,
        engine: EngineClient,
        secrets: SecretStore,
        connect: Callable[[Address], PostgresClient],
    ) -> None:
        self._stack = stack
        self._expected = expected
        self._engine = engine
        self._secrets = secrets
        self._connect = connect

    def access(self, options: Callable[[str, int, str], Address]) -> Access:
        """Where the stack's database is, and the passwords for it, from its state and Secrets Manager.

        Args:
            options: adds what the operator said about the way to host, port and database.

        Raises:
            DatabaseError: the stack has no database, or its state is not this stack's.
            AwsError: a secret cannot be read.
        """
        database = locate(self._engine.state(), self._stack, self._expected)
        address = options(text(database, "address"), number(database, "port"), text(database, "name"))
        store = self._secrets
        administrator, password = store.login(text(database, "masterSecretArn"))
        passwords: dict[str, str] = {}
        for key, allowed in (
            ("applicationSecretArn", APPLICATION_LOGINS),
            ("monitoringSecretArn", (MONITORING,)),
        ):
            user, secret = store.login(text(database, key))
            if user not in allowed:
                raise DatabaseError(
                    f"the secret {key} names the user {user!r}; allowed: {', '.join(allowed)}",
                    "put the secret right before this command gives anybody a password",
                )
            passwords[user] = secret
        return Access(
            address=address,
            administrator=plain_name(administrator, "the master user"),
            administrator_password=password,
            passwords=passwords,
        )

    def plan(self, access: Access) -> DatabasePlan:
        """What an initialisation would do now; reads only.

        Raises:
            DatabaseError: no connection, or a server or database that is not the stack's.
        """
        client = self._connect(access.address)
        with client.connect(access.administrator, access.administrator_password) as connection:
            connection.read_only = True
            observed = _observe(connection, access)
        found = _changes(observed, access)
        wrong = [
            role
            for role, password in sorted(access.passwords.items())
            if role not in observed.roles or not client.logs_in(role, password)
        ]
        return DatabasePlan(
            server=str(access.address),
            administrator=access.administrator,
            present=tuple(_present(observed)),
            changes=tuple(one.what for one in found),
            passwords=tuple(wrong),
        )

    def run(self, access: Access, plan: DatabasePlan) -> None:
        """Do what the plan says, all of it or nothing.

        Raises:
            DatabaseError: the database is not any more as it was when the plan was shown, a statement was refused,
                or something is left to do after all of them; nothing was changed then.
        """
        client = self._connect(access.address)
        with client.connect(access.administrator, access.administrator_password) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(hashtext('intendly db init'))")
            connection.execute(f"SET LOCAL lock_timeout = '{LOCK_WAIT_S}s'".encode())
            found = _changes(_observe(connection, access), access)
            if tuple(one.what for one in found) != plan.changes:
                raise DatabaseError(
                    "the database has changed since the plan was shown", "run the command again"
                )
            for change in found:
                connection.execute(change.statement)
            for role in plan.passwords:
                connection.execute(set_password(connection, role, access.passwords[role]))
            left = _changes(_observe(connection, access), access)
            if left:
                raise DatabaseError(
                    f"the server took every statement, and still: {'; '.join(one.what for one in left)}",
                    "somebody else granted it: let the one who did take it back; nothing was changed",
                )
        for role, password in access.passwords.items():
            if not client.logs_in(role, password):
                raise DatabaseError(f"{role} cannot log in with the password that its secret holds")


def _observe(connection: Connection, access: Access) -> Observed:
    """What is there, after it is certain that this is the stack's database."""
    wanted = access.address.database
    found = identify(connection)
    if found.database != wanted:
        raise DatabaseError(f"this is the database {found.database}, not {wanted}")
    if found.version < OLDEST_VERSION:
        raise DatabaseError(f"the server is PostgreSQL {found.version // 10000}; roles need 16 or newer")
    if found.in_recovery:
        raise DatabaseError("this is a standby, which takes no changes", "connect to the primary")
    others = [
        name
        for name in found.databases
        # A restore goes into <database>_new beside the one in use.
        if name.startswith("intendly_") and name != wanted and not name.startswith(f"{wanted}_")
    ]
    if others:
        raise DatabaseError(
            f"this server also holds {', '.join(others)}: it is another stack's",
            "roles belong to a whole server, so each stack has its own",
        )
    return observe(connection, access.administrator)


def _changes(observed: Observed, access: Access) -> list[Change]:
    return changes(observed, access.address.database, access.administrator)


def _present(observed: Observed) -> list[str]:
    roles = [f"role {name}" for name in observed.roles]
    extension = ["extension pg_stat_statements"] if observed.extension else []
    counts = [f"{len(observed.grants)} grants", f"{len(observed.tables)} tables and views"]
    return [*sorted(roles), *extension, f"schema public of {observed.schema_owner}", *counts]
