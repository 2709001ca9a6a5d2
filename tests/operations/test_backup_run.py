"""`intendly backup run`: what a backup is, and that nothing half-written looks like one."""

import itertools
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from backports import zstd
from psycopg import sql

from operations.backup_manifest import Contents
from operations.clients import aws_objects, postgres_contents, postgres_programs
from operations.clients.postgres import Connection
from operations.clients.postgres_programs import Running, find_programs
from operations.errors import AwsError, BackupError, OperatorError
from operations.services import backup_pipe
from tests.operations import fakes
from tests.operations.backups import Vault, cutting_s3, deny, fill
from tests.operations.conftest import Invoke
from tests.operations.databases import A, as_master, as_owner
from tests.operations.postgres_server import DATABASE, MASTER_PASSWORD, PostgresServer

WHOLE = [".dump.zst", ".globals.sql.zst", ".manifest.json"]


def test_a_backup_is_a_dump_its_globals_and_a_manifest(vault: Vault) -> None:
    made = vault.backups.maker().run(vault.access())
    assert vault.objects() == WHOLE
    read = vault.backups.catalogue().manifest(made.id)
    assert read == made
    assert read.dump.key.startswith(f"postgresql/full/{read.started:%Y/%m/%d/%Y%m%d_%H%M%S}_{DATABASE}")
    rows = {table.name: table.rows for table in read.contents.tables}
    assert rows == {
        'public."Odd name % \' "': 50,
        "public.bids": 1000,
        "public.empty": 0,
        "public.intents": 1000,
        "public.logs_2026": 300,
    }
    sequences = {one.name: (one.before, one.after) for one in read.contents.sequences}
    assert sequences["public.unused"] == (None, None)
    assert sequences["public.intents_id_seq"] == (1000, 1000)
    assert read.ended >= read.started
    assert read.archive_bytes > read.dump.bytes
    assert any(line.startswith("pg_stat_statements ") for line in read.contents.facts["extensions"])
    assert "SELECT on public.intents to monitoring_user" in read.contents.facts["grants"]


def test_the_dump_is_pg_dumps_own_archive_in_zstd(vault: Vault) -> None:
    made = vault.backups.maker().run(vault.access())
    archive = zstd.decompress(vault.store.read(made.dump.key) or b"")
    assert archive[:5] == b"PGDMP"
    assert len(archive) == made.archive_bytes


def test_globals_hold_roles_and_no_password(vault: Vault) -> None:
    made = vault.backups.maker().run(vault.access())
    text = zstd.decompress(vault.store.read(made.globals.key) or b"").decode()
    assert "CREATE ROLE intendly_owner" in text
    assert "GRANT intendly_app TO intendly_app_a" in text
    assert "PASSWORD" not in text
    assert "SCRAM" not in text


