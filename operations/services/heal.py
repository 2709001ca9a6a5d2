"""``intendly heal``: brings a stack right whose engine was killed, without anybody's editing its state.

A plan first, from the state, its lock, AWS's tags and the providers' own words; then, in this order: a copy of the
state, the stale lock, what exists is imported, half-done releases go, what was being changed is read again, and a
preview.
(`pulumi refresh --import-pending-creates` is not used: version 3.274.1 drops the operation and imports nothing.)
"""

import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psutil

from operations.clients.aws_finder import AwsFinder, TaggedResource
from operations.clients.engine_repair import Checkpoint, RepairEngine
from operations.clients.helm_releases import HelmReleases
from operations.clients.kubernetes import ClusterAddress, KubernetesClient
from operations.clients.state_backend import Lock, StateBackend
from operations.errors import ClusterError, EngineError, UnreadableStateError
from operations.json_object import dig, text
from operations.services.heal_findings import Action, Detective, Finding

CLUSTER: Final = "aws:eks/cluster:Cluster"

_NO_COPY: Final = "there is no copy beside it; docs/real-account.md says what is left to do"

CLOCK_S: Final = 5
"""Seconds between a process's start and its lock by which clocks may disagree."""


@dataclass(frozen=True, kw_only=True)
class Holder:
    """A lock and whether the process that holds it is provably gone; ``why`` says how that is known, or not."""

    lock: Lock
    gone: bool
    why: str


@dataclass(frozen=True, kw_only=True)
class HealPlan:
    """What was interrupted, and what will be done about it."""

    stack: str
    holders: tuple[Holder, ...]
    findings: tuple[Finding, ...]
    strangers: tuple[TaggedResource, ...] = ()
    """What carries the stack's tags in AWS, and neither the state nor the program knows it."""

    @property
    def needed(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.holders or self.findings)

    @property
    def blocked(self) -> tuple[Finding, ...]:
        """What a person must decide first."""
        return tuple(one for one in self.findings if one.action is Action.ASK)

    def of(self, *actions: Action) -> list[Finding]:
        """The findings with these actions."""
        return [one for one in self.findings if one.action in actions]


@dataclass(frozen=True, kw_only=True)
class Healed:
    """What was done."""

    copy: Path
    adopted: tuple[str, ...]
    absent: tuple[str, ...]
    """URNs that turned out not to exist."""
    next_update: dict[str, int] = field(default_factory=dict[str, int])
    """How many resources the next update changes, by operation; empty when everything is as it should be."""


