"""`intendly db init` on a real PostgreSQL 18: what it does, once, and what it refuses."""

import dataclasses

import pytest

from operations.clients.engine import StackState
from operations.clients.postgres import Address, PostgresClient
from operations.database_roles import ROLES
from operations.errors import DatabaseError
from operations.services.database import Access, DatabaseService
from tests.operations import fakes
from tests.operations.conftest import Invoke
from tests.operations.databases import (
    ARN,
    EXPECTED,
    MONITOR,
    SECRETS,
    A,
    FakeSecrets,
    as_master,
    as_owner,
    initialise,
    outputs,
    steps,
    there,
)
from tests.operations.postgres_server import DATABASE, MASTER, MASTER_PASSWORD, PostgresServer


def test_a_second_run_has_nothing_to_do(service: DatabaseService) -> None:
    first = initialise(service)
    assert "create role intendly_owner (cannot log in)" in first.steps
    assert "set the password of monitoring_user from its secret" in first.steps
    assert steps(service) == ()


def test_a_plan_changes_nothing(service: DatabaseService, server: PostgresServer) -> None:
    assert steps(service) == steps(service) != ()
    with server.connect() as connection:
        assert (
            connection.execute("SELECT 1 FROM pg_roles WHERE rolname LIKE 'intendly_app%'").fetchall() == []
        )


UNDONE = {
    "ALTER ROLE intendly_app_b NOLOGIN": "role intendly_app_b may log in",
    "ALTER ROLE intendly_app_a CREATEDB": "role intendly_app_a loses CREATEDB",
    "REVOKE intendly_app FROM intendly_app_b": "intendly_app_b joins intendly_app",
    "REVOKE pg_monitor FROM monitoring_user": "monitoring_user joins pg_monitor",
    "GRANT pg_monitor TO intendly_app_a": "intendly_app_a leaves pg_monitor",
    "ALTER SCHEMA public OWNER TO intendly_admin": "schema public belongs to intendly_owner",
    "GRANT CREATE ON SCHEMA public TO PUBLIC": "revoke CREATE on schema public from PUBLIC",
    "GRANT CONNECT ON DATABASE intendly_staging TO PUBLIC": "revoke CONNECT on database intendly_staging from PUBLIC",
    "GRANT TRUNCATE ON old TO intendly_app_a": "revoke TRUNCATE on table old from intendly_app_a",
    "GRANT SELECT ON old TO PUBLIC": "revoke SELECT on table old from PUBLIC",
    "REVOKE SELECT ON old FROM monitoring_user": "grant SELECT on table old to monitoring_user",
    "ALTER TABLE old OWNER TO intendly_admin": "public.old belongs to intendly_owner, not to intendly_admin",
    "ALTER DEFAULT PRIVILEGES FOR ROLE intendly_owner IN SCHEMA public REVOKE SELECT ON TABLES FROM monitoring_user": (
        "grant SELECT on future tables of intendly_owner to monitoring_user"
    ),
    "ALTER ROLE intendly_app_a PASSWORD 'another'": "set the password of intendly_app_a from its secret",
}


@pytest.mark.parametrize(("undo", "step"), UNDONE.items())
def test_what_is_missing_or_too_much_is_seen_and_mended(
    service: DatabaseService, server: PostgresServer, undo: str, step: str
) -> None:
    initialise(service)
    with as_owner(server) as connection:
        connection.execute("CREATE TABLE old (id int)")
    with as_master(server) as connection:
        connection.execute(undo.encode())
    assert step in steps(service)
    initialise(service)
    assert steps(service) == ()


@pytest.mark.parametrize("made", range(1, len(ROLES) + 1))
def test_a_half_done_run_is_completed(service: DatabaseService, server: PostgresServer, made: int) -> None:
    with as_master(server) as connection:
        for role in ROLES[:made]:
            connection.execute(f"CREATE ROLE {role}".encode())
    initialise(service)
    assert steps(service) == ()


def test_the_extension_is_made_where_it_is_missing(service: DatabaseService, server: PostgresServer) -> None:
    with server.connect(database=DATABASE) as connection:
        connection.execute("DROP EXTENSION pg_stat_statements")
        connection.execute(f"ALTER ROLE {MASTER} SUPERUSER".encode())  # as rds_superuser may
    try:
        assert "create extension pg_stat_statements" in steps(service)
        initialise(service)
        assert steps(service) == ()
    finally:
        with server.connect() as connection:
            connection.execute(f"ALTER ROLE {MASTER} NOSUPERUSER".encode())


