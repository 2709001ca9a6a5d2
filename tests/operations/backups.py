"""A stack's database with something in it, and moto's bucket for its backups."""

from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from itertools import count
from typing import Any

from operations.clients.aws_objects import ObjectStore
from operations.clients.engine import StackState
from operations.clients.postgres import PostgresClient
from operations.services.backup_catalogue import Keys
from operations.services.backup_place import Backups
from operations.services.database import Access, DatabaseService
from tests.operations import databases, fakes
from tests.operations.databases import as_owner, initialise, there
from tests.operations.moto_account import MotoSession, client
from tests.operations.postgres_server import MASTER, PostgresServer

BUCKET, PREFIX = "intendly-staging-backups", "postgresql/full/"

SCHEMA = """
CREATE TYPE side AS ENUM ('buy', 'sell');
CREATE TABLE intents (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, trader text NOT NULL, side side NOT NULL,
    amount numeric(38, 18) NOT NULL CHECK (amount > 0), created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE bids (intent bigint NOT NULL REFERENCES intents, solver text NOT NULL, price double precision,
    payload jsonb, PRIMARY KEY (intent, solver));
CREATE TABLE "Odd name % ' " (note text, raw bytea);
CREATE TABLE empty (id uuid PRIMARY KEY);
CREATE TABLE logs (id serial, created_at date NOT NULL, line text) PARTITION BY RANGE (created_at);
CREATE TABLE logs_2026 PARTITION OF logs FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE INDEX intents_by_trader ON intents (trader, created_at);
CREATE VIEW open_intents AS SELECT id, trader FROM intents;
CREATE FUNCTION traders() RETURNS bigint LANGUAGE sql AS 'SELECT count(DISTINCT trader) FROM public.intents';
CREATE SEQUENCE unused;
CREATE POLICY own ON logs USING (line <> '');
SELECT lo_from_bytea(0, 'large');
INSERT INTO intents (trader, side, amount) SELECT 'trader ' || n % 17, 'buy', n + 0.5 FROM generate_series(1, 1000) n;
INSERT INTO bids SELECT id, 'solver', id / 3.0, jsonb_build_object('n', id) FROM intents;
INSERT INTO "Odd name % ' " SELECT 'ünïcödé ' || n, decode(md5(n::text), 'hex') FROM generate_series(1, 50) n;
INSERT INTO logs (created_at, line) SELECT '2026-05-05', repeat('line ', 5) FROM generate_series(1, 300);
"""


@dataclass(frozen=True, kw_only=True)
class Vault:
    """Backups of a real database, in moto's bucket."""

    server: PostgresServer
    backups: Backups
    store: ObjectStore
    keys: Keys
    session: MotoSession
    engine: fakes.FakeEngine

    def access(self) -> Access:
        return self.backups.access(there)

    def objects(self) -> list[str]:
        """What lies in the bucket, by the ends of the keys."""
        return [key.rpartition("intendly_staging")[2] for key in self.store.keys("")]

    def unfinished(self) -> list[Any]:
        """Uploads that nobody ended: they cost, and nobody sees them."""
        return client("s3").list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])


def make_vault(server: PostgresServer, service: DatabaseService) -> Vault:
    """A database as `intendly db init` and migrations leave it, and an empty bucket."""
    client("s3").create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
    with server.connect() as connection:  # as RDS's master user has it
        connection.execute(f"GRANT pg_signal_backend TO {MASTER}".encode())
    initialise(service)
    with as_owner(server) as connection:
        connection.execute(SCHEMA.encode())
    outputs = {
        **databases.outputs(server),
        "backups": {"bucket": BUCKET, "fullDumps": PREFIX},
    }
    session = MotoSession("us-east-1")
    store = ObjectStore(session, BUCKET)
    engine = fakes.FakeEngine(StackState(outputs=outputs))
    backups = Backups("staging", engine, service, lambda _: store, PostgresClient)
    return Vault(
        server=server, backups=backups, store=store, keys=Keys(prefix=PREFIX), session=session, engine=engine
    )


def fill(server: PostgresServer, rows: int) -> None:
    """A table that does not compress well: about 1 MB for 4,000 rows."""
    noise = " || ".join(["md5(random()::text)"] * 8)
    with as_owner(server) as connection:
        connection.execute(f"CREATE TABLE large AS SELECT {noise} FROM generate_series(1, {rows})".encode())  # noqa: S608 - ours


def deny(session: MotoSession, operation: str, after: int = 0) -> None:
    """Let S3 refuse an operation, after it has let it through some times."""
    turns = count()
    body: object = import_module("botocore.awsrequest").AWSResponse("https://s3", 403, {}, None)

    def meet(**_: object) -> object:
        error = {"Code": "AccessDenied", "Message": "no"}
        return (body, {"Error": error}) if next(turns) >= after else None

    session.client("s3").meta.events.register_first(f"before-call.s3.{operation}", meet)


def cut_download(session: MotoSession, after: int = 0) -> None:
    """Let the connection end in the middle of a download, after some that were whole."""
    turns = count()

    def meet(parsed: dict[str, Any], **_: object) -> None:
        if next(turns) >= after:
            whole = parsed["Body"].read()
            half = BytesIO(whole[: len(whole) // 2])
            parsed["Body"] = import_module("botocore.response").StreamingBody(half, len(whole))

    session.client("s3").meta.events.register("after-call.s3.GetObject", meet)


def cutting_s3(vault: Vault, operation: str, times: int) -> None:
    """Let the connection end in the middle of the first requests of an operation."""
    turns = count()

    def meet(**_: object) -> None:
        if next(turns) < times:
            raise import_module("botocore.exceptions").ConnectionClosedError(endpoint_url="https://s3")

    vault.session.client("s3").meta.events.register_first(f"before-send.s3.{operation}", meet)
