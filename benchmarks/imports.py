"""What imports cost a program: the time of each module, booked on the package for whose sake it was imported."""

import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

PACKAGES = (
    "pulumi",
    "pulumi_aws",
    "pulumi_kubernetes",
    "pulumi_random",
    "infra.settings",
    "infra",
    "components",
)
"""Packages that are told apart; what they import and nobody else does is theirs."""

REST = "everything else"

LINE = re.compile(r"import time:\s+(\d+) \|\s+\d+ \| ( *)(\S+)")
"""Own time in microseconds, depth, module; a module stands below those that it imports."""


def import_seconds(code: str, root: Path) -> dict[str, float]:
    """Seconds that a piece of Python spends importing, by package; Python's own account (`-X importtime`)."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    return booked(done.stderr.splitlines())


def booked(lines: Sequence[str]) -> dict[str, float]:
    """Sum up Python's account, by package."""
    spent: dict[str, float] = defaultdict(float)
    above: list[tuple[int, str]] = []  # depth and package of the modules that a line stands in
    for line in reversed(lines):
        if found := LINE.match(line):
            depth = len(found[2])
            while above and above[-1][0] >= depth:
                above.pop()
            package = _package(found[3]) or (above[-1][1] if above else REST)
            above.append((depth, package))
            spent[package] += int(found[1]) / 1e6
    return dict(spent)


def _package(module: str) -> str | None:
    inside = [name for name in PACKAGES if module == name or module.startswith(f"{name}.")]
    return max(inside, key=len, default=None)