def test_a_refused_statement_leaves_nothing_behind(service: DatabaseService, server: PostgresServer) -> None:
    with server.connect(database=DATABASE) as connection:
        connection.execute("DROP EXTENSION pg_stat_statements")  # which this master user may not make
    access = service.access(there)
    plan = service.plan(access)
    with pytest.raises(DatabaseError, match="permission denied to create extension"):
        service.run(access, plan)
    assert steps(service) == plan.steps


def test_a_database_that_changed_since_the_plan_is_left_alone(
    service: DatabaseService, server: PostgresServer
) -> None:
    access = service.access(there)
    plan = service.plan(access)
    with as_master(server) as connection:
        connection.execute("CREATE ROLE intendly_app")
    with pytest.raises(DatabaseError, match="has changed since the plan was shown"):
        service.run(access, plan)
    assert "create role intendly_owner (cannot log in)" in steps(service)


def test_what_somebody_else_granted_is_reported_not_pretended_away(
    service: DatabaseService, server: PostgresServer
) -> None:
    initialise(service)
    with as_owner(server) as connection:
        connection.execute("CREATE TABLE shared (id int)")
    with server.connect(database=DATABASE) as connection:
        connection.execute("CREATE ROLE stranger")
        connection.execute("GRANT USAGE ON SCHEMA public TO stranger")
        connection.execute("GRANT TRUNCATE ON shared TO stranger WITH GRANT OPTION")
        connection.execute("SET ROLE stranger")
        connection.execute("GRANT TRUNCATE ON shared TO monitoring_user")
    with pytest.raises(
        DatabaseError, match="and still: revoke TRUNCATE on table shared from monitoring_user"
    ):
        initialise(service)


def test_objects_that_the_master_user_made_go_to_the_owner(
    service: DatabaseService, server: PostgresServer
) -> None:
    with as_master(server) as connection:
        connection.execute("CREATE TABLE intents (id serial PRIMARY KEY, kind text)")
        connection.execute('CREATE VIEW "Odd; name" AS SELECT * FROM intents')
        connection.execute("CREATE TYPE side AS ENUM ('buy', 'sell')")
        connection.execute("CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n'")
    initialise(service)
    assert steps(service) == ()
    with server.connect("intendly_app_a", A, DATABASE) as application:
        application.execute("INSERT INTO intents (kind) VALUES ('swap')")
        assert application.execute('SELECT kind FROM "Odd; name"').fetchone() == ("swap",)


# What never happens


def test_no_password_is_in_the_servers_log(service: DatabaseService, server: PostgresServer) -> None:
    initialise(service)
    log = server.log.read_text(errors="replace")
    assert 'ALTER ROLE "monitoring_user" PASSWORD \'SCRAM-SHA-256$' in log
    assert not [one for one in (A, MONITOR, MONITOR.replace("'", "''")) if one in log]


def test_no_password_is_in_what_is_shown(service: DatabaseService) -> None:
    access = service.access(there)
    shown = repr(access) + repr(service.plan(access))
    assert not [one for one in (A, MONITOR, MASTER_PASSWORD) if one in shown]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": 'intendly_staging"; DROP DATABASE x'}, "the name of the database is refused"),
        ({"name": "intendly_staging\n"}, "the name of the database is refused"),
        ({"name": "intendly_production"}, "the settings the environment staging"),
        ({"name": "postgres"}, "the settings the environment staging"),
        ({"masterSecretArn": ""}, "does not tell the database's masterSecretArn"),
        ({"port": None}, "does not tell the database's port"),
        (
            {"masterSecretArn": "arn:aws:secretsmanager:us-east-1:111111111111:secret:x"},
            "masterSecretArn of the state is not of account 222222222222",
        ),
    ],
)
def test_a_state_that_is_not_the_stacks_is_refused(
    server: PostgresServer, secrets: FakeSecrets, changed: dict[str, object], said: str
) -> None:
    engine = fakes.FakeEngine(StackState(outputs=outputs(server, **changed)))
    service = DatabaseService("staging", EXPECTED, engine, secrets, PostgresClient)
    with pytest.raises(DatabaseError, match=said):
        service.access(there)


def test_a_stack_whose_first_update_has_not_ended_is_initialised_by_its_resources(
    server: PostgresServer, secrets: FakeSecrets
) -> None:
    master, application, monitoring = SECRETS
    made = (
        fakes.resource(
            "aws:rds/instance:Instance",
            "database",
            {
                "address": "127.0.0.1",
                "port": server.port,
                "dbName": DATABASE,
                "masterUserSecrets": [{"secretArn": master}],
            },
        ),
        *(
            dataclasses.replace(
                fakes.resource("aws:secretsmanager/secret:Secret", "x", {"name": arn.rpartition(":")[2]}),
                id=arn,
            )
            for arn in (application, monitoring)
        ),
    )
    engine = fakes.FakeEngine(StackState(resources=made))
    service = DatabaseService("staging", EXPECTED, engine, secrets, PostgresClient)
    initialise(service)
    assert steps(service) == ()


