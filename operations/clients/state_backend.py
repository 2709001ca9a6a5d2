"""What lies beside a stack's state in its backend: locks, and files that a killed engine spoilt."""

import json
import shlex
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

from typing_extensions import override

from operations.clients.aws import AwsSession
from operations.errors import EngineError
from operations.json_object import number, text

LOCKS: Final = ".pulumi/locks/organization"
STACKS: Final = ".pulumi/stacks"


@dataclass(frozen=True, kw_only=True)
class Lock:
    """Who holds the stack's lock: a process of a machine, since when."""

    user: str
    host: str
    pid: int
    since: datetime | None

    def __str__(self) -> str:
        since = f" since {self.since:%Y-%m-%d %H:%M:%S} UTC" if self.since else ""
        return f"{self.user}@{self.host}, process {self.pid}{since}"


class StateBackend(ABC):
    """Where the engine keeps the states of this project."""

    @abstractmethod
    def _read_all(self, folder: str) -> list[bytes]:
        """The contents of the files in a folder."""

    def locks(self, project: str, stack: str) -> tuple[Lock, ...]:
        """The locks of a stack; more than one when two operators met.

        Raises:
            EngineError: one cannot be read.
        """
        return tuple(_lock(content) for content in self._read_all(f"{LOCKS}/{project}/{stack}"))

    @abstractmethod
    def copy_before(self, project: str, stack: str) -> str:
        """The command that puts the copy before the last write in the place of the state; empty without a copy."""

    def spoilt(self, project: str, stack: str) -> tuple[str, ...]:
        """Files without a content of their own that keep the engine from reading a sound state."""
        del project, stack
        return ()

    def remove_spoilt(self, project: str, stack: str) -> None:
        """Remove those."""
        del project, stack


class FileBackend(StateBackend):
    """A folder. The engine writes attributes beside each file, and a kill can leave them empty."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @override
    def _read_all(self, folder: str) -> list[bytes]:
        return [file.read_bytes() for file in sorted((self._folder / folder).glob("*.json"))]

    @override
    def copy_before(self, project: str, stack: str) -> str:
        state = self._folder / STACKS / project / f"{stack}.json"
        copy = state.with_name(f"{state.name}.bak")
        return shlex.join(["cp", str(copy), str(state)]) if copy.exists() else ""

    def _spoilt(self, project: str, stack: str) -> list[Path]:
        found = (self._folder / STACKS / project).glob(f"{stack}.json*.attrs")
        return [file for file in found if file.stat().st_size == 0]

    @override
    def spoilt(self, project: str, stack: str) -> tuple[str, ...]:
        return tuple(str(file) for file in self._spoilt(project, stack))

    @override
    def remove_spoilt(self, project: str, stack: str) -> None:
        for file in self._spoilt(project, stack):
            file.unlink(missing_ok=True)


class BucketBackend(StateBackend):
    """A bucket of S3, which writes a whole object or none. `intendly bootstrap` makes it keep old versions."""

    def __init__(self, session: AwsSession, bucket: str, prefix: str = "") -> None:
        self._session = session
        self._bucket = bucket
        self._prefix = prefix.strip("/")

    def _key(self, path: str) -> str:
        return "/".join(filter(None, [self._prefix, path]))

    @override
    def copy_before(self, project: str, stack: str) -> str:
        key = self._key(f"{STACKS}/{project}/{stack}.json")
        # S3 lists the versions of a key from the newest to the oldest.
        listed = self._session.pages(
            "s3", "list_object_versions", "Versions", Bucket=self._bucket, Prefix=key
        )
        old = [one for one in listed if text(one, "Key") == key and not one["IsLatest"]]
        if not old:
            return ""
        source = f"{self._bucket}/{key}?versionId={text(old[0], 'VersionId')}"
        return shlex.join(
            ["aws", "s3api", "copy-object", "--bucket", self._bucket, "--key", key, "--copy-source", source]
        )

    @override
    def _read_all(self, folder: str) -> list[bytes]:
        prefix = self._key(folder) + "/"
        found = self._session.pages("s3", "list_objects_v2", "Contents", Bucket=self._bucket, Prefix=prefix)
        return [
            self._session.call("s3", "get_object", Bucket=self._bucket, Key=text(one, "Key"))["Body"].read()
            for one in found
        ]


def state_backend(url: str, session: Callable[[str], AwsSession]) -> StateBackend:
    """The backend at an address as ``pulumi login`` takes it.

    Args:
        url: ``file://…`` or ``s3://…``.
        session: makes a session in a region.

    Raises:
        EngineError: it is of another kind.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        return FileBackend(Path(parts.netloc + parts.path).expanduser())
    if parts.scheme == "s3":
        region = parse_qs(parts.query).get("region", ["us-east-1"])[0]
        return BucketBackend(session(region), parts.netloc, parts.path)
    raise EngineError(f"the state is in {parts.scheme or url!r}: only file:// and s3:// keep locks as files")


def _lock(content: bytes) -> Lock:
    try:
        found: object = json.loads(content)
    except json.JSONDecodeError as error:
        raise EngineError(
            f"a lock of the stack cannot be read: {error}", "when nobody works on the stack: pulumi cancel"
        ) from error
    since = text(found, "timestamp")
    return Lock(
        user=text(found, "username"),
        host=text(found, "hostname"),
        pid=number(found, "pid"),
        since=datetime.fromisoformat(since) if since else None,
    )
