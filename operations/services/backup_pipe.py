"""pg_dump → zstd → S3, a piece at a time: memory stays flat, nothing is kept on this machine."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from backports import zstd

from operations.backup_manifest import StoredObject
from operations.clients.aws_objects import ObjectStore
from operations.clients.postgres_programs import Running, running
from operations.errors import BackupError

LEVEL: Final = 3
"""zstd's own choice: what pg_dump gives is compressed faster than it comes, at gzip's size."""

MOST_WORKERS: Final = 4
"""Threads that compress; pg_dump is one process and feeds no more."""


@dataclass(frozen=True, kw_only=True)
class Piped:
    """What was sent, and how much there was before it was compressed."""

    stored: StoredObject
    raw_bytes: int


@dataclass(frozen=True, kw_only=True)
class Source:
    """A program to run; ``name`` is what messages call it."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]


def compressor() -> zstd.ZstdCompressor:
    """Zstd with a checksum in the stream, so that a flipped bit does not decompress."""
    workers = min(MOST_WORKERS, os.cpu_count() or 1)
    return zstd.ZstdCompressor(
        options={
            zstd.CompressionParameter.compression_level: LEVEL,
            zstd.CompressionParameter.checksum_flag: 1,
            zstd.CompressionParameter.nb_workers: workers,
        }
    )


def send(source: Source, store: ObjectStore, key: str, expected_bytes: int = 0) -> Piped:
    """Run a program, compress what it writes, and store it: whole and from a program that succeeded, or not at all.

    Args:
        source: the program.
        store: the bucket.
        key: where it goes.
        expected_bytes: the most that it may become, as far as is known.

    Raises:
        BackupError: the program failed, or wrote nothing.
        AwsError: a part was refused, or not answered.
    """
    with running(source.command, source.environment) as program, store.upload(key, expected_bytes) as upload:
        raw, digest, sent = 0, sha256(), 0
        for piece, length in _compressed(program):
            raw += length
            if piece:
                digest.update(piece)
                sent += len(piece)
                upload.write(piece)
        # Before the object is made: a pipe that ends early looks like one that ended well.
        program.end(source.name)
        if not raw:
            raise BackupError(f"{source.name} succeeded and wrote nothing")
    return Piped(stored=StoredObject(key=key, bytes=sent, sha256=digest.hexdigest()), raw_bytes=raw)


def _compressed(program: Running) -> Iterator[tuple[bytes, int]]:
    zipper = compressor()
    while piece := program.read():
        yield zipper.compress(piece), len(piece)
    yield zipper.flush(), 0
