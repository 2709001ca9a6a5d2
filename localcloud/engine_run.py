"""One run of the engine: refused with the reason while the stack is locked, and ended by itself at Ctrl-C."""

import json
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

import psutil

from localcloud.errors import LocalCloudError

LOCKING = frozenset({"destroy", "import", "refresh", "up"})
"""Commands of the engine's that take the stack's lock."""

LOCKS = ".pulumi/locks/organization"

FIRST = "\nCtrl-C: the engine ends what it has begun, then stops. Again: it stops at once, and may leave the stack to be healed."
FORCED = "\nCtrl-C again: the engine stops at once."


def heal_command(stack: str) -> str:
    """What brings a stack of the local cloud right whose engine was ended by force."""
    return f'eval "$(.venv/bin/python -m localcloud env --stack {stack})" && intendly heal --stack {stack}'


@dataclass(frozen=True)
class Done:
    """How a command ended. What it printed is empty where it was not captured."""

    code: int
    output: str
    interrupted: bool


def run(command: Sequence[str], *, folder: Path, environment: Mapping[str, str], capture: bool) -> Done:
    """Run a command of the engine's to its end.

    Its plugins leave files in the folder for temporary ones, a kubeconfig at each run: they get one that goes with it.
    """
    with (
        TemporaryDirectory(prefix="intendly-", ignore_cleanup_errors=True) as scratch,
        _left_to_the_engine() as interrupts,
    ):
        process = subprocess.Popen(
            list(command),
            cwd=folder,
            env={**environment, "TMPDIR": scratch},
            stdout=subprocess.PIPE if capture else None,
            text=True,
        )
        output, _ = process.communicate()
    return Done(process.returncode, output or "", bool(interrupts))


@contextmanager
def _left_to_the_engine() -> Generator[list[int]]:
    """Only say what a Ctrl-C does: the terminal sends it to the engine as well.

    Python on its own would kill the engine a quarter of a second after it, with its operations under way and the
    stack locked.
    """
    seen: list[int] = []

    def say(number: int, _: FrameType | None) -> None:
        seen.append(number)
        print(FORCED if len(seen) > 1 else FIRST, file=sys.stderr, flush=True)  # noqa: T201 - to the person at the keyboard

    before = signal.signal(signal.SIGINT, say)
    try:
        yield seen
    finally:
        signal.signal(signal.SIGINT, before)


def refuse_locked(backend: Path, stack: str) -> None:
    """Say who holds the stack, before the engine refuses with the name of a file.

    Args:
        backend: the folder of the engine's file backend.
        stack: the stack.

    Raises:
        LocalCloudError: somebody holds it, or held it when the engine was ended by force.
    """
    for file in sorted((backend / LOCKS).glob(f"*/{stack}/*.json")):
        try:
            lock: dict[str, Any] = json.loads(file.read_bytes())
        except FileNotFoundError:  # given back just now
            continue
        except json.JSONDecodeError:
            lock = {}
        holder = f"{lock.get('username')}@{lock.get('hostname')}, process {lock.get('pid')}"
        holder += f" since {lock.get('timestamp')}"
        if _runs(lock):
            raise LocalCloudError(
                f"stack {stack} is locked by {holder}, which runs", "wait until it has ended"
            )
        raise LocalCloudError(
            f"stack {stack} is locked by {holder}, which is gone: its engine was ended by force",
            f"bring the stack right: {heal_command(stack)}",
        )


def _runs(lock: Mapping[str, Any]) -> bool:
    """Whether the process that wrote a lock still runs. The local cloud's folder is of one machine."""
    try:
        process = psutil.Process(int(lock.get("pid") or 0))
        return "pulumi" in process.name() and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.NoSuchProcess, ValueError):
        return False
