"""GitHub workflows are checked by actionlint, from its own pinned Go module."""

import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def actionlint(*files: Path) -> subprocess.CompletedProcess[str]:
    go = shutil.which("go")
    assert go is not None, "go is not on PATH: see `intendly doctor`"
    command = [go, "tool", "actionlint", "-no-color", "-shellcheck=", "-pyflakes=", *map(str, files)]
    return subprocess.run(
        command, cwd=ROOT / "tests" / "tools" / "actionlint", capture_output=True, text=True, check=False
    )


def test_workflows_pass_actionlint() -> None:
    assert WORKFLOWS
    result = actionlint(*WORKFLOWS)
    assert result.returncode == 0, result.stdout


def test_a_broken_workflow_does_not_pass(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_text(WORKFLOWS[0].read_text().replace("runs-on:", "run-on:"))
    assert actionlint(broken).returncode == 1


def test_actions_are_pinned_by_commit() -> None:
    for workflow in WORKFLOWS:
        for action in re.findall(r"uses: (\S+)", workflow.read_text()):
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), f"{workflow.name}: {action}"
