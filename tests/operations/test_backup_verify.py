"""The verifier is itself verified: a whole backup is proven, and everything else is rejected with its own message."""

import dataclasses
import json
import re
from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from backports import zstd

from operations.backup_manifest import Manifest, Proof, read_manifest, write_manifest
from operations.clients.aws_objects import ObjectStore
from operations.clients.engine import StackState
from operations.clients.postgres import PostgresClient
from operations.clients.postgres_programs import find_programs, password_file, run
from operations.errors import AwsError, BackupError, ExitCode
from operations.services import backup_verify
from operations.services.backup_catalogue import Catalogue, Keys
from operations.services.backup_place import Backups
from operations.services.backup_verify import Verifier
from operations.services.database import DatabaseService
from tests.operations import databases, fakes, moto_account
from tests.operations.backups import BUCKET, PREFIX, cut_download, deny, make_vault
from tests.operations.conftest import Invoke
from tests.operations.databases import FakeSecrets, as_owner
from tests.operations.postgres_server import DATABASE, PASSWORD, SUPERUSER, PostgresServer

KEYS = Keys(prefix=PREFIX)
WRONG = "UPDATE intents SET trader = 'nobody'; DELETE FROM bids WHERE intent = 7"


@dataclasses.dataclass
class Kept:
    """A backup's objects, to be put into a new bucket, some of them spoilt."""

    manifest: Manifest
    objects: dict[str, bytes]
    archives: dict[str, bytes]
    """Of pg_dump, of other databases than the manifest says."""

    @property
    def archive(self) -> bytes:
        return zstd.decompress(self.objects[self.manifest.dump.key])

    def copy(self) -> "Kept":
        return dataclasses.replace(self, objects=dict(self.objects))

    def say(self, **changed: object) -> None:
        """Change the manifest, its own checksum too."""
        content = {**json.loads(self.manifest.model_dump_json()), **changed}
        self.manifest = Manifest.model_validate_json(json.dumps(content))
        self.objects[KEYS.manifest(self.manifest.id)] = write_manifest(self.manifest)

    def hold(self, archive: bytes, length: int | None = None) -> None:
        """Another dump, with which the manifest agrees, as far as a manifest can."""
        self.put(zstd.compress(archive), length or len(archive))

    def put(self, content: bytes, length: int) -> None:
        key = self.manifest.dump.key
        self.objects[key] = content
        dump = {"key": key, "bytes": len(content), "sha256": sha256(content).hexdigest()}
        self.say(dump=dump, archive_bytes=length)


def test_a_proof_of_another_dump_is_none(kept: Kept) -> None:
    assert verifier(kept.copy()).verify().proven
    store = ObjectStore(moto_account.session(), BUCKET)
    other_dump = kept.manifest.model_copy(
        update={"dump": kept.manifest.dump.model_copy(update={"sha256": "0" * 64})}
    )
    store.write(KEYS.manifest(kept.manifest.id), write_manifest(other_dump), new=False)
    [listed] = Catalogue(store, KEYS, DATABASE).listed(5)
    assert (listed.proven, listed.problem) == (None, "")


Spoil = Callable[[Kept], None]


@pytest.fixture(scope="module")
def kept(postgres: PostgresServer) -> Kept:
    postgres.reset()
    engine = fakes.FakeEngine(StackState(outputs=databases.outputs(postgres)))
    service = DatabaseService(
        "staging", databases.EXPECTED, engine, FakeSecrets(databases.SECRETS), PostgresClient
    )
    with moto_account.empty_account():
        vault = make_vault(postgres, service)
        made = vault.backups.maker().run(vault.access())
        objects = {key: vault.store.read(key) or b"" for key in vault.store.keys("")}
    archives = {
        "another database": _dump(postgres, "postgres"),
        "no bids": _dump(postgres, DATABASE, "--exclude-table=bids"),
        "no rows": _dump(postgres, DATABASE, "--schema-only"),
        "no grants": _dump(postgres, DATABASE, "--no-privileges"),
    }
    for name, statement in {
        "changed rows": WRONG,
        "doubtful constraint": "ALTER TABLE bids DROP CONSTRAINT bids_intent_fkey;"
        "ALTER TABLE bids ADD CONSTRAINT bids_intent_fkey FOREIGN KEY (intent) REFERENCES intents NOT VALID",
    }.items():
        with as_owner(postgres) as connection:
            connection.execute(statement.encode())
        archives[name] = _dump(postgres, DATABASE)
    return Kept(manifest=made, objects=objects, archives=archives)