class HealService:
    """Works the plan out and runs it.

    Args:
        stack: the stack.
        project: the engine's project.
        engine: the stack's engine.
        backend: where its state is.
        finder: looks in a region of AWS.
        kubernetes: the cluster at an address.
    """

    def __init__(  # noqa: PLR0913 - each is a world of its own
        self,
        stack: str,
        *,
        project: str,
        engine: RepairEngine,
        backend: StateBackend,
        finder: Callable[[str], AwsFinder],
        kubernetes: Callable[[ClusterAddress], KubernetesClient],
    ) -> None:
        self._stack = stack
        self._project = project
        self._engine = engine
        self._backend = backend
        self._finder = finder
        self._kubernetes = kubernetes

    def spoilt(self) -> tuple[str, ...]:
        """Empty files beside the state, which keep the engine from reading it."""
        return self._backend.spoilt(self._project, self._stack)

    def remove_spoilt(self) -> None:
        """Remove them; nothing is in them."""
        self._backend.remove_spoilt(self._project, self._stack)

    def plan(self, told: Mapping[str, str] | None = None) -> HealPlan:
        """What an interrupted run left; reads only.

        Args:
            told: ids that a person gave, by URN; an empty one says that there is nothing.

        Raises:
            OperatorError: the state, AWS or the cluster cannot be read; for the state, with the way back.
        """
        holders = tuple(_holder(lock) for lock in self._backend.locks(self._project, self._stack))
        checkpoint = self._checkpoint()
        detective = Detective(checkpoint, self._finder, lambda: self._releases(checkpoint), told or {})
        findings = [detective.finding(one) for one in checkpoint.interrupted]
        findings += self._lost(detective, findings, told or {})
        return HealPlan(
            stack=self._stack,
            holders=holders,
            findings=tuple(findings),
            strangers=tuple(_beside(detective, findings)),
        )

    def _checkpoint(self) -> Checkpoint:
        try:
            return self._engine.checkpoint()
        except UnreadableStateError as error:
            command = self._backend.copy_before(self._project, self._stack)
            way = (
                f"put the copy before it back, then heal what it does not know: {command}"
                if command
                else _NO_COPY
            )
            raise EngineError(error.message, way) from error

    def _lost(
        self, detective: Detective, findings: list[Finding], told: Mapping[str, str]
    ) -> Iterator[Finding]:
        """What exists although its creation failed, since AWS's answer was lost: nothing is pending then.

        Asking the program what it would create takes its whole preview, so only when there is a reason to.
        """
        pending = {one.resource.urn for one in findings}
        beside = {one.name for one in _beside(detective, findings)}
        if not beside and told.keys() <= pending:
            return
        planned = self._engine.planned_creations()
        unheard = told.keys() - pending - {one.urn for one in planned}
        if unheard:
            raise EngineError(
                f"neither interrupted nor planned: {', '.join(sorted(unheard))}",
                "pulumi preview --urns shows what an update would create",
            )
        for one in planned:
            if one.urn not in pending and (one.urn in told or dig(one.inputs, "tags", "Name") in beside):
                finding = detective.finding(one)
                if finding.action is Action.ADOPT:
                    yield finding

    def run(self, plan: HealPlan, folder: Path, *, cancel_lock: bool = False) -> Healed:
        """Do what the plan says.

        Args:
            plan: what was shown.
            folder: where a copy of the state is kept first.
            cancel_lock: take the lock away although its holder may be alive.

        Raises:
            EngineError: the lock is held, a person must decide something first, or the engine refused.
        """
        self._refuse(plan, cancel_lock=cancel_lock)
        copy = folder / f"{self._stack}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
        self._engine.keep(copy)
        if plan.holders:
            self._cancel(plan)
        wanted = [one.adoption for one in plan.of(Action.ADOPT, Action.TRY, Action.UNINSTALL)]
        absent = self._engine.adopt(wanted)
        self._refuse_contradiction(plan, absent)
        for one in plan.of(Action.UNINSTALL):
            if one.resource.urn not in absent:
                self._engine.remove(one.resource.urn)
        if plan.of(Action.DROP):
            releases = self._releases(self._engine.checkpoint())
            for one in plan.of(Action.DROP):
                if one.revision:
                    releases.drop(one.revision)
        self._engine.refresh([one.resource.urn for one in plan.of(Action.READ, Action.DROP)])
        adopted = tuple(one.resource.urn for one in wanted if one.resource.urn not in absent)
        return Healed(copy=copy, adopted=adopted, absent=absent)

    def preview(self) -> dict[str, int]:
        """How many resources the next update changes, by operation."""
        return self._engine.preview()

    def _refuse(self, plan: HealPlan, *, cancel_lock: bool) -> None:
        held = [one for one in plan.holders if not one.gone]
        if held and not cancel_lock:
            names = "; ".join(f"{one.lock} ({one.why})" for one in held)
            raise EngineError(
                f"stack {self._stack} is locked by {names}",
                "let it end; when you know that it is gone: --cancel-lock",
            )
        if plan.blocked:
            lines = "; ".join(one.line for one in plan.blocked)
            raise EngineError(
                f"a person must say what became of {lines}",
                "look for it in AWS, then --adopt URN=ID, or --forget URN when it is not there",
            )

    def _refuse_contradiction(self, plan: HealPlan, absent: tuple[str, ...]) -> None:
        """Forget nothing that AWS lists: the interrupted operation is the last trace of it."""
        lost = [one for one in plan.of(Action.ADOPT) if one.resource.urn in absent]
        if lost:
            raise EngineError(
                f"AWS lists it and the provider does not find it: {'; '.join(one.line for one in lost)}",
                "run the command again; when it is gone in AWS: --forget URN",
            )

    def _cancel(self, plan: HealPlan) -> None:
        """Take the locks away, unless somebody came since the plan was made."""
        if self._backend.locks(self._project, self._stack) != tuple(one.lock for one in plan.holders):
            raise EngineError("the stack's lock has changed since the plan was made", "run the command again")
        self._engine.cancel()

    def _releases(self, checkpoint: Checkpoint) -> HelmReleases:
        """Helm's releases in the stack's cluster. Its outputs may not be there yet; the cluster's own are."""
        for outputs in checkpoint.of_kind(CLUSTER):
            return HelmReleases(
                self._kubernetes(
                    ClusterAddress(
                        name=text(outputs, "name"),
                        endpoint=text(outputs, "endpoint"),
                        certificate_authority=text(outputs, "certificateAuthority", "data"),
                        region=text(checkpoint.aws, "region"),
                        arn=text(outputs, "arn"),
                    )
                )
            )
        raise ClusterError("a release was interrupted, and the state has no cluster")


def _holder(lock: Lock) -> Holder:
    """Whether a lock's process is gone: on this machine that can be known, of another it cannot."""
    if lock.host != socket.gethostname():
        return Holder(lock=lock, gone=False, why=f"whether it runs is known on {lock.host} only")
    try:
        process = psutil.Process(lock.pid)
        started, name = process.create_time(), process.name()
        ended = process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return Holder(lock=lock, gone=True, why="its process is gone")
    if ended:
        return Holder(lock=lock, gone=True, why="its process has ended")
    if "pulumi" not in name or (lock.since and started > lock.since.timestamp() + CLOCK_S):
        return Holder(lock=lock, gone=True, why=f"its process is gone; {lock.pid} is {name} now")
    return Holder(lock=lock, gone=False, why="it is running")


def _ids(arn: str) -> tuple[str, ...]:
    """The forms in which an ARN's resource may be called by an id."""
    parts = arn.split(":", 5)[5].split("/")
    last = parts[-1].rpartition(":")[2]
    return arn, last, ":".join(parts[1:3]), ",".join(parts[1:3])


def _beside(detective: Detective, findings: list[Finding]) -> list[TaggedResource]:
    """What carries the stack's tags, and neither its state nor a finding knows."""
    found = {one.id for one in findings}
    return [one for one in detective.strangers if not found.intersection(_ids(one.arn))]
