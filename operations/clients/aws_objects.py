"""One S3 bucket: objects that are read in pieces and written whole or not at all."""

from base64 import b64encode
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from hashlib import md5
from typing import Any, Final

from operations.clients.aws import AwsSession, asking
from operations.errors import AwsError
from operations.json_object import number, text

PART_BYTES: Final = 16 * 2**20
"""Of an upload, unless it is so large that S3's 10,000 parts would not do."""

MOST_PARTS: Final = 9_000
"""Of the 10,000 that S3 takes: what is expected may be somewhat too small."""

UPLOADS: Final = 2
"""Parts under way at a time: memory stays at about four parts, whatever is sent."""

READ_BYTES: Final = 2**20

_MISSING: Final = frozenset({"404", "NoSuchKey", "NotFound"})


class ObjectStore:
    """Reads and writes a bucket; deletes nothing.

    Args:
        session: whose credentials, which region.
        bucket: the bucket's name.
    """

    def __init__(self, session: AwsSession, bucket: str) -> None:
        self._session = session
        self.bucket = bucket

    def keys(self, prefix: str) -> list[str]:
        """The keys that begin so, in S3's order, which is alphabetical.

        Raises:
            AwsError: AWS refused, or did not answer.
        """
        found = self._session.pages("s3", "list_objects_v2", "Contents", Bucket=self.bucket, Prefix=prefix)
        return [text(one, "Key") for one in found]

    def size(self, key: str) -> int | None:
        """Bytes of an object, or None when there is none.

        Raises:
            AwsError: AWS refused, or did not answer.
        """
        try:
            found = self._session.call("s3", "head_object", Bucket=self.bucket, Key=key)
        except AwsError as error:
            if error.code in _MISSING:
                return None
            raise
        return number(found, "ContentLength")

    def read(self, key: str) -> bytes | None:
        """A small object, or None when there is none.

        Raises:
            AwsError: AWS refused, did not answer, or stopped in the middle.
        """
        try:
            return b"".join(self.pieces(key))
        except AwsError as error:
            if error.code in _MISSING:
                return None
            raise

    def pieces(self, key: str) -> Iterator[bytes]:
        """An object of any size, a piece at a time.

        Raises:
            AwsError: as ``read``, and there is no such object.
        """
        body: Any = self._session.call("s3", "get_object", Bucket=self.bucket, Key=key)["Body"]
        with asking(f"read s3://{self.bucket}/{key}"):
            while piece := body.read(READ_BYTES):
                yield piece

    def write(self, key: str, content: bytes, *, new: bool = True) -> None:
        """Write a small object; a ``new`` one only where none is.

        Raises:
            AwsError: AWS refused (there is one already), or did not answer.
        """
        condition = {"IfNoneMatch": "*"} if new else {}
        # A bucket with a lock wants to know that what arrives is what was sent.
        checksum = b64encode(md5(content, usedforsecurity=False).digest()).decode()
        self._session.call(
            "s3",
            "put_object",
            Bucket=self.bucket,
            Key=key,
            Body=content,
            ContentMD5=checksum,
            **condition,
        )

    @contextmanager
    def upload(self, key: str, expected_bytes: int = 0) -> Generator["Upload"]:
        """An object that is there when the block ends well, and leaves nothing when it raises.

        Args:
            key: where it will be; nothing may be there.
            expected_bytes: the most that it may become, as far as is known.

        Raises:
            AwsError: AWS refused, or did not answer.
        """
        part = max(PART_BYTES, expected_bytes // MOST_PARTS)
        made = self._session.call(
            "s3", "create_multipart_upload", Bucket=self.bucket, Key=key, ChecksumAlgorithm="CRC32"
        )
        here = {"Bucket": self.bucket, "Key": key, "UploadId": text(made, "UploadId")}
        with ThreadPoolExecutor(UPLOADS) as senders:
            try:
                sent = Upload(self._session, here, senders, part)
                yield sent
                sent.finish()
            except BaseException:
                senders.shutdown(wait=True, cancel_futures=True)
                # Where even this is refused, the bucket removes the parts after some days; nobody sees them.
                with suppress(AwsError):
                    self._session.call("s3", "abort_multipart_upload", **here)
                raise


class Upload:
    """An object on its way, in parts."""

    def __init__(
        self, session: AwsSession, here: dict[str, str], senders: ThreadPoolExecutor, part_bytes: int
    ) -> None:
        self._session = session
        self._here = here
        self._senders = senders
        self._part_bytes = part_bytes
        self._waiting = bytearray()
        self._sent: list[Future[dict[str, object]]] = []

    def write(self, content: bytes) -> None:
        """Send more; blocks while enough is under way.

        Raises:
            AwsError: a part was refused.
        """
        self._waiting += content
        while len(self._waiting) >= self._part_bytes:
            self._send(bytes(self._waiting[: self._part_bytes]))
            del self._waiting[: self._part_bytes]

    def finish(self) -> None:
        """Make the object of its parts; an empty one has one empty part."""
        if self._waiting or not self._sent:
            self._send(bytes(self._waiting))
        parts = [one.result() for one in self._sent]
        self._session.call(
            "s3",
            "complete_multipart_upload",
            **self._here,
            MultipartUpload={"Parts": parts},
            IfNoneMatch="*",
        )

    def _send(self, content: bytes) -> None:
        if len(self._sent) >= UPLOADS:
            self._sent[-UPLOADS].result()
        self._sent.append(self._senders.submit(self._part, len(self._sent) + 1, content))

    def _part(self, turn: int, content: bytes) -> dict[str, object]:
        made = self._session.call(
            "s3", "upload_part", **self._here, PartNumber=turn, Body=content, ChecksumAlgorithm="CRC32"
        )
        return {"PartNumber": turn, "ETag": made["ETag"], "ChecksumCRC32": text(made, "ChecksumCRC32")}
