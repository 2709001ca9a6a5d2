"""Kills the engine at one operation after another, heals, and looks whether state and cloud agree."""

import os
import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from localcloud.cloud import LocalCloud
from operations.factory import Factory
from operations.services.heal import HealPlan
from tests.support.agreement import disagreements
from tests.support.killing import Operation, run_until


@dataclass(frozen=True, kw_only=True)
class Kill:
    """One kill and what came of it."""

    command: str
    number: int
    """Which one it was, of the kills of this command."""
    operation: Operation
    interrupted: tuple[str, ...]
    """What heal found, in its words."""
    seconds: float
    """From the kill until state and cloud agreed."""
    left: tuple[str, ...]
    """Where they did not; empty when all is well."""


def kills(cloud: LocalCloud, command: str, steps: Iterable[int]) -> Iterator[Kill]:
    """Give a command again and again, kill it each time after so many operations, and heal.

    Ends when the command ends by itself, or with its last run when no steps are left.

    Args:
        cloud: a local cloud that runs.
        command: ``up`` or ``destroy``.
        steps: how many operations each run may finish before it is killed.
    """
    for number, step in enumerate(steps, start=1):
        operation = run_until(cloud, command, step)
        if operation is None:
            return
        started = time.monotonic()
        plan = heal(cloud)
        yield Kill(
            command=command,
            number=number,
            operation=operation,
            interrupted=tuple(finding.line for finding in plan.findings),
            left=tuple(disagreements(cloud)),
            seconds=time.monotonic() - started,
        )
    run_until(cloud, command, None)


def heal(cloud: LocalCloud) -> HealPlan:
    """What `intendly heal --yes` does but for its last preview; gives what it found."""
    environment = cloud.env()
    with _environment(environment):
        factory = Factory(cloud.paths.root, cloud.paths.stack, None, {**os.environ, **environment})
        service = factory.heal()
        service.remove_spoilt()
        plan = service.plan()
        if plan.needed:
            service.run(plan, cloud.paths.local / "heal")
        return plan


@contextmanager
def _environment(values: Mapping[str, str]) -> Generator[None]:
    """Variables of this process, for boto3; as before afterwards."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
