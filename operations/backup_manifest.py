"""What a backup says of itself: one JSON, written last. A backup without it does not exist.

Plain values, read strictly: a key that is missing, unknown or of another type makes the manifest unreadable.
"""

import json
from datetime import datetime
from hashlib import sha256
from typing import Final, Literal, cast

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from operations.errors import BackupError

FORMAT: Final = 1
"""Counts up when the manifest's shape or meaning changes; another number is not read."""

CHECKSUM: Final = "manifestSha256"
"""The checksum of everything else in the manifest: tells an edited one from a whole one. No signature."""


class Part(BaseModel):
    """What all parts of a manifest share."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, alias_generator=to_camel, populate_by_name=True
    )


class StoredObject(Part):
    """One object in the bucket, as it lies there."""

    key: str
    bytes: int
    sha256: str


class Row(Part):
    """A sampled row: its primary key as text (empty in a table without one) and its MD5 as PostgreSQL prints it."""

    key: list[str]
    md5: str


class Table(Part):
    """One table (a partition is one too): ``rows`` counted in the dump's own snapshot."""

    name: str
    """With its schema, quoted as SQL wants it."""
    rows: int
    key_columns: list[str]
    key_types: list[str]
    sample: list[Row]


class Sequence(Part):
    """Its last value before and after the dump: sequences move outside of snapshots. None: never used."""

    name: str
    before: int | None
    after: int | None


class DatabaseGrant(Part):
    """One privilege on the database itself, which pg_dump leaves to whoever makes the database. PUBLIC is empty."""

    grantee: str
    privilege: str


class Server(Part):
    """Where the dump is from."""

    version: int
    """PostgreSQL's number, 180006 for 18.6."""
    superuser: str
    """The first superuser, who has given the first memberships."""
    encoding: str


class Contents(Part):
    """What must be there after a restore. ``facts`` are sentences by kind: a restored database has the very same."""

    tables: list[Table]
    sequences: list[Sequence]
    facts: dict[str, list[str]]
    database_grants: list[DatabaseGrant]


class Manifest(Part):
    """A whole backup. Times are UTC by the database server's clock; sizes in bytes, durations in seconds."""

    format: Literal[1] = FORMAT
    id: str
    kind: Literal["full"] = "full"
    database: str
    started: datetime
    """When its snapshot was taken: what was written later is not in it."""
    ended: datetime
    duration_s: float
    server: Server
    program: str
    """pg_dump's own words for its version."""
    wal_position: str
    database_bytes: int
    archive_bytes: int
    """Of pg_dump's archive, not compressed: the scratch space that a restore needs."""
    dump: StoredObject
    globals: StoredObject
    contents: Contents


class Proof(Part):
    """What became of a restore of a backup into a server of its own."""

    format: Literal[1] = FORMAT
    backup: str
    ended: datetime
    proven: bool
    reasons: list[str]
    """Why it was rejected; empty when it was proven."""
    archive_sha256: str
    """Of the dump as it was then: tells which object the proof is of."""
    server_version: str
    """Of the server that it was restored into."""
    rto_s: float
    """Seconds from the first byte asked for to the last row compared."""
    rpo_s: float
    """Seconds of writing that would have been lost with the database at the end of this proof."""
    rows: int
    """Compared by their number; 0 when it was rejected."""
    sampled: int
    """Compared by their content."""


def write_manifest(manifest: Manifest) -> bytes:
    """The manifest as JSON, with its checksum."""
    content = manifest.model_dump(mode="json", by_alias=True)
    return json.dumps({**content, CHECKSUM: _checksum(content)}, indent=1).encode()


def read_manifest(text: bytes, key: str) -> Manifest:
    """The manifest of a backup.

    Raises:
        BackupError: it is no manifest, or was changed after it was written.
    """
    try:
        parsed: object = json.loads(text)
    except ValueError:
        raise BackupError(f"{key} is no manifest: it is cut off, or no JSON") from None
    content = cast("dict[str, object]", parsed) if isinstance(parsed, dict) else {}
    if content.get("format") != FORMAT:
        raise BackupError(f"{key} has the format {content.get('format')}; this program reads {FORMAT}")
    if content.pop(CHECKSUM, None) != _checksum(content):
        raise BackupError(f"{key} was changed after it was written: its checksum is another")
    try:
        return Manifest.model_validate_json(json.dumps(content))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(one) for one in first["loc"])
        raise BackupError(f"{key} is no manifest: {place}: {first['msg']}") from None


def write_proof(proof: Proof) -> bytes:
    """The proof as JSON."""
    return proof.model_dump_json(by_alias=True, indent=1).encode()


def read_proof(text: bytes, key: str) -> Proof:
    """A proof.

    Raises:
        BackupError: it is none.
    """
    try:
        return Proof.model_validate_json(text)
    except ValidationError as error:
        raise BackupError(f"{key} is no proof: {error.errors()[0]['msg']}") from None


def _checksum(content: dict[str, object]) -> str:
    return sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
