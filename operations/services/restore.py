"""``intendly restore``: a backup becomes the stack's database, and the one before stays until it is dropped.

Into ``<database>_new``, compared with the manifest, applications stopped, switched in one transaction, applications
started, looked at again. Every step is written down before and after, so that the command run again goes on.
"""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

from operations.backup_manifest import Manifest
from operations.clients.aws_objects import ObjectStore
from operations.clients.postgres import Address, PostgresClient
from operations.errors import BackupError
from operations.services.backup_catalogue import Catalogue
from operations.services.database import Access
from operations.services.restore_databases import MAINTENANCE, Databases, Names, beside, databases
from operations.services.restore_journal import DONE, DROPPED, RUNNING, UNDOING, UNDONE, Journal, Journals
from operations.services.restore_steps import Steps, Work, switch

STEPS: Final = {
    "load": "load the dump into {new}",
    "verify": "compare {new} with the manifest, and gather its statistics",
    "stop": "stop the applications",
    "switch": "end all connections; in one transaction {live} becomes {old}, {new} becomes {live}",
    "start": "start the applications, as many as there were",
    "check": "look at {live} again, and log in as the applications do",
}
"""In their order."""


class Applications(Protocol):
    """What uses the database."""

    def replicas(self) -> dict[str, int]:
        """How many of each are wanted now."""
        ...

    def scale(self, wanted: Mapping[str, int]) -> None:
        """Want so many of each, and wait until it is so."""
        ...


@dataclass(frozen=True, kw_only=True)
class RestorePlan:
    """What a restore would do."""

    server: str
    manifest: Manifest
    proven: datetime | None
    replaces_new: bool
    done: tuple[str, ...]
    """Steps that an earlier run has done."""
    lost_s: float
    """Seconds since the backup's snapshot: what was written meanwhile stays in the old database alone."""

    @property
    def steps(self) -> tuple[tuple[str, bool], ...]:
        """Each in words, and whether it is done."""
        names = Names(live=self.manifest.database)
        words = {"live": names.live, "new": names.new, "old": names.old}
        return tuple((text.format(**words), step in self.done) for step, text in STEPS.items())


