"""The page docs/benchmarks.md: what was measured, how, and what it does not say."""

import datetime as dt
import os
import platform
from collections.abc import Iterator
from importlib.metadata import version

from benchmarks.applications import OWN
from benchmarks.cdk_synth import CdkSynth
from benchmarks.imports import REST
from benchmarks.pairs import Pairs, Sample, ratio
from benchmarks.results import Results
from localcloud.facts import pinned
from localcloud.paths import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"

INTRODUCTION = """
Made by `make bench` (`.venv/bin/python -m benchmarks.preview --write`); about a quarter of an hour.

**The floor** is a flat script that the benchmark writes from what the program registers for production: one call of
the same SDKs for each resource, with the same inputs, options, dependencies and unknown values, without components and
settings. A test holds the two together (`tests/unit/benchmarks/`), so the ratio is what our structure costs and nothing
else. Both run `pulumi preview` with the same engine and the same providers (Kubernetes' is the real one, AWS's and
random's are the local cloud's stand-ins), each over a state of its own, in turns: program, floor, floor, program, ...;
the first pair is thrown away. Times are of the whole command, in seconds: minimum / **median** / maximum. CPU time is
that of all of the command's processes, in seconds (medians): it hardly depends on what else the machine does.
"""


def page(results: Results) -> str:
    """The whole page."""
    lines = [
        "# Benchmarks",
        INTRODUCTION,
        *_machine(results),
        *_previews(results),
        *_growth(results),
        *_process(results),
        *_cdk(results.cdk),
    ]
    return "\n".join([*lines, ""])


def _machine(results: Results) -> Iterator[str]:
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    loads = [load for pairs in results.pairs for load in pairs.loads]
    packages = ("pulumi", "pulumi-aws", "pulumi-kubernetes", "pulumi-random")
    yield f"- Date: {dt.datetime.now(tz=dt.UTC):%Y-%m-%d %H:%M} UTC"
    yield f"- Machine: {os.cpu_count()} cores, {memory_gib:.0f} GiB, {platform.system()} on {platform.machine()}"
    yield (
        f"- Python {platform.python_version()}, engine {pinned('pulumi', 'github.com/pulumi/pulumi/pkg/v3')}, "
        + (", ".join(f"{package} {version(package)}" for package in packages))
    )
    yield (
        f"- Load of the machine before the pairs (mean of a minute): {_spread(Sample(values=loads))}. "
        "The benchmark's own load is in it, and that of whatever else ran at the time."
    )


def _previews(results: Results) -> Iterator[str]:
    yield "\n## Preview against the floor"
    yield "Aim: at most 1.25 now, 1.10 is where we go.\n"
    yield "| preview | pairs | program | floor | ratio of medians | ratio of each pair | ratio of CPU time |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for count, pairs in results.first.items():
        name = f"production, {count} applications" if count == OWN else f"{count} applications"
        yield _row(f"first, {name}: {results.resources[count]} resources to create", pairs)
    if results.second:
        yield _row("second, production: nothing to change", results.second)


def _row(name: str, pairs: Pairs) -> str:
    program, floor, ratios = (_spread(one) for one in (*pairs.seconds, pairs.ratios))
    cpu_program, cpu_floor = (sample.median for sample in pairs.cpu_seconds)
    cpu = f"{ratio(pairs.cpu_seconds):.2f} ({cpu_program:.2f} : {cpu_floor:.2f})"
    return f"| {name} | {len(pairs.loads)} | {program} | {floor} | **{ratio(pairs.seconds):.2f}** | {ratios} | {cpu} |"


def _growth(results: Results) -> Iterator[str]:
    least, *_, most = results.first
    program, floor = _slopes(results.first[least].seconds, results.first[most].seconds, most - least)
    cpu_program, cpu_floor = _slopes(
        results.first[least].cpu_seconds, results.first[most].cpu_seconds, most - least
    )
    yield "\n## Growth"
    yield (
        f"From {least} to {most} applications, each further one (five resources, in the program a component more) "
        f"takes {program * 1000:.0f} ms in the program and {floor * 1000:.0f} ms in the floor: "
        f"**{program / floor:.2f}** times as steep. In CPU time {cpu_program * 1000:.0f} and {cpu_floor * 1000:.0f} ms: "
        f"{cpu_program / cpu_floor:.2f}."
    )


def _slopes(least: tuple[Sample, Sample], most: tuple[Sample, Sample], more: int) -> tuple[float, float]:
    """Seconds for each further application: program and floor, from the medians."""
    (program, floor), (larger_program, larger_floor) = least, most
    return (larger_program.median - program.median) / more, (larger_floor.median - floor.median) / more


def _process(results: Results) -> Iterator[str]:
    least = min(results.first)
    preview = results.first[least].seconds[0].median
    medians = {package: sample.median for package, sample in results.imports.items()}
    spent = sum(medians.values())
    yield "\n## Imports and memory"
    yield (
        f"Of production's first preview ({preview:.1f} s), imports of the program take {spent:.1f} s: "
        f"**{spent / preview:.0%}**. Each module's own time by Python's account (`-X importtime`, which slows it down "
        "a little), booked on the package for whose sake it was imported; medians of "
        f"{len(next(iter(results.imports.values())).values)} runs outside the engine.\n"
    )
    yield "| imported for | seconds | share of imports |"
    yield "| --- | --- | --- |"
    for package, seconds in sorted(medians.items(), key=lambda entry: -entry[1]):
        name = package if package == REST else f"`{package}`"
        yield f"| {name} | {seconds:.2f} | {seconds / spent:.0%} |"
    program, floor = results.memory
    yield (
        f"\nThe process that runs the program takes {program:.0f} MiB at its peak (resident, the kernel's `VmHWM`), "
        f"the floor's {floor:.0f} MiB."
    )


def _cdk(cdk: CdkSynth | None) -> Iterator[str]:
    yield "\n## Beside it: AWS CDK"
    if cdk is None:
        yield "Not measured: npm or node is missing on this machine."
        return
    yield (
        "`cdk synth` of an app with the same main parts (VPC, EKS with a node group, RDS, ElastiCache, S3, 150 "
        f"manifests; `benchmarks/cdk/`), aws-cdk-lib {cdk.library}, Node.js {cdk.node}: {cdk.resources} CloudFormation "
        "resources. **It computes no difference to any state** and speaks to nobody: it is the part before a preview. "
        "Since 2.262 the CDK checks its templates in every synthesis, `CDK_VALIDATION=false` leaves that out.\n"
    )
    yield "| synthesis | seconds |"
    yield "| --- | --- |"
    for name, sample in cdk.times.items():
        yield f"| {name} | {_spread(sample)} |"


def _spread(sample: Sample) -> str:
    return f"{sample.low:.2f} / **{sample.median:.2f}** / {sample.high:.2f}"
