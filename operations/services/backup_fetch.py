"""A backup's objects, brought here, checked against the manifest and decompressed on the way."""

from hashlib import sha256
from pathlib import Path

from backports import zstd

from operations.backup_manifest import StoredObject
from operations.clients.aws_objects import ObjectStore
from operations.errors import RejectedError


def fetch(store: ObjectStore, stored: StoredObject, file: Path) -> int:
    """Bring an object here.

    Args:
        store: the bucket.
        stored: what the manifest says of it.
        file: where its content goes, not compressed.

    Returns:
        The file's length in bytes.

    Raises:
        RejectedError: it is not what the manifest says.
        AwsError: AWS refused, did not answer, or stopped in the middle.
    """
    check_size(store, stored)
    digest, unzipper, length = sha256(), zstd.ZstdDecompressor(), 0
    with file.open("wb") as out:
        try:
            for piece in store.pieces(stored.key):
                digest.update(piece)
                length += out.write(unzipper.decompress(piece))
        except (zstd.ZstdError, EOFError) as error:
            raise RejectedError(f"{stored.key} is damaged: zstd says {error}") from None
    if digest.hexdigest() != stored.sha256:
        raise RejectedError(
            f"{stored.key} has changed: its sha256 is {digest.hexdigest()}, in the manifest {stored.sha256}"
        )
    if not unzipper.eof:
        raise RejectedError(f"{stored.key} ends in the middle of its zstd stream")
    return length


def check_size(store: ObjectStore, stored: StoredObject) -> None:
    """Compare an object's size with the manifest's; costs one small request.

    Raises:
        RejectedError: it is missing, empty or of another size.
        AwsError: AWS refused, or did not answer.
    """
    size = store.size(stored.key)
    if size is None:
        raise RejectedError(f"{stored.key} is not there: its upload never ended")
    if size == 0:
        raise RejectedError(f"{stored.key} is empty")
    if size != stored.bytes:
        longer = "cut off" if size < stored.bytes else "longer than it was"
        raise RejectedError(f"{stored.key} is {longer}: {size:,} bytes, in the manifest {stored.bytes:,}")
