"""What a restore has done so far, kept in the bucket: whoever runs the command next goes on from there.

One journal for each database; its versions in the bucket are its history.
"""

from datetime import datetime
from typing import Final, Literal

from pydantic import Field, ValidationError

from operations.backup_manifest import Part
from operations.clients.aws_objects import ObjectStore
from operations.errors import BackupError

PREFIX: Final = "postgresql/restores/"

RUNNING, DONE, UNDOING, UNDONE, DROPPED = "running", "done", "undoing", "undone", "dropped"


class Journal(Part):
    """A restore. The step after those that ended may be half done."""

    format: Literal[1] = 1
    backup: str
    database: str
    started: datetime
    state: Literal["running", "done", "undoing", "undone", "dropped"] = RUNNING
    ended: list[str] = Field(default_factory=list)
    """Steps by name."""
    replicas: dict[str, int] | None = None
    """Of the applications, before they were stopped."""
    swap_back: bool = False
    """While it is undone: whether the databases had been switched. Then nothing is thrown away."""

    @property
    def open(self) -> bool:
        """Whether something was begun that neither ended nor was taken back."""
        return self.state in {RUNNING, UNDOING}


class Journals:
    """Reads and writes a database's journal.

    Args:
        store: the bucket.
        database: whose.
    """

    def __init__(self, store: ObjectStore, database: str) -> None:
        self._store = store
        self._key = f"{PREFIX}{database}.json"

    def read(self) -> Journal | None:
        """The last restore's journal, or None when there never was one.

        Raises:
            BackupError: it cannot be read.
        """
        content = self._store.read(self._key)
        if content is None:
            return None
        try:
            return Journal.model_validate_json(content)
        except ValidationError as error:
            raise BackupError(f"{self._key} is no journal: {error.errors()[0]['msg']}") from None

    def write(self, journal: Journal) -> Journal:
        """Keep what is so now; gives it back."""
        content = journal.model_dump_json(by_alias=True, indent=1).encode()
        self._store.write(self._key, content, new=False)
        return journal
