"""`intendly restore` on a real PostgreSQL: what it brings back, that it goes on wherever it was killed, and its undo."""

from collections.abc import Callable, Mapping

import psycopg
import pytest
from typing_extensions import override

from operations.backup_manifest import write_manifest
from operations.clients.aws_objects import ObjectStore
from operations.clients.kubernetes_deployments import Deployments
from operations.clients.postgres import PostgresClient
from operations.errors import BackupError, ClusterError, DatabaseError, RejectedError
from operations.json_object import Json
from operations.services import restore_databases
from operations.services.database import DatabaseService
from operations.services.restore import STEPS, RestoreService
from operations.services.restore_journal import PREFIX, Journal, Journals
from operations.services.restore_place import Restores
from tests.operations import fakes
from tests.operations.backups import Vault
from tests.operations.conftest import Invoke
from tests.operations.databases import A, as_master, as_owner, steps
from tests.operations.postgres_server import DATABASE, SUPERUSER, PostgresServer

NEW, OLD = f"{DATABASE}_new", f"{DATABASE}_old"
RUNNING = {"backend-relayer": 3, "backend-coordinator": 2}


class KilledError(Exception):
    """The process ends here."""


class FakeApplications:
    """Deployments that do at once what they are told."""

    def __init__(self) -> None:
        self.wanted = dict(RUNNING)
        self.told: list[dict[str, int]] = []

    def replicas(self) -> dict[str, int]:
        return dict(self.wanted)

    def scale(self, wanted: Mapping[str, int]) -> None:
        self.told.append(dict(wanted))
        self.wanted.update(wanted)


class Scene:
    """A backup, and a database in which something went wrong since."""

    def __init__(self, vault: Vault) -> None:
        self.vault = vault
        with vault.server.connect(database=DATABASE) as connection:
            # Which this server's master user may not make; RDS's may. citext any owner may.
            connection.execute("DROP EXTENSION pg_stat_statements")
        with as_master(vault.server) as connection:
            connection.execute("CREATE EXTENSION citext SCHEMA public")
        self.backup = vault.backups.maker().run(vault.access())
        with as_owner(vault.server) as connection:
            connection.execute("DROP TABLE bids; DELETE FROM intents; CREATE TABLE accident (id int)")
        self.applications = FakeApplications()
        self.restores = Restores(vault.backups, PostgresClient, lambda: self.applications)

    @property
    def service(self) -> RestoreService:
        return self.restores.service()

    def run(self, *, replace_new: bool = False) -> None:
        self.service.run(self.vault.access(), self.backup.id, replace_new=replace_new)

    def databases(self) -> set[str]:
        with self.vault.server.connect() as connection:
            rows = connection.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE 'intendly%'"
            ).fetchall()
        return {name for (name,) in rows}

    def count(self, database: str, table: str = "intents") -> int:
        with self.vault.server.connect(database=database) as connection:
            [(rows,)] = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchall()  # noqa: S608 - ours
        return rows

    def assert_restored(self) -> None:
        assert self.databases() == {DATABASE, OLD}
        assert self.count(DATABASE) == self.count(DATABASE, "bids") == 1000
        assert self.count(OLD) == 0
        assert self.applications.wanted == RUNNING

    def assert_untouched(self) -> None:
        assert self.databases() == {DATABASE}
        assert self.count(DATABASE) == self.count(DATABASE, "accident") == 0
        assert self.applications.wanted == RUNNING


@pytest.fixture
def scene(vault: Vault) -> Scene:
    return Scene(vault)


def test_a_restore_brings_back_what_the_backup_holds(scene: Scene, service: DatabaseService) -> None:
    application = scene.vault.server.connect("intendly_app_a", A, DATABASE)
    scene.run()
    scene.assert_restored()
    assert scene.applications.told == [dict.fromkeys(RUNNING, 0), RUNNING]
    with pytest.raises(psycopg.OperationalError, match=r"terminating connection|closed"):
        application.execute("SELECT 1")
    # Roles, grants and owners are as `db init` wants them, but for the extension that this server lacks.
    assert steps(service) == ("create extension pg_stat_statements",)
    with scene.vault.server.connect("intendly_app_a", A, DATABASE) as connection:
        connection.execute("INSERT INTO intents (trader, side, amount) VALUES ('after', 'buy', 1)")
        [(number,)] = connection.execute("SELECT max(id) FROM intents").fetchall()
        assert number == 1001
        [(known,)] = connection.execute(
            "SELECT count(*) FROM pg_stats WHERE schemaname = 'public' AND tablename = 'intents'"
        ).fetchall()
        assert known > 0


