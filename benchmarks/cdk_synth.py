"""Beside it: `cdk synth` of an app with the same main parts, on the same machine."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.pairs import Sample

SOURCES = Path(__file__).parent / "cdk"

RUNS = 5


COMMANDS = {
    "`cdk synth`": ("node_modules/.bin/cdk", "synth", "--quiet", "--no-notices", "--app", "node app.js"),
    "the app alone, as a script of Node.js": ("node", "app.js"),
}

WITHOUT_CHECKS = {"CDK_VALIDATION": "false"}


@dataclass(frozen=True, kw_only=True)
class CdkSynth:
    """What was measured, and how large the result was."""

    times: Mapping[str, Sample]
    """Seconds by what was done."""
    resources: int
    """Resources of the template that came out."""
    library: str
    """Version of aws-cdk-lib."""
    node: str


def cdk_synth(folder: Path) -> CdkSynth | None:
    """Install the CDK from the registry into a scratch folder and measure; nothing without npm and node."""
    if not (shutil.which("npm") and shutil.which("node")):
        return None
    shutil.copytree(SOURCES, folder)
    _run(folder, {}, "npm", "install", "--no-audit", "--no-fund", "--no-update-notifier")
    runs = {
        f"{name}{without}": (command, variables)
        for name, command in COMMANDS.items()
        for without, variables in (("", {}), (", without its checks", WITHOUT_CHECKS))
    }
    times: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(RUNS + 1):
        for name, (command, variables) in runs.items():
            started = time.perf_counter()
            _run(folder, variables, *command)
            if number:  # the first fills caches of files
                times[name].append(time.perf_counter() - started)
    pins: dict[str, dict[str, str]] = json.loads((SOURCES / "package.json").read_text(encoding="utf-8"))
    return CdkSynth(
        times={name: Sample(values=values) for name, values in times.items()},
        resources=_resources(folder),
        library=pins["dependencies"]["aws-cdk-lib"],
        node=_run(folder, {}, "node", "--version").strip(),
    )


def _resources(folder: Path) -> int:
    """Of all templates, those of nested stacks included."""
    templates = (folder / "cdk.out").glob("*.template.json")
    return sum(len(json.loads(file.read_text(encoding="utf-8"))["Resources"]) for file in templates)


def _run(folder: Path, variables: Mapping[str, str], *command: str) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "CDK_OUTDIR": "cdk.out", "CDK_DISABLE_CLI_TELEMETRY": "true", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:2])} failed:\n{done.stdout}{done.stderr}")
    return done.stdout
