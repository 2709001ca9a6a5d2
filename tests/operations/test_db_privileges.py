"""What each role of an initialised database can do, and cannot: tried as that role, on a real PostgreSQL 18."""

import psycopg
import pytest

from operations.services.database import DatabaseService
from tests.operations.databases import (
    ARN,
    MONITOR,
    A,
    FakeSecrets,
    as_master,
    as_owner,
    initialise,
)
from tests.operations.postgres_server import DATABASE, PostgresServer

REFUSED = psycopg.errors.InsufficientPrivilege
ROWS = (
    "SELECT * FROM {}",
    "INSERT INTO {} (note) VALUES ('x')",
    "UPDATE {} SET note = 'y'",
    "DELETE FROM {}",
)
DEFINITIONS = (
    "CREATE TABLE own (id int)",
    "DROP TABLE before",
    "ALTER TABLE before ADD extra int",
    "TRUNCATE before",
    "CREATE TEMPORARY TABLE t (id int)",
    "CREATE SCHEMA own",
    "CREATE ROLE own",
    "SET ROLE intendly_owner",
    "SET ROLE intendly_admin",
    "CREATE INDEX ON before (note)",
)
WRITES = ROWS[1:]


@pytest.fixture
def initialised(service: DatabaseService, server: PostgresServer) -> PostgresServer:
    """A database with a table from before the initialisation and one from after it; both roles log in."""
    with as_master(server) as connection:
        connection.execute("CREATE TABLE before (id serial PRIMARY KEY, note text)")
    initialise(service)
    with as_owner(server) as connection:
        connection.execute("CREATE TABLE after (id bigint GENERATED ALWAYS AS IDENTITY, note text)")
    with server.connect() as connection:  # as a rotation will
        connection.execute("ALTER ROLE intendly_app_b PASSWORD 'b'")
    return server


APPLICATIONS = [("intendly_app_a", A), ("intendly_app_b", "b")]


@pytest.mark.parametrize(("user", "password"), APPLICATIONS)
@pytest.mark.parametrize("table", ["before", "after"])
def test_applications_read_and_write_rows(
    initialised: PostgresServer, user: str, password: str, table: str
) -> None:
    with initialised.connect(user, password, DATABASE) as connection:
        for statement in (ROWS[1], *ROWS):
            connection.execute(statement.format(table).encode())


@pytest.mark.parametrize(("user", "password"), [*APPLICATIONS, ("monitoring_user", MONITOR)])
def test_no_login_changes_definitions(initialised: PostgresServer, user: str, password: str) -> None:
    with initialised.connect(user, password, DATABASE) as connection:
        for statement in DEFINITIONS:
            with pytest.raises(REFUSED):
                connection.execute(statement.encode())


@pytest.mark.parametrize("table", ["before", "after"])
def test_monitoring_reads_and_writes_nothing(initialised: PostgresServer, table: str) -> None:
    with initialised.connect("monitoring_user", MONITOR, DATABASE) as connection:
        connection.execute(ROWS[0].format(table).encode())
        for statement in WRITES:
            with pytest.raises(REFUSED):
                connection.execute(statement.format(table).encode())


def test_monitoring_sees_statistics_of_all_applications_do_not(initialised: PostgresServer) -> None:
    query = "SELECT query FROM pg_stat_activity WHERE query LIKE '%%find me%%' AND pid <> pg_backend_pid()"
    with initialised.connect(database=DATABASE) as other:
        other.execute("SELECT 'find me'")
        for user, password, sees in (("monitoring_user", MONITOR, True), ("intendly_app_a", A, False)):
            with initialised.connect(user, password, DATABASE) as connection:
                assert bool(connection.execute(query.replace("%%", "%").encode()).fetchall()) is sees
                connection.execute("SELECT calls, mean_exec_time FROM pg_stat_statements LIMIT 1")


def test_the_owner_defines_and_does_not_log_in(initialised: PostgresServer) -> None:
    with as_owner(initialised) as connection:
        connection.execute("CREATE TABLE own (id int)")
        connection.execute("DROP TABLE own")
    for role in ("intendly_owner", "intendly_app"):
        with initialised.connect() as connection:
            connection.execute(f"ALTER ROLE {role} PASSWORD 'x'".encode())
        with pytest.raises(psycopg.OperationalError, match="is not permitted to log in"):
            initialised.connect(role, "x", DATABASE)


def test_everybody_else_stays_outside(initialised: PostgresServer) -> None:
    with initialised.connect() as connection:
        connection.execute("CREATE ROLE stranger LOGIN PASSWORD 'x'")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        initialised.connect("stranger", "x", DATABASE)


def test_the_resting_application_role_has_no_password(
    service: DatabaseService, server: PostgresServer
) -> None:
    initialise(service)
    with server.connect() as connection:
        found = connection.execute(
            "SELECT rolname, rolpassword FROM pg_authid WHERE rolname LIKE 'intendly_app%'"
        )
        passwords = dict(found.fetchall())
    assert passwords["intendly_app_b"] is None
    assert passwords["intendly_app_a"].startswith("SCRAM-SHA-256$4096:")


def test_after_a_rotation_the_other_roles_password_is_kept(
    service: DatabaseService, server: PostgresServer, secrets: FakeSecrets
) -> None:
    initialise(service)
    secrets.given[f"{ARN}intendly-staging/database/application"] = ("intendly_app_b", "rotated")
    initialise(service)
    server.connect("intendly_app_b", "rotated", DATABASE).close()
    server.connect("intendly_app_a", A, DATABASE).close()
