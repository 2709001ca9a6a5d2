"""`make sweep`: several hundred edits, each previewed, approved and applied; writes docs/approved-edits.md.

Goes on where an earlier one was interrupted; one that had ended is begun anew.
"""

import argparse
import json
import shutil
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from tests.support.checkout import Checkout
from tests.support.lies import Outcome, outcomes
from tests.support.made_edits import all_edits, batches
from tests.support.stacks import ROOT
from tests.sweeps.edits_page import PAGE, page

FOLDER = ROOT / ".local" / "edits"
PROGRESS = FOLDER / "progress.json"
SIZE, SEED = 10, 20261125
"""Edits of a batch, and the seed of their order."""


def sweep(minutes: float) -> list[Outcome]:
    """Try what is still to be tried, as far as the time goes."""
    deadline, done = time.monotonic() + 60 * minutes, _load(PROGRESS)
    tried = {edit for outcome in done for edit in outcome.edits}
    left = [edit for edit in all_edits() if str(edit) not in tried]
    shutil.rmtree(FOLDER / "intendly", ignore_errors=True)
    checkout = Checkout(FOLDER / "intendly")
    try:
        checkout.cloud.start()
        checkout.cloud.up()
        for batch in batches(left, SIZE, SEED):
            for outcome in outcomes(checkout, batch):
                done.append(outcome)
                PROGRESS.write_text(json.dumps([asdict(one) for one in done]))
                _tell(outcome)
            if time.monotonic() > deadline:
                break
    finally:
        checkout.cloud.stop()
    return done


def _load(file: Path) -> list[Outcome]:
    return [Outcome(**_with_tuples(one)) for one in json.loads(file.read_text())] if file.exists() else []


def _with_tuples(found: dict[str, Any]) -> dict[str, Any]:
    """JSON knows lists only, where an outcome has tuples."""
    return {
        key: tuple(cast("list[Any]", value)) if isinstance(value, list) else value
        for key, value in found.items()
    }


def _tell(outcome: Outcome) -> None:
    verdict = f"refused {outcome.refused}" if outcome.refused else outcome.failed or "done as shown"
    lines = [f"{len(outcome.edits)} edits, {outcome.shown} changes: {verdict}"]
    lines += [f"    LIE {lie}" for lie in outcome.lies]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def main() -> int:
    """Sweep, and write the page when all is done."""
    parser = argparse.ArgumentParser(prog="python -m tests.sweeps.edits", description=__doc__)
    parser.add_argument("--minutes", type=float, default=24 * 60, help="stop after these; go on another time")
    parser.add_argument("--fresh", action="store_true", help="forget an interrupted sweep")
    arguments = parser.parse_args()
    if arguments.fresh:
        shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    done = sweep(arguments.minutes)
    if sum(len(outcome.edits) for outcome in done) < len(all_edits()):
        sys.stdout.write("the time is up; again goes on\n")
        return 0
    PAGE.write_text(page(done), encoding="utf-8")
    PROGRESS.unlink()
    return int(any(outcome.lies for outcome in done))


if __name__ == "__main__":
    sys.exit(main())
