"""How much memory a program's own process takes at its peak."""

import time
from pathlib import Path

from benchmarks.engine import Laboratory, Subject

HOST = "pulumi-language-python-exec"
"""The script inside which the engine's Python host runs a program."""

EVERY_S = 0.05


def peak_mib(laboratory: Laboratory, subject: Subject) -> float:
    """Peak resident memory of the process that runs the program, in a preview (the kernel's VmHWM)."""
    process = laboratory.start_preview(subject)
    peak_kib = 0
    while process.poll() is None:
        for child in _descendants(process.pid):
            if HOST in _read(child, "cmdline"):
                peak_kib = max(peak_kib, _high_water_kib(child))
        time.sleep(EVERY_S)
    if process.returncode:
        raise RuntimeError(f"{subject.name}: the preview failed")
    return peak_kib / 1024


def _descendants(pid: int) -> set[int]:
    parents = {
        int(folder.name): _parent(int(folder.name))
        for folder in Path("/proc").iterdir()
        if folder.name.isdigit()
    }
    found = {pid}
    while True:
        more = {child for child, parent in parents.items() if parent in found} - found
        if not more:
            return found - {pid}
        found |= more


def _parent(pid: int) -> int:
    rest = _read(pid, "stat").rpartition(")")[2].split()
    return int(rest[1]) if rest else 0


def _high_water_kib(pid: int) -> int:
    for line in _read(pid, "status").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0


def _read(pid: int, name: str) -> str:
    try:
        return (Path("/proc") / str(pid) / name).read_text(encoding="utf-8", errors="replace")
    except OSError:  # it has ended
        return ""
