"""Measures previews against the floor, and what stands beside them: `python -m benchmarks.preview`."""

import argparse
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.applications import OWN, STACK, build, production
from benchmarks.cdk_synth import cdk_synth
from benchmarks.engine import Laboratory, Subject
from benchmarks.floor import floor
from benchmarks.imports import import_seconds
from benchmarks.marks import record_marked
from benchmarks.memory import peak_mib
from benchmarks.pairs import Cost, Pairs, Sample, measure
from benchmarks.report import PAGE, page
from benchmarks.results import Results
from localcloud.cloud import LocalCloud
from localcloud.paths import ROOT
from tests.support.stacks import Exports

SIZES = (OWN, 30, 100)
"""Numbers of applications that a preview is measured with."""

IMPORT_RUNS = 5

FLOOR_MAIN = """import gc

import pulumi

gc.disable()  # as the program does
from flat import register

for name, value in register().items():
    pulumi.export(name, value)
"""

PROGRAM_UNDER_MOCKS = f"""
import gc
from benchmarks.applications import build, production
from tests.support.recorder import record
gc.disable()
record(lambda: build(*production(), {OWN}) and None)
"""
"""The program without an engine: some modules are imported only when a class of theirs is used."""


def subjects(laboratory: Laboratory, count: int) -> tuple[Subject, Subject]:
    """The program with a number of applications, and its floor."""
    if count == OWN:
        program = laboratory.program()
    else:
        main = f"from benchmarks.applications import main\n\nmain({count})\n"
        program = laboratory.script(f"program-{count}", main)
    made = record_marked(lambda: Exports(build(*production(), count)))
    return program, laboratory.script(f"floor-{count}", FLOOR_MAIN, {"flat.py": floor(made)})


def run(cloud: LocalCloud, scratch: Path, pairs: int, *, second: bool) -> Results:
    """Measure everything.

    Args:
        cloud: production's local cloud, started.
        scratch: an empty folder.
        pairs: pairs of each measurement.
        second: whether to update the stack and measure previews of what is up to date, too.
    """
    laboratory = Laboratory(cloud, scratch)
    both = {count: subjects(laboratory, count) for count in SIZES}
    resources = {count: laboratory.preview(flat).counts["to create"] for count, (_, flat) in both.items()}
    first = {count: _measured(laboratory, *both[count], pairs) for count in SIZES}
    program, flat = both[OWN]
    return Results(
        first=first,
        resources=resources,
        imports=_imports(),
        memory=(peak_mib(laboratory, program), peak_mib(laboratory, flat)),
        second=_second(cloud, laboratory, program, flat, pairs) if second else None,
        cdk=cdk_synth(scratch / "cdk"),
    )


def _measured(laboratory: Laboratory, program: Subject, flat: Subject, pairs: int) -> Pairs:
    def cost(subject: Subject) -> Cost:
        return laboratory.preview(subject).cost

    print(f"{program.name} and {flat.name}: {pairs} pairs")  # noqa: T201 - progress of a command
    return measure(partial(cost, program), partial(cost, flat), pairs)


def _second(cloud: LocalCloud, laboratory: Laboratory, program: Subject, flat: Subject, pairs: int) -> Pairs:
    """Over the state of a stack that is up to date; both must find nothing to do."""
    cloud.up()
    for subject in (program, flat):
        laboratory.take_state(subject, flat=subject is flat)
        counts = laboratory.preview(subject).counts
        if set(counts) != {"unchanged"}:
            raise RuntimeError(f"{subject.name}: the stack is not up to date: {dict(counts)}")
    return _measured(laboratory, program, flat, pairs)


def _imports() -> dict[str, Sample]:
    runs = [import_seconds(PROGRAM_UNDER_MOCKS, ROOT) for _ in range(IMPORT_RUNS + 1)][1:]
    return {package: Sample(values=[one.get(package, 0.0) for one in runs]) for package in runs[0]}


def main() -> int:
    """Measure, and print or write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=10, help="pairs of each measurement (10)")
    parser.add_argument("--no-second", action="store_true", help="leave out the up-to-date stack")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md; without it, print")
    arguments = parser.parse_args()
    cloud = LocalCloud(STACK, say=print)
    ran_before = cloud.supervisor.running("kube-apiserver") is not None
    cloud.start()
    try:
        with tempfile.TemporaryDirectory(prefix="intendly-bench-") as scratch:
            results = run(cloud, Path(scratch), arguments.pairs, second=not arguments.no_second)
    finally:
        if not ran_before:
            cloud.stop()
    if arguments.write:
        PAGE.write_text(page(results))
    else:
        sys.stdout.write(page(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
