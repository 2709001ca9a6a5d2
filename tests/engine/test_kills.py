"""The engine killed at a seeded sample of operations, healed, and the command given again. In this order.

`make sweep` kills it at every one: docs/kills.md.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import pytest

from localcloud.errors import LocalCloudError
from localcloud.paths import read_json
from tests.support.agreement import disagreements
from tests.support.checkout import Checkout
from tests.support.kill_courses import COMMANDS, begin, unfinished
from tests.support.killing import run_until
from tests.support.sweep import heal, kills

pytestmark = pytest.mark.engine

SEED = 5


@dataclass(frozen=True)
class Sample:
    """How many kills, spread over how many operations: fewer than the command has, since those under way count not."""

    kills: int
    operations: int


SAMPLES = {"up": Sample(7, 180), "update": Sample(3, 90), "destroy": Sample(10, 150)}


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """A checkout of its own, whose stack is empty at first: what cannot be healed spoils no other test."""
    made = Checkout(tmp_path_factory.mktemp("kills") / "intendly")
    try:
        made.cloud.start()
        yield made
    finally:
        made.cloud.stop()


def steps(course: str) -> list[int]:
    """How many operations each run may finish before it is killed; the same in every run of this test."""
    sample = SAMPLES[course]
    drawn = random.Random(f"{SEED} {course}")  # noqa: S311 - a sample, no secret
    places = [0, *sorted(drawn.sample(range(1, sample.operations), sample.kills))]
    return [after - before for before, after in pairwise(places)]


def test_a_ctrl_c_leaves_no_lock_and_nothing_half_done(victim: Checkout) -> None:
    update = subprocess.Popen(
        [sys.executable, "-m", "localcloud", "up"],
        cwd=victim.root,
        env={**os.environ, "PYTHONPATH": str(victim.root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    while len(read_json(victim.cloud.paths.ledger).get("resources", [])) < 20:
        assert update.poll() is None, update.communicate()[0]
        time.sleep(0.05)
    # As a terminal does it: to the whole group.
    os.killpg(update.pid, signal.SIGINT)
    said, _ = update.communicate(timeout=120)
    assert (update.returncode, "pulumi up was interrupted" in said) == (1, True), said
    assert disagreements(victim.cloud) == []


def test_a_killed_engines_lock_is_named_with_the_command_that_heals(victim: Checkout) -> None:
    assert run_until(victim.cloud, "up", 5).killed_at
    with pytest.raises(LocalCloudError, match="which is gone") as refused:
        victim.cloud.up()
    assert "intendly heal --stack staging" in refused.value.hint
    heal(victim.cloud)
    assert disagreements(victim.cloud) == []


@pytest.mark.parametrize("course", COMMANDS)
def test_a_killed_command_is_brought_right(victim: Checkout, course: str) -> None:
    begin(victim, course)
    done = 0
    for kill in kills(victim.cloud, COMMANDS[course], steps(course)):
        assert kill.left == (), f"killed at {kill.operation}; heal found {kill.found}"
        done += 1
    assert done == SAMPLES[course].kills
    assert unfinished(victim.cloud, course) == []
