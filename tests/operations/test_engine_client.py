"""The engine's client against a program of the same name that answers as recorded from pulumi 3.274.1."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from operations.clients.engine import SECRET, EngineClient
from operations.errors import EngineError

SECRET_VALUE = {
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    "ciphertext": "v1:VmRZwCUuDz0jdV7e:11q6abeRtwNQWwUsrK/kuH1rOapJTQ==",
}
URN = "urn:pulumi:staging::intendly::"
EXPORT = {
    "version": 3,
    "deployment": {
        "manifest": {"time": "2026-11-24T22:33:40.538794993Z", "version": "v3.274.1"},
        "resources": [
            {
                "urn": URN + "pulumi:pulumi:Stack::intendly-staging",
                "custom": False,
                "type": "pulumi:pulumi:Stack",
                "outputs": {"cluster": {"name": "a"}, "pw": SECRET_VALUE, "list": [SECRET_VALUE]},
            },
            {
                "urn": URN + "aws:rds/instance:Instance::database",
                "custom": True,
                "id": "intendly-staging-postgres",
                "type": "aws:rds/instance:Instance",
                "outputs": {"status": "available", "password": SECRET_VALUE},
            },
            {
                "urn": URN + "aws:rds/instance:Instance::database",
                "custom": True,
                "delete": True,
                "id": "replaced",
                "type": "aws:rds/instance:Instance",
            },
        ],
        "pending_operations": [
            {
                "resource": {
                    "urn": URN + "aws:eks/cluster:Cluster::cluster",
                    "type": "aws:eks/cluster:Cluster",
                },
                "type": "creating",
            }
        ],
    },
}
HISTORY = [
    {
        "kind": "update",
        "startTime": "2026-11-24T22:33:40.000Z",
        "endTime": "2026-11-24T22:33:41.000Z",
        "message": "",
        "result": "succeeded",
    }
]

Answering = Callable[..., EngineClient]


@pytest.fixture
def answering(tmp_path: Path) -> Answering:
    """Makes a client whose pulumi prints a text, or complains and exits with a code."""

    def make(stdout: str = "", *, stderr: str = "", code: int = 0) -> EngineClient:
        script = tmp_path / "pulumi"
        script.write_text(
            f"#!{sys.executable}\nimport sys, pathlib\n"
            f"pathlib.Path({str(tmp_path / 'asked')!r}).write_text(' '.join(sys.argv[1:]))\n"
            f"print({stdout!r})\nprint({stderr!r}, file=sys.stderr)\nsys.exit({code})\n"
        )
        script.chmod(0o755)
        environment = {"PATH": str(tmp_path), "PULUMI_BACKEND_URL": "file:///state"}
        return EngineClient("staging", tmp_path, environment)

    return make


def test_the_state_is_read_in_one_piece(answering: Answering) -> None:
    state = answering(json.dumps(EXPORT)).state()
    assert state.outputs["cluster"] == {"name": "a"}
    assert state.engine_version == "3.274.1"
    [database] = state.resources
    assert (database.name, database.id) == ("database", "intendly-staging-postgres")
    assert state.of_kind("aws:rds/instance:Instance") == (database,)
    assert state.interrupted == ("creating aws:eks/cluster:Cluster::cluster",)


def test_a_secret_never_leaves_the_client(answering: Answering) -> None:
    state = answering(json.dumps(EXPORT)).state()
    assert state.outputs["pw"] == SECRET
    assert state.outputs["list"] == [SECRET]
    assert state.resources[0].outputs["password"] == SECRET
    assert "ciphertext" not in repr(state)


def test_an_empty_stack_has_nothing(answering: Answering) -> None:
    state = answering('{"version": 3, "deployment": {"manifest": {}}}').state()
    assert (state.resources, state.outputs, state.interrupted) == ((), {}, ())


def test_the_last_update_is_the_newest_of_the_history(answering: Answering, tmp_path: Path) -> None:
    update = answering(json.dumps(HISTORY)).last_update()
    assert update is not None
    assert (update.kind, update.result) == ("update", "succeeded")
    assert update.ended == datetime(2026, 11, 24, 22, 33, 41, tzinfo=UTC)
    asked = (tmp_path / "asked").read_text()
    assert asked.startswith("stack history --json --page-size 1 --stack staging")


def test_a_stack_without_history_has_no_last_update(answering: Answering) -> None:
    assert answering("[]").last_update() is None


@pytest.mark.parametrize(
    ("code", "stderr", "message"),
    [
        (3, "error: PULUMI_ACCESS_TOKEN must be set", "not logged in"),
        (6, "error: no stack named 'staging' found", "the stack staging does not exist in file:///state"),
        (255, "error: could not read the bucket", "pulumi failed (255): could not read the bucket"),
        (1, "", "pulumi failed (1): it said nothing"),
        (1, "error: failed to load checkpoint: unexpected end of JSON input", "staging cannot be read"),
    ],
)
def test_a_failure_says_what_is_wrong(answering: Answering, code: int, stderr: str, message: str) -> None:
    with pytest.raises(EngineError) as failure:
        answering(stderr=stderr, code=code).state()
    assert message in failure.value.message


def test_an_answer_that_is_not_json_is_an_error(answering: Answering) -> None:
    with pytest.raises(EngineError, match="not JSON"):
        answering("Welcome to Pulumi!").state()


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="pulumi is not installed") as failure:
        EngineClient("staging", tmp_path, {"PATH": str(tmp_path)}).state()
    assert "localcloud env" in failure.value.hint


def test_a_program_that_hangs_is_given_up(answering: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    client = answering("")
    monkeypatch.setattr("operations.clients.engine.TIMEOUT_S", 0.01)
    with pytest.raises(EngineError, match="did not answer within"):
        client.state()