@pytest.mark.parametrize("first", range(2))
def test_a_restore_that_was_killed_anywhere_goes_on(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, first: int
) -> None:
    """Killed before each note in the journal in turn: what was done just before is done, and nobody knows."""
    notes = 1 + len(STEPS) + 1 + 1  # begun, every step, how many replicas there were, the end
    real = ObjectStore.write

    for fatal in range(first, notes, 2):
        written = 0

        def write(store: ObjectStore, key: str, content: bytes, *, new: bool = True, at: int = fatal) -> None:
            nonlocal written
            if key.startswith(PREFIX):
                written += 1
                if written == at + 1:
                    raise KilledError
            real(store, key, content, new=new)

        monkeypatch.setattr(ObjectStore, "write", write)
        with pytest.raises(KilledError):
            scene.run(replace_new=True)
        monkeypatch.setattr(ObjectStore, "write", real)
        scene.run(replace_new=True)
        scene.assert_restored()
        scene.service.undo(scene.vault.access())
        assert scene.count(DATABASE, "accident") == 0


@pytest.mark.parametrize("fatal", range(2))
def test_a_restore_is_taken_back_even_if_that_is_killed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, fatal: int
) -> None:
    scene.run()
    with as_owner(scene.vault.server) as connection:
        connection.execute("INSERT INTO intents (trader, side, amount) VALUES ('since', 'buy', 1)")
    real, written = ObjectStore.write, 0

    def write(store: ObjectStore, key: str, content: bytes, *, new: bool = True) -> None:
        nonlocal written
        written += 1
        if written == fatal + 1:
            raise KilledError
        real(store, key, content, new=new)

    monkeypatch.setattr(ObjectStore, "write", write)
    with pytest.raises(KilledError):
        scene.service.undo(scene.vault.access())
    said = scene.service.undo(scene.vault.access())
    assert said == f"{DATABASE} is the one from before again; what was restored is {NEW}"
    assert scene.databases() == {DATABASE, NEW}
    assert scene.count(DATABASE, "accident") == 0
    assert scene.count(NEW) == 1001  # what was written since the restore is not lost
    assert scene.applications.wanted == RUNNING
    with pytest.raises(BackupError, match="there is no restore of intendly_staging to take back"):
        scene.service.undo(scene.vault.access())