def _dump(postgres: PostgresServer, database: str, *options: str) -> bytes:
    where = f"host=127.0.0.1 port={postgres.port} user={SUPERUSER} dbname={database}"
    command = [find_programs(18).path("pg_dump"), "-Fc", "-Z0", *options, "-d", where]
    with password_file(PASSWORD) as environment:
        return run("pg_dump", command, environment)


@pytest.fixture(autouse=True)
def account() -> Generator[None]:
    with moto_account.empty_account():
        moto_account.client("s3").create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
        yield


def stored(kept: Kept) -> ObjectStore:
    store = ObjectStore(moto_account.session(), BUCKET)
    for key, content in kept.objects.items():
        store.write(key, content)
    return store


def verifier(kept: Kept, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Verifier:
    store = stored(kept)
    return Verifier(store, KEYS, Catalogue(store, KEYS, DATABASE), clock)


def test_a_whole_backup_is_proven_and_the_proof_lies_beside_it(kept: Kept, tmp_path: Path) -> None:
    (tmp_path / "intendly-proof-left-over").mkdir()  # by a proof that was killed
    examiner = verifier(kept.copy())
    proof = examiner.verify(oldest_hours=26, scratch=tmp_path)
    assert proof.reasons == []
    assert proof.proven
    assert (proof.rows, proof.server_version) == (2350, "18.6")
    assert 500 < proof.sampled < 1000
    assert 0 < proof.rto_s < proof.rpo_s + 60
    store = ObjectStore(moto_account.session(), BUCKET)
    assert Proof.model_validate_json(store.read(KEYS.proof(proof.backup)) or b"") == proof
    [listed] = Catalogue(store, KEYS, DATABASE).listed(5)
    assert listed.proven == proof.ended
    assert [one.name for one in tmp_path.iterdir()] == ["intendly-proof-left-over"]


def cut(kept: Kept) -> None:
    kept.objects[kept.manifest.dump.key] = kept.objects[kept.manifest.dump.key][:-100]


def flip(kept: Kept) -> None:
    content = bytearray(kept.objects[kept.manifest.dump.key])
    content[len(content) // 2] ^= 1
    kept.objects[kept.manifest.dump.key] = bytes(content)


def empty(kept: Kept) -> None:
    kept.objects[kept.manifest.dump.key] = b""


def lose(kept: Kept) -> None:
    del kept.objects[kept.manifest.dump.key]


def lose_globals(kept: Kept) -> None:
    del kept.objects[kept.manifest.globals.key]


def lie_about_the_checksum(kept: Kept) -> None:
    kept.say(dump={**kept.manifest.dump.model_dump(), "sha256": "0" * 64})


def end_the_pipe_early(kept: Kept) -> None:
    """What `pg_dump | zstd` leaves where nobody looks at pg_dump's exit code: all sums are right."""
    kept.hold(kept.archive[: len(kept.archive) // 2])


def end_zstd_early(kept: Kept) -> None:
    content = kept.objects[kept.manifest.dump.key][:-4]
    kept.put(content, kept.manifest.archive_bytes)


def say_of(kind: str) -> Spoil:
    """Let the manifest know of something that the dump does not hold."""

    def spoil(kept: Kept) -> None:
        contents = json.loads(kept.manifest.contents.model_dump_json())
        contents["facts"][kind].append("something")
        kept.say(contents=contents)

    return spoil


def count_one_more(kept: Kept) -> None:
    contents = json.loads(kept.manifest.contents.model_dump_json())
    contents["sequences"][0]["before"] = contents["sequences"][0]["after"] = 999_999
    kept.say(contents=contents)


def forget_roles(kept: Kept) -> None:
    content = zstd.compress(b"-- nothing\n")
    key = kept.manifest.globals.key
    kept.objects[key] = content
    kept.say(globals={"key": key, "bytes": len(content), "sha256": sha256(content).hexdigest()})


def other(name: str) -> Spoil:
    return lambda kept: kept.hold(kept.archives[name])


REJECTED: dict[str, tuple[Spoil, str]] = {
    "truncated": (cut, r"dump\.zst is cut off: [\d,]+ bytes, in the manifest [\d,]+$"),
    "bit-flipped": (flip, r"dump\.zst is damaged: zstd says |dump\.zst has changed: its sha256 is "),
    "empty": (empty, r"dump\.zst is empty$"),
    "wrong checksum": (
        lie_about_the_checksum,
        r"dump\.zst has changed: its sha256 is .*, in the manifest 0000",
    ),
    "half-uploaded": (lose, r"dump\.zst is not there: its upload never ended$"),
    "half-uploaded globals": (lose_globals, r"globals\.sql\.zst is not there: its upload never ended$"),
    "of another database": (
        other("another database"),
        "^the dump is of the database postgres, the manifest of intendly_staging$",
    ),
    "a missing table": (other("no bids"), r"^table public\.bids is missing$"),
    "no rows": (other("no rows"), r"^table public\.bids has 0 rows, in the manifest 1,000$"),
    "missing rows": (other("changed rows"), r"^table public\.bids has 999 rows, in the manifest 1,000$"),
    "changed rows": (
        other("changed rows"),
        r"^(\d+) of \1 sampled rows of public\.intents are missing or differ$",
    ),
    "a doubtful constraint": (
        other("doubtful constraint"),
        r"^constraints: missing: bids_intent_fkey on public\.bids: FOREIGN KEY .* \(valid\)$",
    ),
    "missing grants": (
        other("no grants"),
        r"^grants: missing: DELETE on public\.bids to intendly_app$",
    ),
    **{
        f"missing {kind}": (say_of(kind), rf"^{kind}: missing: something$")
        for kind in ("extensions", "policies", "large objects")
    },
    "a sequence behind": (
        count_one_more,
        r"^sequence public\..* is at \d+, in the manifest at 999999 to 999999$",
    ),
    "a failed stage of the pipe": (end_the_pipe_early, r"^pg_restore failed \(exit code 1\): .*"),
    "a pipe cut off": (end_zstd_early, r"dump\.zst ends in the middle of its zstd stream$"),
    "missing roles": (forget_roles, r'^the scratch server refused: role "intendly_\w+" does not exist$'),
}


@pytest.mark.parametrize(("spoil", "said"), REJECTED.values(), ids=REJECTED.keys())
def test_what_is_not_whole_is_rejected_and_the_proof_says_why(kept: Kept, spoil: Spoil, said: str) -> None:
    spoilt = kept.copy()
    spoil(spoilt)
    proof = verifier(spoilt).verify()
    assert not proof.proven
    assert [one for one in proof.reasons if re.search(said, one)], proof.reasons
    store = ObjectStore(moto_account.session(), BUCKET)
    [listed] = Catalogue(store, KEYS, DATABASE).listed(5)
    assert listed.proven is None
    assert listed.problem == f"rejected: {proof.reasons[0]}"


def test_a_restore_without_the_grants_on_the_database_is_rejected(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(*_: object) -> None:
        pass

    monkeypatch.setattr(backup_verify, "grant_on_database", nothing)
    proof = verifier(kept.copy()).verify()
    assert "grants: missing: CONNECT on the database to monitoring_user" in proof.reasons
    assert "grants: not in the manifest: CONNECT on the database to PUBLIC" in proof.reasons


@pytest.mark.parametrize("operation", ["HeadObject", "GetObject"])
def test_what_s3_denies_is_neither_proven_nor_rejected(kept: Kept, operation: str) -> None:
    session = moto_account.MotoSession("us-east-1")
    stored(kept.copy())
    store = ObjectStore(session, BUCKET)
    deny(session, operation, after=operation == "GetObject")  # the manifest is read
    with pytest.raises(AwsError, match="AWS does not allow it"):
        Verifier(store, KEYS, Catalogue(store, KEYS, DATABASE)).verify()
    assert stored_proof() is None


def test_a_download_that_is_cut_off_is_neither_proven_nor_rejected(kept: Kept) -> None:
    session = moto_account.MotoSession("us-east-1")
    stored(kept.copy())
    store = ObjectStore(session, BUCKET)
    cut_download(session, after=1)
    with pytest.raises(AwsError, match=r"AWS did not answer \(read s3://"):
        Verifier(store, KEYS, Catalogue(store, KEYS, DATABASE)).verify()
    assert stored_proof() is None


def stored_proof() -> bytes | None:
    [manifest] = [
        key for key in ObjectStore(moto_account.session(), BUCKET).keys(PREFIX) if "manifest" in key
    ]
    return ObjectStore(moto_account.session(), BUCKET).read(manifest.replace("manifest", "proof"))


def edit_the_manifest(kept: Kept) -> None:
    key = KEYS.manifest(kept.manifest.id)
    kept.objects[key] = kept.objects[key].replace(b'"rows": 1000', b'"rows": 999')


def lose_the_manifest(kept: Kept) -> None:
    del kept.objects[KEYS.manifest(kept.manifest.id)]


def be_of_another(kept: Kept) -> None:
    kept.say(database="intendly_production")


def be_newer(kept: Kept) -> None:
    kept.say(server={**kept.manifest.server.model_dump(), "version": 990001})


REFUSED: dict[str, tuple[Spoil, str]] = {
    "an edited manifest": (edit_the_manifest, "was changed after it was written"),
    "no manifest": (lose_the_manifest, "it has no manifest, so it never ended"),
    "another database's": (be_of_another, "is of the database intendly_production, not intendly_staging"),
    "a wrong server version": (
        be_newer,
        r"the server is PostgreSQL 99, and initdb here is of version .*18\.6",
    ),
}


@pytest.mark.parametrize(("spoil", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_tried_is_refused_and_leaves_no_proof(kept: Kept, spoil: Spoil, said: str) -> None:
    spoilt = kept.copy()
    spoil(spoilt)
    with pytest.raises(BackupError, match=said):
        verifier(spoilt).verify(kept.manifest.id)
    assert ObjectStore(moto_account.session(), BUCKET).read(KEYS.proof(kept.manifest.id)) is None


def test_a_stale_backup_is_refused(kept: Kept) -> None:
    later = verifier(kept.copy(), lambda: datetime.now(UTC) + timedelta(days=3))
    with pytest.raises(BackupError, match=r"is stale: its data is 72\.\d hours old, and 26 are allowed"):
        later.verify(oldest_hours=26)


def test_without_room_nothing_is_tried(kept: Kept) -> None:
    large = kept.copy()
    large.say(database_bytes=10**15)
    with pytest.raises(BackupError, match=r"needs 1,000,000,.* bytes of scratch space"):
        verifier(large).verify()


def test_the_command_ends_with_3_when_a_backup_is_rejected(
    kept: Kept, intendly: Invoke, factory: fakes.FakeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoilt = kept.copy()
    cut(spoilt)
    store = stored(spoilt)
    outputs = {"database": {"name": DATABASE}, "backups": {"bucket": BUCKET, "fullDumps": PREFIX}}
    engine = fakes.FakeEngine(StackState(outputs=outputs))
    service = DatabaseService("staging", databases.EXPECTED, engine, FakeSecrets({}), PostgresClient)
    backups = Backups("staging", engine, service, lambda _: store, PostgresClient)
    monkeypatch.setattr(factory, "backups", lambda: backups)
    result = intendly("backup", "verify", "-s", "staging")
    assert result.exit_code == ExitCode.NOT_READY
    assert "proven    REJECTED at" in result.stdout
    assert "is cut off:" in result.stdout
    assert "rejected: " in intendly("backup", "list", "-s", "staging").stdout
    assert "is cut off:" in intendly("backup", "show", "-s", "staging").stdout


def test_a_manifest_survives_its_own_form(kept: Kept) -> None:
    assert read_manifest(write_manifest(kept.manifest), "x") == kept.manifest
