"""The command line as a whole: errors, bugs, help, and what its start costs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from operations.clients.engine import StackState
from tests.operations import fakes
from tests.operations.conftest import Invoke

COMMAND = Path(sys.executable).with_name("intendly")
ROOT = Path(__file__).parents[2]
HEAVY = ("pulumi", "pulumi_aws", "kubernetes", "boto3", "botocore", "grpc", "psycopg")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("status",), "name the stack to act on, there is no default"),
        (("status", "--stack", "prod"), "there is no stack 'prod'"),
        (("status", "--stack", ""), "name the stack to act on"),
    ],
)
def test_a_stack_missing_or_unknown_is_a_usage_error_that_names_the_stacks(
    intendly: Invoke, arguments: tuple[str, ...], said: str
) -> None:
    result = intendly(*arguments)
    words = " ".join(result.stderr.replace("│", " ").split())
    assert result.exit_code == 2
    assert said in words
    assert "stacks here: production, staging" in words
    assert result.stdout == ""


def test_outside_a_project_the_error_says_where_to_go(
    intendly: Invoke, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    for arguments in (("status", "--stack", "staging"), ("doctor",), ("settings", "check")):
        result = intendly(*arguments)
        assert result.exit_code == 1, arguments
        assert result.stdout == ""
        assert "no Pulumi.yaml in" in result.stderr
        assert "hint: run intendly inside the project's folder" in result.stderr
        assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("status",),
        ("doctor",),
        ("settings",),
        ("settings", "check"),
        ("settings", "explain"),
        ("db",),
        ("db", "init"),
        ("backup", "run"),
        ("backup", "list"),
        ("backup", "show"),
        ("backup", "verify"),
        ("restore", "plan"),
        ("restore", "run"),
        ("restore", "undo"),
        ("restore", "drop"),
        ("bootstrap",),
        ("preflight",),
        ("heal",),
    ],
)
def test_every_command_has_help(intendly: Invoke, arguments: tuple[str, ...]) -> None:
    result = intendly(*arguments, "--help")
    assert result.exit_code == 0
    assert "Usage: intendly" in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("status",),
        ("doctor",),
        ("settings", "check"),
        ("settings", "explain"),
        ("db", "init"),
        ("backup", "run"),
        ("backup", "list"),
        ("backup", "show"),
        ("backup", "verify"),
        ("restore", "plan"),
        ("restore", "run"),
        ("restore", "undo"),
        ("restore", "drop"),
        ("bootstrap",),
        ("preflight",),
        ("heal",),
    ],
)
def test_every_verb_shows_an_example_of_itself(intendly: Invoke, arguments: tuple[str, ...]) -> None:
    result = intendly(*arguments, "--help")
    assert f"Examples: intendly {' '.join(arguments)}" in " ".join(result.stdout.split())


def test_a_bug_passes_through(
    intendly: Invoke, engine: fakes.FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> StackState:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(engine, "state", fail)
    result = intendly("status", "--stack", "staging")
    assert isinstance(result.exception, ZeroDivisionError)


def run(*command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {"PATH": os.environ["PATH"], "HOME": str(cwd), "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(command, cwd=cwd, env=variables, capture_output=True, text=True, check=False)


BUG = """
import sys
from operations.cli import main, doctor
from operations.factory import Factory
def broken(self):
    passphrase = "-".join(["correct", "horse"])
    raise ZeroDivisionError("a bug")
Factory.doctor = broken
sys.argv = ["intendly", "doctor"]
main.run()
"""


def test_a_bug_shows_a_traceback_without_the_values_of_variables(project: Path) -> None:
    result = run(sys.executable, "-c", BUG, cwd=project)
    assert result.returncode == 1
    assert "Traceback" in result.stderr
    assert "ZeroDivisionError: a bug" in result.stderr
    assert "correct-horse" not in result.stderr


def test_an_operators_error_of_the_installed_command_shows_no_traceback(tmp_path: Path) -> None:
    result = run(str(COMMAND), "doctor", cwd=tmp_path)
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.startswith("error: no Pulumi.yaml in ")
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("arguments", [("settings", "check"), ("--help",), ("doctor", "--json")])
def test_start_imports_no_clouds_sdk(project: Path, arguments: tuple[str, ...]) -> None:
    program = (
        "import sys\nfrom operations.cli.main import run\n"
        f"sys.argv = ['intendly', *{arguments!r}]\n"
        "try:\n    run()\nexcept SystemExit:\n    pass\n"
        f"sys.exit(', '.join(name for name in {HEAVY!r} if name in sys.modules) or 0)\n"
    )
    result = run(sys.executable, "-c", program, cwd=project)
    assert result.returncode == 0, result.stderr


def test_help_does_not_read_the_settings_models(project: Path) -> None:
    program = "import sys\nfrom operations.cli.main import make_app\nmake_app()\nsys.exit('infra.settings' in sys.modules)"
    assert run(sys.executable, "-c", program, cwd=project).returncode == 0


def test_no_color_is_honoured(intendly: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[32m" in intendly("doctor").stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[32m" not in intendly("doctor").stdout