class RestoreService:
    """Restores backups into the stack's own server.

    Args:
        store: the bucket.
        catalogue: reads manifests.
        connect: makes the client of an address.
        applications: what is stopped and started.
        clock: now.
    """

    def __init__(
        self,
        store: ObjectStore,
        catalogue: Catalogue,
        connect: Callable[[Address], PostgresClient],
        applications: Applications,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._connect = connect
        self._steps = Steps(store, connect)
        self._applications = applications
        self._clock = clock

    def plan(self, access: Access, backup: str, *, replace_new: bool = False) -> RestorePlan:
        """What a restore would do now, or what is left of one that did not end; changes nothing.

        Raises:
            OperatorError: it could not be done.
        """
        manifest = self._catalogue.manifest(backup)
        with self._server(access) as found:
            journal = self._journal(access)
            _check(found, manifest, journal, replace_new=replace_new)
            proof = self._catalogue.proof(manifest)
            resumed = journal is not None and journal.open
            return RestorePlan(
                server=str(access.address),
                manifest=manifest,
                proven=proof.ended if proof and proof.proven else None,
                replaces_new=found.names.new in found.there(),
                done=tuple(journal.ended) if resumed and journal is not None else (),
                lost_s=(self._clock() - manifest.started).total_seconds(),
            )

    def run(
        self,
        access: Access,
        backup: str,
        *,
        replace_new: bool = False,
        scratch: Path | None = None,
        told: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Do what the plan says, or what is left of it.

        Raises:
            OperatorError: a step failed; run again, it goes on from there. Until the switch, the database in use
                was not touched.
        """
        manifest = self._catalogue.manifest(backup)
        with self._server(access) as found:
            journal = self._journal(access)
            _check(found, manifest, journal, replace_new=replace_new)
            if journal is None or not journal.open:
                # Before anything is made: what is found later is known to be ours.
                begun = Journal(backup=backup, database=manifest.database, started=self._clock())
                journal = self._journals(access).write(begun)
            work = Work(access=access, manifest=manifest, databases=found, scratch=scratch)
            for step in STEPS:
                if step not in journal.ended:
                    told(step)
                    journal = self._do(step, work, journal)
            self._journals(access).write(journal.model_copy(update={"state": DONE}))

    def undo(self, access: Access) -> str:
        """Take a restore back, wherever it is; gives what was done, in words.

        Raises:
            OperatorError: there is none to take back, or it could not be; run again, it goes on.
        """
        with self._server(access) as found:
            journal, names = self._journal(access), found.names
            if journal is None or journal.state not in {RUNNING, DONE, UNDOING}:
                raise BackupError(
                    f"there is no restore of {names.live} to take back", "intendly restore plan"
                )
            if journal.state != UNDOING:
                swap = names.old in found.there()
                if "switch" in journal.ended and not swap:
                    raise BackupError(f"{names.old} is gone: there is nothing to go back to")
                journal = self._keep(access, journal, state=UNDOING, swap_back=swap)
            if journal.swap_back:
                journal = self._stop(access, journal)
                if names.old in found.there():
                    found.rename((names.live, names.new), (names.old, names.live))
            else:
                found.drop(names.new)
            if journal.replicas is not None:
                self._applications.scale(journal.replicas)
            self._keep(access, journal, state=UNDONE)
        if journal.swap_back:
            return f"{names.live} is the one from before again; what was restored is {names.new}"
        return f"{names.new} is gone; {names.live} was never touched"

    def drop(self, access: Access) -> str:
        """Drop the database from before a restore; from then on nothing can be taken back.

        Raises:
            OperatorError: there is none, or the restore has not ended.
        """
        with self._server(access) as found:
            journal, old = self._journal(access), found.names.old
            if old not in found.there():
                raise BackupError(f"there is no {old}")
            if journal is None or journal.state != DONE:
                raise BackupError(
                    f"the restore that made {old} has not ended", "intendly restore run, or undo"
                )
            found.drop(old)
            self._keep(access, journal, state=DROPPED)
        return old

    def _do(self, step: str, work: Work, journal: Journal) -> Journal:
        access = work.access
        if step == "stop":
            journal = self._stop(access, journal)
        elif step == "start":
            self._applications.scale(journal.replicas or {})
        elif step == "switch":
            switch(work.databases)
        else:
            {"load": self._steps.load, "verify": self._steps.verify, "check": self._steps.check}[step](work)
        return self._keep(access, journal, ended=[*journal.ended, step])

    def _stop(self, access: Access, journal: Journal) -> Journal:
        """How many there were is written down before the first is stopped, and once."""
        if journal.replicas is None:
            journal = self._keep(access, journal, replicas=self._applications.replicas())
        self._applications.scale(dict.fromkeys(journal.replicas or {}, 0))
        return journal

    @contextmanager
    def _server(self, access: Access) -> Generator[Databases]:
        client = self._connect(beside(access.address, MAINTENANCE))
        with databases(client, access) as found:
            yield found

    def _journals(self, access: Access) -> Journals:
        return Journals(self._store, access.address.database)

    def _journal(self, access: Access) -> Journal | None:
        return self._journals(access).read()

    def _keep(self, access: Access, journal: Journal, **changed: object) -> Journal:
        return self._journals(access).write(journal.model_copy(update=changed))


def _check(found: Databases, manifest: Manifest, journal: Journal | None, *, replace_new: bool) -> None:
    """Refuse what would destroy something, or cannot work.

    Raises:
        BackupError: naming it.
    """
    names, there = found.names, found.there()
    if found.version // 10000 < manifest.server.version // 10000:
        raise BackupError(
            f"the backup is of PostgreSQL {manifest.server.version // 10000}, and the server of"
            f" {found.version // 10000}: it must be as new, or newer"
        )
    if journal is not None and journal.open:
        if journal.backup != manifest.id or journal.state == UNDOING:
            deed = "being taken back" if journal.state == UNDOING else "not ended"
            raise BackupError(
                f"a restore of {journal.backup} is {deed}",
                f"intendly restore run --backup {journal.backup}, or intendly restore undo",
            )
        return
    if names.live not in there:
        raise BackupError(f"there is no {names.live} on the server")
    if names.old in there:
        raise BackupError(
            f"{names.old} is there, from a restore before",
            "intendly restore drop removes it, intendly restore undo brings it back",
        )
    if names.new in there and not replace_new:
        raise BackupError(
            f"{names.new} is there, and no restore that is under way has made it",
            "look what it is; --replace-new removes it",
        )
