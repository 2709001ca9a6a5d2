"""Runs of the engine whose end and words are looked at, failed ones too; and faults of AWS during them."""

import json
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from localcloud.cloud import LocalCloud
from localcloud.engine import CLEARED
from localcloud.kube_api import Json
from localcloud.paths import read_json

LIMIT_S = 240
"""Seconds after which a run has failed."""


def pulumi(cloud: LocalCloud, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run the engine on a stack as from a shell; a failure is a result as any other."""
    return _run(cloud, [str(cloud.paths.bin / "pulumi"), *arguments], environment)


def update(cloud: LocalCloud, **environment: str) -> "subprocess.CompletedProcess[str]":
    """`pulumi up` without a question."""
    return pulumi(cloud, "up", "--yes", "--skip-preview", "--non-interactive", **environment)


def intendly(cloud: LocalCloud, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run an operator's command on a stack."""
    program = [sys.executable, "-c", "from operations.cli.main import run; run()"]
    return _run(cloud, [*program, *arguments, "--stack", cloud.paths.stack], {})


def shell_environment(cloud: LocalCloud) -> dict[str, str]:
    """The variables of `eval "$(python -m localcloud env)"`."""
    kept = {name: value for name, value in os.environ.items() if name not in CLEARED}
    return {**kept, "PYTHONPATH": str(cloud.paths.root), **cloud.env()}


def _run(
    cloud: LocalCloud, command: list[str], environment: dict[str, str]
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command,
        cwd=cloud.paths.root,
        env={**shell_environment(cloud), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
    )


@contextmanager
def faults(cloud: LocalCloud, *planned: Json) -> Generator[list[Json]]:
    """Calls of AWS that fail meanwhile; gives a list that holds afterwards what of the plan did not happen."""
    file = cloud.paths.state / "faults.json"
    left: list[Json] = []
    file.write_text(json.dumps(planned))
    try:
        yield left
        left += json.loads(file.read_text())
    finally:
        file.unlink()


def in_aws(cloud: LocalCloud, kind: str) -> list[dict[str, Any]]:
    """Outputs of everything of a type that the AWS stand-in has."""
    held: list[Json] = read_json(cloud.paths.ledger)["resources"]
    return [one["outputs"] for one in held if one["type"] == kind]
