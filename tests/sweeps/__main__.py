"""`make sweep`: the engine killed at every k-th operation of an up, an update and a destroy; writes docs/kills.md.

Goes on where an earlier one was interrupted; one that had ended is begun anew.
"""

import argparse
import shutil
import sys
import time
from itertools import repeat

from tests.support.checkout import Checkout
from tests.support.kill_courses import COMMANDS, begin, unfinished
from tests.support.stacks import ROOT
from tests.support.sweep import Kill, heal, kills
from tests.sweeps.page import PAGE, page
from tests.sweeps.progress import Progress

FOLDER = ROOT / ".local" / "sweep"
PROGRESS = FOLDER / "progress.json"


class Sweep:
    """A sweep in a checkout of its own.

    Args:
        every: operations between two kills; may be another one when a sweep is gone on with.
        seconds: no kill is begun after so many.
    """

    def __init__(self, every: int, seconds: float) -> None:
        self.progress = Progress.load(PROGRESS) or Progress()
        self._every = every
        self._checkout = Checkout(FOLDER / "intendly")
        self._deadline = time.monotonic() + seconds

    def run(self) -> bool:
        """Kill what is still to be killed; whether all is done, before the time was up."""
        cloud = self._checkout.cloud
        try:
            cloud.start()
            heal(cloud)  # what an interrupted sweep left
            return all(self._course(name) for name in COMMANDS)
        finally:
            cloud.stop()

    def _course(self, name: str) -> bool:
        course, cloud = self.progress.course(name), self._checkout.cloud
        begin(self._checkout, name)
        if course.ended:
            return True
        for kill in kills(cloud, COMMANDS[name], repeat(self._every)):
            course.kills.append(kill)
            self.progress.save(PROGRESS)
            _tell(name, len(course.kills), kill)
            if time.monotonic() > self._deadline:
                return False
        course.ended, course.left = True, tuple(unfinished(cloud, name))
        self.progress.save(PROGRESS)
        sys.stdout.write(f"{name} has ended: {'; '.join(course.left) or 'as if never killed'}\n")
        return True


def _tell(name: str, number: int, kill: Kill) -> None:
    lines = [f"{name} {number}: killed at {kill.operation}, healed in {kill.seconds:.0f} s"]
    lines += [f"    {line}" for line in kill.found]
    lines += [f"    DIFFERS {line}" for line in kill.left]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def main() -> int:
    """Sweep, and write the page of what was done, however it ends."""
    parser = argparse.ArgumentParser(prog="python -m tests.sweeps", description=__doc__)
    parser.add_argument("--every", type=int, default=10, help="operations between two kills")
    parser.add_argument("--minutes", type=float, default=24 * 60, help="stop after these; go on another time")
    parser.add_argument("--fresh", action="store_true", help="forget an interrupted sweep")
    given = parser.parse_args()
    if given.fresh and FOLDER.exists():
        shutil.rmtree(FOLDER)
    sweep = Sweep(given.every, given.minutes * 60)
    done = False
    try:
        done = sweep.run()
    finally:
        PAGE.write_text(page(sweep.progress))
    if done:
        shutil.rmtree(FOLDER)
    return int(sweep.progress.failed)


if __name__ == "__main__":
    sys.exit(main())
