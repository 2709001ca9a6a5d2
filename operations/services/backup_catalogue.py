"""Which backups there are: those that have a manifest. ``intendly backup list`` and ``show``."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from operations.backup_manifest import Manifest, Proof, read_manifest, read_proof
from operations.clients.aws_objects import ObjectStore
from operations.errors import BackupError

MANIFEST, PROOF = ".manifest.json", ".proof.json"

_ID: Final = re.compile(r"(\d{4})(\d{2})(\d{2})_\d{6}_[a-z_][a-z0-9_]*", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Keys:
    """Where backups lie in the bucket: ``postgresql/full/2026/11/25/20261125_020000_intendly_staging.…``."""

    prefix: str
    """``postgresql/full/``, by the stack's outputs."""

    def base(self, backup: str) -> str:
        """The key of a backup, but for its ending.

        Raises:
            BackupError: it cannot be a backup's name.
        """
        found = _ID.fullmatch(backup)
        if found is None:
            raise BackupError(f"{backup!r} is no backup's name", "intendly backup list")
        return f"{self.prefix}{'/'.join(found.groups())}/{backup}"

    def manifest(self, backup: str) -> str:
        """The manifest's key."""
        return self.base(backup) + MANIFEST

    def proof(self, backup: str) -> str:
        """The key of the last proof; earlier ones are its versions."""
        return self.base(backup) + PROOF


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A line of the list; ``problem`` says why a manifest cannot be read."""

    id: str
    started: datetime | None = None
    bytes: int = 0
    tables: int = 0
    rows: int = 0
    duration_s: float = 0
    proven: datetime | None = None
    problem: str = ""


class Catalogue:
    """Reads manifests and proofs.

    Args:
        store: the bucket.
        keys: where in it.
        database: whose backups.
    """

    def __init__(self, store: ObjectStore, keys: Keys, database: str) -> None:
        self._store = store
        self._keys = keys
        self._database = database

    def ids(self) -> list[str]:
        """The backups of the database, the newest first.

        Raises:
            AwsError: the bucket cannot be listed.
        """
        names = [key.rpartition("/")[2] for key in self._store.keys(self._keys.prefix)]
        found = [name.removesuffix(MANIFEST) for name in names if name.endswith(MANIFEST)]
        return sorted((one for one in found if one[16:] == self._database), reverse=True)

    def newest(self) -> str:
        """The newest backup.

        Raises:
            BackupError: there is none.
        """
        found = self.ids()
        if not found:
            raise BackupError(
                f"s3://{self._store.bucket}/{self._keys.prefix} holds no backup of {self._database}",
                "intendly backup run full",
            )
        return found[0]

    def manifest(self, backup: str) -> Manifest:
        """A backup's manifest.

        Raises:
            BackupError: there is none, it cannot be read, or it is another's.
            AwsError: AWS refused, or did not answer.
        """
        key = self._keys.manifest(backup)
        content = self._store.read(key)
        if content is None:
            raise BackupError(
                f"there is no backup {backup}: it has no manifest, so it never ended", "intendly backup list"
            )
        manifest = read_manifest(content, key)
        if manifest.id != backup:
            raise BackupError(f"{key} is the manifest of {manifest.id}")
        if manifest.database != self._database:
            raise BackupError(f"{backup} is of the database {manifest.database}, not {self._database}")
        return manifest

    def proof(self, manifest: Manifest) -> Proof | None:
        """The last proof of a backup, or None when nobody tried; one of another dump is none.

        Raises:
            BackupError: it cannot be read.
        """
        key = self._keys.proof(manifest.id)
        content = self._store.read(key)
        proof = None if content is None else read_proof(content, key)
        return proof if proof and proof.archive_sha256 == manifest.dump.sha256 else None

    def listed(self, most: int) -> Iterator[Listed]:
        """The newest backups; a manifest that cannot be read is listed with its problem."""
        for backup in self.ids()[:most]:
            try:
                manifest = self.manifest(backup)
                proof = self.proof(manifest)
            except BackupError as error:
                yield Listed(id=backup, problem=error.message)
                continue
            tables = manifest.contents.tables
            yield Listed(
                id=backup,
                started=manifest.started,
                bytes=manifest.dump.bytes,
                tables=len(tables),
                rows=sum(table.rows for table in tables),
                duration_s=manifest.duration_s,
                proven=proof.ended if proof and proof.proven else None,
                problem="" if proof is None or proof.proven else f"rejected: {proof.reasons[0]}",
            )