def test_no_password_is_in_arguments_environment_or_what_is_stored(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []
    real = postgres_programs.subprocess.Popen

    def spy(command: list[str], **options: object) -> object:
        seen.append((command, options.get("env")))
        return real(command, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(postgres_programs.subprocess, "Popen", spy)
    vault.backups.maker().run(vault.access())
    stored = [vault.store.read(key) or b"" for key in vault.store.keys("")]
    everything = repr(seen).encode() + b"".join(
        one if one[:1] == b"{" else zstd.decompress(one) for one in stored
    )
    assert b"--snapshot=" in everything
    for secret in (MASTER_PASSWORD, A):
        assert secret.encode() not in everything


@pytest.mark.parametrize("password", ["plain", r"with : and \\ and '\" and ü"])
def test_programs_get_any_password_from_a_file_that_is_on_no_disk(
    server: PostgresServer, password: str
) -> None:
    with server.connect() as connection:
        connection.execute(sql.SQL("CREATE ROLE somebody LOGIN PASSWORD {}").format(sql.Literal(password)))
    words = f"host=127.0.0.1 port={server.port} user=somebody dbname=postgres"
    command = [find_programs(18).path("psql"), "-w", "-c", "SELECT 1", "-d", words]
    with postgres_programs.password_file(password) as environment:
        assert b"1 row" in postgres_programs.run("psql", command, environment)
        assert str(Path(environment["PGPASSFILE"]).readlink()).startswith("/memfd:")
    with pytest.raises(BackupError, match="no password supplied"):
        postgres_programs.run("psql", command)


def test_rows_are_counted_in_the_dumps_own_snapshot(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    real = postgres_contents.hold

    def meanwhile(connection: Connection) -> list[str]:
        with as_owner(vault.server) as other:
            other.execute("INSERT INTO intents (trader, side, amount) VALUES ('latecomer', 'sell', 1)")
        return real(connection)

    monkeypatch.setattr(postgres_contents, "hold", meanwhile)
    made = vault.backups.maker().run(vault.access())
    archive = zstd.decompress(vault.store.read(made.dump.key) or b"")
    [intents] = [one for one in made.contents.tables if one.name == "public.intents"]
    assert intents.rows == 1000
    assert b"trader 3" in archive
    assert b"latecomer" not in archive


def test_a_plan_shows_what_would_be_done_and_stores_nothing(vault: Vault) -> None:
    plan = vault.backups.maker().plan(vault.access())
    assert plan.tables == 5
    assert plan.version == "18.6"
    assert plan.steps[0].startswith("dump 5 tables (")
    assert vault.objects() == []


# Faults


def during(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], None]) -> None:
    """Let something happen while the dump is read, once its first piece is here."""
    real, pieces = Running.read, itertools.count()

    def read(program: Running) -> bytes:
        if next(pieces) == 1:
            happens()
        return real(program)

    monkeypatch.setattr(Running, "read", read)


def assert_no_trace(vault: Vault) -> None:
    assert [one for one in vault.objects() if one.endswith(".manifest.json")] == []
    assert vault.backups.catalogue().ids() == []
    assert vault.unfinished() == []


def test_a_database_killed_in_the_middle_leaves_no_backup(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(vault.server, 40_000)

    def kill() -> None:
        with vault.server.connect() as connection:
            query = b"SELECT pid FROM pg_stat_activity WHERE application_name = 'pg_dump'"
            for (pid,) in connection.execute(query).fetchall():
                os.kill(pid, signal.SIGKILL)  # the whole server starts anew then

    during(monkeypatch, kill)
    with pytest.raises(
        BackupError, match=r"pg_dump failed \(exit code 1\): .*(server closed|terminating|terminated)"
    ):
        vault.backups.maker().run(vault.access())
    assert_no_trace(vault)
    monkeypatch.undo()
    _wait_for(vault.server)
    assert vault.backups.maker().run(vault.access()).contents.tables[-1].rows


def _wait_for(server: PostgresServer) -> None:
    for _ in range(200):
        try:
            server.connect().close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return


def test_a_connection_killed_while_rows_are_counted_leaves_no_backup(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(connection: Connection, *_: object) -> Contents:
        with vault.server.connect() as other:
            other.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))
        connection.execute(b"SELECT 1")
        raise AssertionError

    monkeypatch.setattr(postgres_contents, "contents", end)
    with pytest.raises(
        OperatorError, match=r"terminating connection|server closed|snapshot .* does not exist"
    ):
        vault.backups.maker().run(vault.access())
    assert_no_trace(vault)


@pytest.mark.parametrize(
    ("operation", "after"),
    [
        ("CreateMultipartUpload", 0),
        ("UploadPart", 0),
        ("UploadPart", 2),
        ("CompleteMultipartUpload", 0),
        ("CompleteMultipartUpload", 1),
        ("HeadObject", 0),
        ("PutObject", 0),
    ],
)
def test_an_s3_that_denies_leaves_no_backup(
    vault: Vault, monkeypatch: pytest.MonkeyPatch, operation: str, after: int
) -> None:
    fill(vault.server, 4_000)
    monkeypatch.setattr(aws_objects, "PART_BYTES", 2**18 if operation == "UploadPart" else 2**24)
    deny(vault.session, operation, after)
    with pytest.raises(AwsError, match="AWS does not allow it"):
        vault.backups.maker().run(vault.access())
    assert_no_trace(vault)


def test_an_s3_that_is_cut_off_leaves_no_backup(vault: Vault) -> None:
    cutting_s3(vault, "UploadPart", times=100)
    with pytest.raises(AwsError, match=r"AWS did not answer \(s3 upload_part\)"):
        vault.backups.maker().run(vault.access())
    assert_no_trace(vault)


def test_a_connection_that_is_cut_off_once_is_tried_again(vault: Vault) -> None:
    cutting_s3(vault, "UploadPart", times=1)
    vault.backups.maker().run(vault.access())
    assert vault.objects() == WHOLE


def test_a_second_backup_at_the_same_time_is_refused(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    refused: list[str] = []

    def second() -> None:
        with pytest.raises(BackupError) as caught:
            vault.backups.maker().run(vault.access())
        refused.append(caught.value.message)

    during(monkeypatch, second)
    vault.backups.maker().run(vault.access())
    assert len(refused) == 1
    assert refused[0].startswith(f"another backup of {DATABASE} is running, since 20")
    assert vault.objects() == WHOLE


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (["false"], r"pg_dump failed \(exit code 1\): it said nothing"),
        (["true"], "pg_dump succeeded and wrote nothing"),
        (["sh", "-c", "echo half; echo disk full >&2; exit 3"], r"pg_dump failed \(exit code 3\): disk full"),
        (["sh", "-c", "echo half; kill -9 $$"], r"pg_dump failed \(signal 9\)"),
    ],
)
def test_a_pipe_whose_first_program_fails_stores_nothing(vault: Vault, program: list[str], said: str) -> None:
    source = backup_pipe.Source(name="pg_dump", command=program, environment={"PATH": os.environ["PATH"]})
    with pytest.raises(BackupError, match=said):
        backup_pipe.send(source, vault.store, "postgresql/full/x")
    assert vault.store.keys("") == []
    assert vault.unfinished() == []


