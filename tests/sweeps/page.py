"""The page of a sweep: docs/kills.md."""

from collections import Counter
from collections.abc import Iterator
from statistics import median

from tests.support.kill_courses import COMMANDS
from tests.support.stacks import ROOT
from tests.support.sweep import Kill
from tests.sweeps.progress import Course, Progress

PAGE = ROOT / "docs" / "kills.md"

HEAD = """\
# The engine killed

Made by `make sweep`: an `up` of the staging stack from nothing, an update of it (another owner in the
tags, another image, a second node group) and a `destroy`, each in one chain: the engine, the program and the Kubernetes
provider are killed (SIGKILL, no warning) as an operation begins after k others have ended, `intendly heal` brings the
stack right, the same command is given again and killed again, until it ends by itself. Calls that AWS had
been sent are carried out, as AWS does.

After each heal the state, AWS (the stand-in's ledger) and the API server are compared, each resource by type and id:
nothing that one side has and the other has not, nothing twice, no lock, no interrupted operation. After each command an
undisturbed one must find nothing more to do; after the destroy nothing may be left.
"""

TOTALS = """\
## Totals
| command | k, median | kills | agreed | heal took, median and longest | at its end |
| --- | --- | --- | --- | --- | --- |
"""

KILLS = """\
| | killed at the beginning of | k | heal found | adopted | seconds | state and cloud |
| --- | --- | --- | --- | --- | --- | --- |
"""

NOTHING = "all in order: only the lock was left"


def page(progress: Progress) -> str:
    """The whole page."""
    courses = {command: progress.courses.get(command, Course()) for command in COMMANDS}
    totals = "".join(_total(command, course) for command, course in courses.items())
    tables = "".join(
        f"\n## {command}\n{KILLS}{''.join(_rows(course))}"
        for command, course in courses.items()
        if course.kills
    )
    return f"{HEAD}\n{TOTALS}{totals}{tables}"


def _total(command: str, course: Course) -> str:
    if not course.kills:
        return f"| {command} | | 0 | 0 | | the sweep was ended before it |\n"
    times = [kill.seconds for kill in course.kills]
    took = f"{median(times):.0f} s, {max(times):.0f} s"
    between = f"{median(kill.ended for kill in course.kills):.0f}"
    agreed = sum(not kill.left for kill in course.kills)
    end = "; ".join(course.left) or ("as if never killed" if course.ended else "the sweep was ended in it")
    return f"| {command} | {between} | {len(course.kills)} | {agreed} | {took} | {end} |\n"


def _rows(course: Course) -> Iterator[str]:
    for number, kill in enumerate(course.kills, start=1):
        cells = [
            str(number),
            f"`{kill.operation}`",
            str(kill.ended),
            _found(kill),
            str(kill.adopted or ""),
            f"{kill.seconds:.0f}",
            "; ".join(kill.left) or "agree",
        ]
        yield f"| {' | '.join(cells)} |\n"


def _found(kill: Kill) -> str:
    """What heal found, counted: `2 creating: forget`."""
    counted = Counter(kill.actions)
    return ", ".join(f"{number} {action}" for action, number in sorted(counted.items())) or NOTHING
