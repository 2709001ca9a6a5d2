"""GitHub workflows are checked by actionlint, from its own pinned Go module, by zizmor, and for what is ours."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
ACTIONS = sorted((GITHUB / "actions").rglob("action.yml"))
CREDENTIALS = "aws-actions/configure-aws-credentials@"
OWN_ACTION = "./.github/actions/stack"

Job = dict[str, Any]


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


def test_actions_are_pinned_by_commit_with_the_tag_beside() -> None:
    for file in (*WORKFLOWS, *ACTIONS):
        for action in re.findall(r"uses: (.+)", file.read_text()):
            pinned = re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[\d.]+", action)
            assert pinned or action == OWN_ACTION, f"{file.name}: {action}"


def test_zizmor_finds_nothing() -> None:
    assert zizmor(GITHUB).returncode == 0, zizmor(GITHUB).stdout


def test_a_workflow_with_a_hole_does_not_pass_zizmor(tmp_path: Path) -> None:
    hole = tmp_path / "hole.yml"
    preview = (GITHUB / "workflows" / "preview.yml").read_text()
    hole.write_text(preview.replace("  pull_request:", "  pull_request_target:"))
    assert "dangerous-triggers" in zizmor(hole).stdout


def zizmor(path: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("zizmor")
    command = [str(program), "--offline", "--no-progress", "--config", str(GITHUB / "zizmor.yml"), str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def jobs() -> Iterator[tuple[str, dict[Any, Any], Job]]:
    """Every job with its name and the whole workflow."""
    for file in WORKFLOWS:
        workflow = yaml.safe_load(file.read_text())
        for name, job in workflow["jobs"].items():
            yield f"{file.stem}.{name}", workflow, job


def steps_of(job: Job) -> list[dict[str, Any]]:
    return job["steps"]


def roles_of(job: Job) -> set[str]:
    return {step["with"]["role"] for step in steps_of(job) if step.get("uses") == OWN_ACTION}


def test_no_job_has_a_right_that_it_does_not_name() -> None:
    for name, workflow, job in jobs():
        assert "permissions" in job or workflow["permissions"] == {"contents": "read"}, name
        granted = job.get("permissions", workflow["permissions"])
        assert ("id-token" in granted) == bool(roles_of(job)), name
        assert granted.get("contents", "read") == "read", name


def test_nothing_is_stored_at_github() -> None:
    for file in (*WORKFLOWS, *ACTIONS):
        text = file.read_text()
        assert "secrets." not in text, file.name
        assert not re.search(r"aws[-_](access[-_]key|secret)", text, re.IGNORECASE), file.name


def test_credentials_come_from_the_stacks_own_roles_alone() -> None:
    [action] = ACTIONS
    taken = [
        step["with"]["role-to-assume"]
        for step in yaml.safe_load(action.read_text())["runs"]["steps"]
        if step.get("uses", "").startswith(CREDENTIALS)
    ]
    assert taken == ["${{ steps.facts.outputs.role }}", "${{ steps.facts.outputs.deployer }}"]
    assert not [file.name for file in WORKFLOWS if CREDENTIALS in file.read_text()]


def test_a_role_is_taken_where_its_trust_lets_it_be_taken() -> None:
    """As components/github_roles.py has it: subjects are exact, so any other job would be refused by AWS."""
    for name, workflow, job in jobs():
        triggers = workflow[True]  # YAML 1.1 reads `on` so
        for role in roles_of(job):
            if role == "deploy":
                assert job["environment"] in ("staging", "production"), name
                assert {
                    step["with"]["stack"] for step in steps_of(job) if step.get("uses") == OWN_ACTION
                } == {job["environment"]}, name
            elif role == "preview":
                assert set(triggers) == {"pull_request"}, name
                assert "environment" not in job, name
            else:
                assert role == "look", name
                assert "environment" not in job, name
                assert triggers.get("push") == {"branches": ["main"]} or "refs/heads/main" in job["if"], name


def test_a_fork_gets_neither_runner_nor_credentials() -> None:
    for name, workflow, job in jobs():
        if "pull_request" in workflow[True] and (roles_of(job) or "self-hosted" in job["runs-on"]):
            assert "head.repo.full_name == github.repository" in job["if"], name
        assert "pull_request_target" not in workflow[True], name


def test_who_writes_comments_runs_nothing_of_a_pull_request() -> None:
    writers = [(name, job) for name, _, job in jobs() if "pull-requests" in job.get("permissions", {})]
    assert [name for name, _ in writers] == ["preview.comment"]
    for _, job in writers:
        used = [step["uses"].partition("@")[0] for step in steps_of(job) if "uses" in step]
        assert used == ["actions/download-artifact"]


def test_production_waits_for_its_environment_and_does_what_was_approved() -> None:
    by_name = {name: job for name, _, job in jobs()}
    production = by_name["apply.production"]
    assert production["environment"] == "production"
    assert production["needs"] == "production-preview"
    commands = " ".join(step.get("run", "") for step in steps_of(production))
    assert "intendly apply report/approval.json --stack production --yes" in commands
    assert "preview" not in commands
    [handed] = [step["with"] for step in steps_of(production) if "download-artifact" in step.get("uses", "")]
    [kept] = [
        step["with"]
        for step in steps_of(by_name["apply.production-preview"])
        if "upload-artifact" in step.get("uses", "")
    ]
    assert (handed["name"], handed["path"]) == (kept["name"], kept["path"])


def test_updates_of_a_stack_follow_each_other_and_none_is_cut_off() -> None:
    for name, _, job in jobs():
        if "deploy" in roles_of(job):
            assert job["concurrency"] == {"group": f"apply-{job['environment']}"}, name