def test_what_was_stored_is_never_overwritten(vault: Vault) -> None:
    made = vault.backups.maker().run(vault.access())
    with pytest.raises(AwsError, match="PreconditionFailed"):
        vault.store.write(vault.keys.manifest(made.id), b"{}")
    with pytest.raises(AwsError, match="PreconditionFailed"), vault.store.upload(made.dump.key) as upload:
        upload.write(b"another")
    assert vault.backups.catalogue().manifest(made.id) == made
    assert vault.unfinished() == []


def test_a_server_newer_than_the_programs_is_refused() -> None:
    with pytest.raises(
        BackupError, match=r"the server is PostgreSQL 99, and pg_dump here is of version .*18\.6"
    ):
        find_programs(99)
    assert find_programs(18).major == 18


def test_a_table_that_somebody_is_changing_is_waited_for_only_a_while(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(postgres_contents.SETTINGS, "lock_timeout", "200ms")
    with as_master(vault.server) as other:
        other.execute("SET ROLE intendly_owner")
        other.execute("BEGIN")
        other.execute("ALTER TABLE intents ADD COLUMN note text")
        with pytest.raises(OperatorError, match="canceling statement due to lock timeout"):
            vault.backups.maker().run(vault.access())
        other.execute("ROLLBACK")
    assert_no_trace(vault)


# The command


@pytest.fixture
def command(
    intendly: Invoke, factory: fakes.FakeFactory, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> Invoke:
    monkeypatch.setattr(factory, "backups", lambda: vault.backups)
    return intendly


def test_the_command_makes_lists_and_shows_a_backup(command: Invoke) -> None:
    assert command("backup", "list", "-s", "staging").stderr == "no backup\n"
    assert command("backup", "show", "-s", "staging").exit_code == 1
    dry = command("backup", "run", "full", "-s", "staging", "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert "  will  dump 5 tables" in dry.stdout
    made = command("backup", "run", "full", "-s", "staging")
    assert made.exit_code == 0, made.output
    assert "holds     5 tables, 2,350 rows" in made.stdout
    listed = json.loads(command("backup", "list", "-s", "staging", "--json").stdout)
    assert [(one["rows"], one["proven"], one["problem"]) for one in listed] == [(2350, None, "")]
    shown = command("backup", "show", "-s", "staging", listed[0]["id"])
    assert made.stdout in shown.stdout
    assert "proven    never" in shown.stdout
    assert "never" in command("backup", "list", "-s", "staging").stdout


def test_a_manifest_that_was_changed_or_cut_is_listed_with_its_problem(command: Invoke, vault: Vault) -> None:
    made = vault.backups.maker().run(vault.access())
    key = vault.keys.manifest(made.id)
    whole = vault.store.read(key) or b""
    for content, said in (
        (whole.replace(b'"rows": 1000', b'"rows": 1001'), "was changed after it was written"),
        (whole[:-200], "it is cut off, or no JSON"),
        (whole.replace(b'"format": 1', b'"format": 2'), "has the format 2; this program reads 1"),
    ):
        vault.store.write(key, content, new=False)
        assert said in command("backup", "list", "-s", "staging").stdout
        shown = command("backup", "show", "-s", "staging", made.id)
        assert shown.exit_code == 1
        assert said in shown.stderr


def test_a_name_that_is_none_or_of_nothing_is_refused(command: Invoke) -> None:
    assert "is no backup's name" in command("backup", "show", "-s", "staging", "../x").stderr
    gone = command("backup", "show", "-s", "staging", f"20260101_020000_{DATABASE}")
    assert "it has no manifest, so it never ended" in gone.stderr


def test_a_stack_without_a_bucket_is_told_what_comes_first(vault: Vault) -> None:
    del vault.engine.given.outputs["backups"]
    with pytest.raises(BackupError, match="tells no bucket") as caught:
        vault.backups.catalogue()
    assert caught.value.hint == "pulumi up first"
