"""Kills the engine at one operation after another, heals, and looks whether state and cloud agree."""

import os
import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from localcloud.cloud import LocalCloud
from operations.factory import Factory
from operations.services.heal import Healed, HealPlan
from tests.support.agreement import disagreements
from tests.support.killing import run_until


@dataclass(frozen=True, kw_only=True)
class Kill:
    """One kill and what came of it."""

    operation: str
    """The operation that was just beginning, `create aws:ec2/vpc:Vpc network-vpc`; others may have been under way."""
    ended: int
    """How many operations had ended in this run."""
    found: tuple[str, ...]
    """What heal found, in its words."""
    actions: tuple[str, ...]
    """The same in short: `creating: adopt`."""
    adopted: int
    """How many resources of these turned out to exist, and are in the state now."""
    seconds: float
    """Until heal had ended."""
    left: tuple[str, ...]
    """Where state and cloud differ afterwards; empty when all is well."""


def kills(cloud: LocalCloud, command: str, steps: Iterable[int]) -> Iterator[Kill]:
    """Give a command again and again, kill it each time after so many operations, and heal.

    Ends when the command ends by itself, or with its last run when no steps are left.

    Args:
        cloud: a local cloud that runs.
        command: ``up`` or ``destroy``.
        steps: how many operations each run may finish before it is killed.
    """
    for step in steps:
        run = run_until(cloud, command, step)
        if run.killed_at is None:
            return
        started = time.monotonic()
        plan, healed = heal(cloud)
        yield Kill(
            operation=str(run.killed_at),
            ended=run.ended,
            found=tuple(finding.line for finding in plan.findings),
            actions=tuple(f"{one.resource.operation}: {one.action}" for one in plan.findings),
            adopted=len(healed.adopted) if healed else 0,
            seconds=round(time.monotonic() - started, 1),
            left=tuple(disagreements(cloud)),
        )
    run_until(cloud, command, None)


def heal(cloud: LocalCloud) -> tuple[HealPlan, Healed | None]:
    """What `intendly heal --yes` does but for its last preview; gives what it found and did."""
    environment = cloud.env()
    with _environment(environment):
        factory = Factory(cloud.paths.root, cloud.paths.stack, None, {**os.environ, **environment})
        service = factory.heal()
        service.remove_spoilt()
        plan = service.plan()
        return plan, service.run(plan, cloud.paths.local / "heal") if plan.needed else None


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
