import json
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.operations.conftest import Invoke
from tests.operations.test_cli import COMMAND

ROOT = Path(__file__).parents[2]


@pytest.fixture
def stacks(project: Path) -> Path:
    """The project with the real stack files."""
    for stack in ("production", "staging"):
        shutil.copy(ROOT / f"Pulumi.{stack}.yaml", project)
    return project


@pytest.fixture
def broken(stacks: Path) -> Path:
    """Staging with two mistakes in it."""
    file = stacks / "Pulumi.staging.yaml"
    good = file.read_text()
    bad = good.replace("intendly:database:", "intendly:databse:")
    bad = re.sub(r"instanceType: \S+", "instanceType: 7", bad, count=1)
    assert bad != good
    file.write_text(bad)
    return file


@pytest.mark.usefixtures("stacks")
def test_without_arguments_every_stack_is_checked_from_a_folder_below(intendly: Invoke) -> None:
    result = intendly("settings", "check")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == ["Pulumi.production.yaml: good", "Pulumi.staging.yaml: good"]


@pytest.mark.usefixtures("broken")
def test_every_problem_is_a_line_with_file_line_and_key(intendly: Invoke) -> None:
    result = intendly("settings", "check")
    assert result.exit_code == 1
    good, *problems = result.stdout.splitlines()
    assert good == "Pulumi.production.yaml: good"
    assert len(problems) >= 2
    assert any(re.match(r"Pulumi\.staging\.yaml:\d+: intendly:databse: .*database", one) for one in problems)
    assert any("nodeGroups.general.instanceType: 7 is refused" in one for one in problems)
    assert all(one.startswith("Pulumi.staging.yaml") for one in problems)


def test_a_file_or_a_stack_is_checked_alone(intendly: Invoke, broken: Path) -> None:
    assert intendly("settings", "check", "--stack", "production").exit_code == 0
    assert intendly("settings", "check", str(broken.with_name("Pulumi.production.yaml"))).exit_code == 0
    assert intendly("settings", "check", "--stack", "staging").exit_code == 1
    assert intendly("settings", "check", str(broken)).exit_code == 1


def test_json_names_files_and_problems(intendly: Invoke, broken: Path) -> None:
    result = intendly("settings", "check", "--json")
    assert result.exit_code == 1
    production, staging = json.loads(result.stdout)
    assert (production["good"], production["problems"]) == (True, [])
    assert staging["good"] is False
    assert staging["file"] == str(broken)
    assert {"intendly:databse"} < {one["path"] for one in staging["problems"]}


@pytest.mark.usefixtures("stacks")
def test_an_unknown_stack_is_a_usage_error(intendly: Invoke) -> None:
    result = intendly("settings", "check", "--stack", "prod")
    assert result.exit_code == 2
    assert "production, staging" in " ".join(result.stderr.split())


@pytest.mark.usefixtures("stacks")
def test_a_file_that_is_not_there_fails(intendly: Invoke) -> None:
    result = intendly("settings", "check", "Pulumi.nowhere.yaml")
    assert result.exit_code == 1
    assert "Pulumi.nowhere.yaml" in result.stdout


def test_a_project_without_stacks_never_passes(intendly: Invoke, project: Path) -> None:
    for file in project.glob("Pulumi.*.yaml"):
        file.unlink()
    result = intendly("settings", "check")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "there is no stack file" in result.stderr


@pytest.mark.usefixtures("stacks")
def test_a_key_is_explained_with_its_value_in_each_stack(intendly: Invoke) -> None:
    result = intendly("settings", "explain", "database.backupWindow")
    assert result.exit_code == 0
    assert "intendly:database.backupWindow" in result.stdout
    assert re.search(r'Pulumi\.production\.yaml +"00:30-01:30"', result.stdout)
    asked = json.loads(intendly("settings", "explain", "intendly:database.backupWindow", "--json").stdout)
    assert asked["path"] == "intendly:database.backupWindow"
    assert asked["values"]["Pulumi.staging.yaml"] == '"00:30-01:30"'


@pytest.mark.usefixtures("stacks")
def test_a_misspelt_key_names_the_nearest(intendly: Invoke) -> None:
    result = intendly("settings", "explain", "database.backupWndow")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "did you mean backupWindow?" in result.stderr


@pytest.mark.usefixtures("stacks")
def test_without_a_key_the_keys_are_listed(intendly: Invoke) -> None:
    listed = json.loads(intendly("settings", "explain", "--json").stdout)
    assert listed["chartRepositories"]
    assert "PostgreSQL on RDS" in intendly("settings", "explain").stdout


def test_the_check_takes_less_than_two_seconds_as_a_process(stacks: Path) -> None:
    started = time.monotonic()
    done = subprocess.run(
        [COMMAND, "settings", "check"], cwd=stacks, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert time.monotonic() - started < 2