def test_an_unfinished_restore_is_taken_back(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise KilledError

    monkeypatch.setattr(restore_databases.Databases, "rename", killed)
    with pytest.raises(KilledError):
        scene.run()
    assert scene.applications.wanted == dict.fromkeys(RUNNING, 0)
    assert scene.databases() == {DATABASE, NEW}
    assert scene.service.undo(scene.vault.access()) == f"{NEW} is gone; {DATABASE} was never touched"
    scene.assert_untouched()


def test_a_restore_that_is_not_as_the_manifest_says_is_never_switched(scene: Scene) -> None:
    [first, *others] = scene.backup.contents.tables
    contents = scene.backup.contents.model_copy(
        update={"tables": [first.model_copy(update={"rows": 51}), *others]}
    )
    changed = write_manifest(scene.backup.model_copy(update={"contents": contents}))
    scene.vault.store.write(scene.vault.keys.manifest(scene.backup.id), changed, new=False)
    with pytest.raises(RejectedError, match="has 50 rows, in the manifest 51"):
        scene.run()
    assert scene.applications.told == []
    scene.service.undo(scene.vault.access())
    scene.assert_untouched()


def leave_a_new_one(scene: Scene) -> None:
    with as_master(scene.vault.server) as connection:
        connection.execute(f"CREATE DATABASE {NEW}".encode())


def leave_an_old_one(scene: Scene) -> None:
    with as_master(scene.vault.server) as connection:
        connection.execute(f"CREATE DATABASE {OLD}".encode())


def leave_another_restore(scene: Scene) -> None:
    another = Journal(backup=f"20260101_020000_{DATABASE}", database=DATABASE, started=scene.backup.started)
    Journals(scene.vault.store, DATABASE).write(another)


def be_newer(scene: Scene) -> None:
    server = scene.backup.server.model_copy(update={"version": 990001})
    newer = write_manifest(scene.backup.model_copy(update={"server": server}))
    scene.vault.store.write(scene.vault.keys.manifest(scene.backup.id), newer, new=False)


@pytest.mark.parametrize(
    ("leave", "said"),
    [
        (leave_a_new_one, f"{NEW} is there, and no restore that is under way has made it"),
        (leave_an_old_one, f"{OLD} is there, from a restore before"),
        (leave_another_restore, f"a restore of 20260101_020000_{DATABASE} is not ended"),
        (be_newer, "the backup is of PostgreSQL 99, and the server of 18: it must be as new, or newer"),
    ],
)
def test_what_would_destroy_something_or_cannot_work_is_refused(
    scene: Scene, leave: Callable[[Scene], None], said: str
) -> None:
    leave(scene)
    before = scene.databases()
    for attempt in (lambda: scene.service.plan(scene.vault.access(), scene.backup.id), scene.run):
        with pytest.raises(BackupError) as caught:
            attempt()
        assert caught.value.message == said
        assert caught.value.hint or "PostgreSQL 99" in said
    assert scene.databases() == before
    assert scene.applications.told == []


def test_a_new_one_that_is_left_over_goes_when_the_operator_says_so(scene: Scene) -> None:
    leave_a_new_one(scene)
    plan = scene.service.plan(scene.vault.access(), scene.backup.id, replace_new=True)
    assert plan.replaces_new
    scene.run(replace_new=True)
    scene.assert_restored()


def test_two_restores_at_the_same_time_are_refused(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    refused: list[str] = []
    real = FakeApplications.replicas

    def second(applications: FakeApplications) -> dict[str, int]:
        with pytest.raises(DatabaseError) as caught:
            scene.run()
        refused.append(caught.value.message)
        return real(applications)

    monkeypatch.setattr(FakeApplications, "replicas", second)
    scene.run()
    assert refused == ["another restore is running on this server"]


def test_who_may_not_be_ended_is_named_and_nothing_is_switched(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restore_databases, "ATTEMPTS", 1)
    with (
        scene.vault.server.connect(database=DATABASE),
        pytest.raises(DatabaseError, match=rf"cannot be switched: {SUPERUSER} \(unnamed\) connects again"),
    ):
        scene.run()
    assert scene.databases() == {DATABASE, NEW}
    scene.run()
    scene.assert_restored()


@pytest.mark.parametrize(
    "how",
    [
        "LC_COLLATE 'C' LC_CTYPE 'C'",
        "LOCALE 'C' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'",
        "LOCALE 'C' ENCODING 'SQL_ASCII'",
    ],
)
def test_the_new_database_orders_text_as_the_one_in_use(server: PostgresServer, how: str) -> None:
    with server.connect() as connection:
        connection.execute(f"DROP DATABASE {DATABASE}".encode())
        connection.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0 {how}".encode())
        found = restore_databases.Databases(connection, restore_databases.Names(live=DATABASE))
        found.make_new([])
        query = b"""SELECT count(DISTINCT (encoding, datlocprovider, datcollate, datctype, datlocale)), count(*)
            FROM pg_database WHERE datname LIKE 'intendly%'"""
        assert connection.execute(query).fetchall() == [(1, 2)]


# The command


@pytest.fixture
def command(
    intendly: Invoke, factory: fakes.FakeFactory, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> Invoke:
    monkeypatch.setattr(factory, "restores", lambda: scene.restores)
    return intendly


def test_the_command_shows_its_plan_asks_and_drops_only_when_told(command: Invoke, scene: Scene) -> None:
    which = ("-s", "staging", "--backup", scene.backup.id)
    plan = command("restore", "plan", *which)
    assert plan.exit_code == 0, plan.output
    assert f"becomes {scene.backup.id}, never proven" in plan.stdout
    assert f"  will  end all connections; in one transaction {DATABASE} becomes {OLD}" in plan.stdout
    assert command("restore", "run", *which, "--dry-run").stdout.count("will") == len(STEPS)
    assert command("restore", "run", *which).exit_code == 1  # nobody said yes
    scene.assert_untouched()
    done = command("restore", "run", *which, "--yes")
    assert done.exit_code == 0, done.output
    assert "switch ..." in done.stderr
    scene.assert_restored()
    assert command("restore", "drop", "-s", "staging").exit_code == 1
    scene.assert_restored()
    assert command("restore", "drop", "-s", "staging", "--yes").exit_code == 0
    assert scene.databases() == {DATABASE}
    undone = command("restore", "undo", "-s", "staging", "--yes")
    assert undone.exit_code == 1
    assert "there is no restore of" in undone.stderr


# The applications in a cluster


class Cluster(fakes.FakeCluster):
    """Deployments that follow after a look or two."""

    def __init__(self, *, stuck: bool = False) -> None:
        made = [fakes.deployment(name, ready=count, wanted=count) for name, count in RUNNING.items()]
        super().__init__({fakes.DEPLOYMENTS: made})
        self.made = made
        self.stuck = stuck

    @override
    def patch(self, path: str, change: Json) -> Json:
        [found] = [one for one in self.made if path == f"{fakes.DEPLOYMENTS}/{one['metadata']['name']}"]
        found["spec"].update(change["spec"])
        found["metadata"]["generation"] += 1
        return found

    def follow(self) -> None:
        for one in self.made if not self.stuck else []:
            wanted = one["spec"]["replicas"]
            one["status"] = {"observedGeneration": one["metadata"]["generation"], "replicas": wanted}
            one["status"]["readyReplicas"] = wanted


def test_deployments_are_scaled_and_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster()
    looks: list[None] = []

    def pause() -> None:
        looks.append(None)
        cluster.follow()

    applications = Deployments(cluster, pause)
    assert applications.replicas() == RUNNING
    applications.scale(dict.fromkeys(RUNNING, 0))
    assert applications.replicas() == dict.fromkeys(RUNNING, 0)
    applications.scale(RUNNING)
    assert applications.replicas() == RUNNING
    assert len(looks) == 2
    monkeypatch.setattr("operations.clients.kubernetes_deployments.WAIT_S", 0)
    stuck = Deployments(Cluster(stuck=True), lambda: None)
    with pytest.raises(ClusterError, match="not as wanted: backend-relayer, backend-coordinator"):
        stuck.scale(dict.fromkeys(RUNNING, 0))