def test_a_stack_without_a_database_is_told_what_comes_first(secrets: FakeSecrets) -> None:
    service = DatabaseService("staging", EXPECTED, fakes.FakeEngine(), secrets, PostgresClient)
    with pytest.raises(DatabaseError, match="does not tell the database's address") as caught:
        service.access(there)
    assert caught.value.hint == "pulumi up first"


@pytest.mark.parametrize(
    ("secret", "user"),
    [
        ("rds!db-1", "intendly_admin; DROP ROLE x"),
        ("rds!db-1", 'a"b'),
        ("intendly-staging/database/application", "intendly_admin"),
        ("intendly-staging/database/application", "intendly_app_a'--"),
        ("intendly-staging/database/monitoring", "intendly_owner"),
    ],
)
def test_a_secret_with_another_user_is_refused(
    service: DatabaseService, secrets: FakeSecrets, secret: str, user: str
) -> None:
    secrets.given[ARN + secret] = (user, "x")
    with pytest.raises(DatabaseError, match=r"refused|names the user"):
        service.access(there)


def test_a_server_of_another_stack_is_refused(service: DatabaseService, server: PostgresServer) -> None:
    with server.connect() as connection:
        connection.execute("CREATE DATABASE intendly_production")
    with pytest.raises(DatabaseError, match="also holds intendly_production: it is another stack's"):
        steps(service)


def test_a_restore_beside_the_database_is_no_other_stack(
    service: DatabaseService, server: PostgresServer
) -> None:
    with server.connect() as connection:
        connection.execute("CREATE DATABASE intendly_staging_new")
    assert steps(service)


def test_a_database_that_is_not_the_one_meant_is_refused(service: DatabaseService) -> None:
    access = service.access(there)

    class Elsewhere(PostgresClient):
        """A server, or a pooler before it, that gives another database than was asked for."""

        def __init__(self, address: Address) -> None:
            super().__init__(dataclasses.replace(address, database="postgres"))

    mistaken = DatabaseService("staging", EXPECTED, fakes.FakeEngine(), FakeSecrets({}), Elsewhere)
    with pytest.raises(DatabaseError, match="this is the database postgres, not intendly_staging"):
        mistaken.plan(access)


def test_a_wrong_master_password_is_said_with_the_way_in(
    service: DatabaseService, secrets: FakeSecrets
) -> None:
    secrets.given[f"{ARN}rds!db-1"] = (MASTER, "wrong")
    access: Access = service.access(there)
    with pytest.raises(DatabaseError, match=r"cannot connect to .* as intendly_admin") as caught:
        service.plan(access)
    assert "--via" in caught.value.hint


# The command


@pytest.fixture
def command(
    intendly: Invoke, factory: fakes.FakeFactory, service: DatabaseService, monkeypatch: pytest.MonkeyPatch
) -> Invoke:
    monkeypatch.setattr(factory, "database", lambda: service)
    return intendly


def test_a_dry_run_shows_the_plan_and_changes_nothing(command: Invoke, service: DatabaseService) -> None:
    before = steps(service)
    result = command("db", "init", "--stack", "staging", "--dry-run")
    assert result.exit_code == 0
    assert "  will  create role intendly_owner (cannot log in)" in result.stdout
    assert steps(service) == before


@pytest.mark.parametrize("answer", ["n\n", "", "maybe\n"])
def test_only_a_yes_changes_anything(
    factory: fakes.FakeFactory,
    service: DatabaseService,
    monkeypatch: pytest.MonkeyPatch,
    project: object,
    answer: str,
) -> None:
    from typer.testing import CliRunner  # noqa: PLC0415 - this test only

    from operations.cli.main import make_app  # noqa: PLC0415 - as above

    del project
    monkeypatch.setattr(factory, "database", lambda: service)
    before = steps(service)
    result = CliRunner().invoke(make_app(), ["db", "init", "-s", "staging"], obj=factory, input=answer)
    assert result.exit_code == 1
    assert steps(service) == before


def test_yes_does_it_and_again_there_is_nothing_to_do(command: Invoke) -> None:
    first = command("db", "init", "--stack", "staging", "--yes")
    assert first.exit_code == 0, first.output
    assert "done:" in first.stderr
    second = command("db", "init", "--stack", "staging")
    assert second.exit_code == 0
    assert second.stdout.endswith("nothing to do\n")
    assert "has   role monitoring_user" in second.stdout
