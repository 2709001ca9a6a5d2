import json
from collections.abc import Callable
from pathlib import Path

import pytest

from operations.clients.engine_apply import Applied, Operation, read_events
from operations.clients.engine_preview import Preview, PreviewEngine
from operations.errors import (
    EngineError,
    ExitCode,
    InputError,
    OperatorError,
    RefusedError,
    UnreadableStateError,
)
from operations.services import fingerprints
from operations.services.approval import read_approval, write_approval
from tests.operations import previews
from tests.operations.approvals import GONE, PLAN, UPDATE, World, make_world
from tests.operations.conftest import Invoke
from tests.operations.fakes import FakeFactory

OPERATION = ("update", previews.INSTANCE)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path)


def ignore(_: object) -> None:
    """Be told and say nothing."""


def test_an_approval_does_what_was_shown(world: World, tmp_path: Path) -> None:
    file = tmp_path / "out/approval.json"
    write_approval(world.approval(), file)
    told: list[object] = []
    assert world.applying().run(read_approval(file), told.append) == Applied(done=(OPERATION,))
    assert told == [OPERATION]
    assert world.engine.plans == [PLAN]
    assert world.engine.modes == [0o600]


def test_it_is_read_as_it_was_written_and_by_its_owner_alone(world: World, tmp_path: Path) -> None:
    approval, file = world.approval(), tmp_path / "approval.json"
    file.write_text("an older one, readable by all")
    write_approval(approval, file)
    assert read_approval(file) == approval
    assert file.stat().st_mode & 0o777 == 0o600


def move_state(world: World) -> None:
    world.engine.state_now["resources"][1]["outputs"]["instanceClass"] = "other"


def interrupt(world: World) -> None:
    world.engine.state_now["pending_operations"] = [{"type": "creating", "resource": {"urn": "urn:x"}}]


def replace_config_file(world: World) -> None:
    world.edit("derived.yaml", "config: {other: true}")
    world.environment["PULUMI_OPTION_CONFIG_FILE"] = str(world.root / "derived.yaml")


MOVES: list[tuple[Callable[[World], object], str]] = [
    (lambda world: world.edit("infra/stack.py", "one = 2\n"), "program (infra/stack.py differs)"),
    (lambda world: world.edit("components/new.py", ""), "program (components/new.py is new)"),
    (lambda world: (world.root / "components/database.py").unlink(), "components/database.py is gone"),
    (
        lambda world: world.edit("Pulumi.yaml", "name: intendly\nmain: x\n"),
        "program (Pulumi.yaml differs)",
    ),
    (lambda world: world.edit("Pulumi.staging.yaml", "config: {a: 1}"), "settings (Pulumi.staging.yaml"),
    (
        lambda world: world.edit("infra/config/backend.staging.env", "LOG_LEVEL=debug\n"),
        "settings (infra/config/backend.staging.env differs)",
    ),
    (replace_config_file, "settings (derived.yaml, as the engine reads it is new)"),
    (
        lambda world: world.edit("requirements.txt", "pulumi==4\n"),
        "dependencies (requirements.txt differs)",
    ),
    (lambda world: world.edit("policies/pack.py", ""), "policies (policies/pack.py differs)"),
    (
        lambda world: setattr(world.engine, "engine_version", "4.0"),
        "versions (engine was 3.274.1, is 4.0)",
    ),
    (
        lambda world: setattr(world.engine, "backend", f"file:///{'elsewhere/' * 9}"),
        "stack (backend was s3://intendly-state, is file:///elsewhere/",
    ),
    (move_state, "::database-instance differs"),
    (interrupt, "state (urn:x (creating) is new)"),
]


@pytest.mark.parametrize(("move", "told"), MOVES)
def test_what_moved_is_named_and_nothing_is_touched(
    world: World, move: Callable[[World], object], told: str
) -> None:
    approval = world.approval()
    move(world)
    with pytest.raises(RefusedError) as refused:
        world.applying().run(approval, ignore)
    assert told in refused.value.message
    assert refused.value.message.count("; ") == 0
    assert refused.value.exit_code is ExitCode.REFUSED
    assert "--approve" in refused.value.hint
    assert world.engine.plans == []


@pytest.mark.parametrize("what", ["manifest", "sourcePosition", "other stack's file", "compiled"])
def test_what_does_not_matter_moves_nothing(world: World, what: str) -> None:
    approval = world.approval()
    if what == "manifest":
        world.engine.state_now["manifest"]["time"] = "2026-11-26T02:00:00Z"
    elif what == "sourcePosition":
        world.engine.state_now["resources"][1]["sourcePosition"] = "project:///infra/stack.py#9"
    elif what == "compiled":
        world.edit("infra/__pycache__/stack.pyc", "x")
    else:
        world.edit("Pulumi.production.yaml", "config: {other: 1}")
    assert world.applying().check(approval).holds


def test_many_movements_are_told_shortly(world: World) -> None:
    approval = world.approval()
    for number in range(9):
        world.edit(f"infra/new{number}.py", "")
    world.edit("requirements.txt", "")
    with pytest.raises(RefusedError, match=r"program \(.* and 4 more\); dependencies"):
        world.applying().run(approval, ignore)


def test_what_moves_while_a_preview_runs_is_not_approved(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = world.engine.previewed

    def preview(_: Path) -> object:
        move_state(world)
        return shown

    monkeypatch.setattr(world.engine, "preview", preview)
    with pytest.raises(RefusedError, match="moved while the preview ran: state"):
        world.approval()


def test_what_holds_data_goes_only_when_it_is_named(tmp_path: Path) -> None:
    world = make_world(tmp_path, GONE)
    with pytest.raises(RefusedError) as refused:
        world.applying().run(world.approval(), ignore)
    assert previews.INSTANCE in refused.value.message
    assert f"--allow '{previews.INSTANCE}'" in refused.value.hint
    assert world.engine.plans == []
    world.applying().run(world.approval(previews.INSTANCE), ignore)
    assert world.engine.plans == [PLAN]


def test_only_what_would_go_can_be_allowed(world: World) -> None:
    with pytest.raises(OperatorError, match="not replaced, not deleted"):
        world.approval(previews.INSTANCE)


def spoil(file: Path, how: str) -> None:
    text = file.read_text()
    document = json.loads(text)
    if how == "cut off":
        file.write_text(text[: len(text) // 2])
    elif how == "empty":
        file.write_text("")
    elif how == "gone":
        file.unlink()
    elif how == "binary":
        file.write_bytes(b"\xff\xfe\x00")
    elif how == "of another kind":
        file.write_text("[1]")
    elif how == "older":
        file.write_text(json.dumps({**document, "format": 0}))
    elif how == "plan edited":
        document["approval"]["plan"]["resourcePlans"] = {}
        file.write_text(json.dumps(document))
    else:
        document["approval"]["named"][0]["allowed"] = True
        file.write_text(json.dumps(document))


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("cut off", "cut off"),
        ("empty", "cut off"),
        ("gone", "cannot be read: No such file"),
        ("binary", "cut off"),
        ("of another kind", "is no approval"),
        ("older", "format 0; this intendly reads format 1"),
        ("plan edited", "was changed after it was written"),
        ("allowance edited", "was changed after it was written"),
    ],
)
def test_a_spoilt_file_is_refused(tmp_path: Path, how: str, told: str) -> None:
    file = tmp_path / "approval.json"
    write_approval(make_world(tmp_path, GONE).approval(), file)
    spoil(file, how)
    with pytest.raises(InputError, match=told) as refused:
        read_approval(file)
    assert refused.value.exit_code is ExitCode.BAD_INPUT
    assert "intendly preview" in refused.value.hint


def test_an_update_that_stops_says_how_far_it_came(world: World) -> None:
    approval = world.approval()
    world.engine.does, world.engine.errors = (), ("violates plan",)
    with pytest.raises(EngineError, match="stopped after 0 of 1 operations: violates plan"):
        world.applying().run(approval, ignore)


@pytest.mark.parametrize(
    ("does", "told"), [((), "not done: update"), ((OPERATION, OPERATION), "not approved")]
)
def test_an_engine_that_does_something_else_is_told_on(
    world: World, does: tuple[Operation, ...], told: str
) -> None:
    approval = world.approval()
    world.engine.does = does
    with pytest.raises(EngineError, match=told):
        world.applying().run(approval, ignore)


def test_events_of_an_update_are_what_was_done() -> None:
    events = [
        {"resourcePreEvent": {"metadata": {"op": "create", "urn": "a"}}},
        {"resOutputsEvent": {"metadata": {"op": "create", "urn": "a"}}},
        {"resOutputsEvent": {"metadata": {"op": "same", "urn": "b"}}},
        {"diagnosticEvent": {"severity": "info", "message": "hello"}},
        {"diagnosticEvent": {"severity": "error", "message": "error: no\n"}},
        {"diagnosticEvent": {"severity": "error", "message": "error: no\n"}},
    ]
    lines = ["a plugin speaks\n", *(json.dumps(event) + "\n" for event in events)]
    assert read_events(lines, ignore) == Applied(done=(("create", "a"),), errors=("no",))


def test_versions_are_those_of_the_engine_and_its_packages() -> None:
    found = fingerprints.of_versions("3.274.1")
    assert found["engine"] == "3.274.1"
    assert {"python", "pulumi", "pulumi_aws", "pulumi_kubernetes"} <= {one.replace("-", "_") for one in found}


@pytest.fixture
def wired(factory: FakeFactory, project: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """The command line over a world."""
    made = make_world(project)
    monkeypatch.setattr(factory, "preview", made.previewing)
    monkeypatch.setattr(factory, "approving", made.approving)
    monkeypatch.setattr(factory, "apply", made.applying)
    return made


def test_the_command_line_approves_and_applies(intendly: Invoke, wired: World) -> None:
    file = str(wired.root / "approval.json")
    shown = intendly("preview", "--stack", "staging", "--approve", file)
    assert shown.exit_code == 0, shown.output
    assert "1 update; 0 resources stay as they are" in shown.output
    tried = intendly("apply", file, "--dry-run")
    assert (tried.exit_code, wired.engine.plans) == (0, [])
    assert "1 operations; nothing moved since" in tried.output
    done = intendly("apply", file, "--stack", "staging", "--yes")
    assert done.exit_code == 0, done.output
    assert f"update               {previews.INSTANCE}" in done.output
    assert "done exactly as approved: 1 operations" in done.output


def test_the_command_line_asks_and_takes_no_for_an_answer(intendly: Invoke, wired: World) -> None:
    file = str(wired.root / "approval.json")
    intendly("preview", "--stack", "staging", "--approve", file)
    assert intendly("apply", file).exit_code == 1
    assert wired.engine.plans == []


@pytest.mark.parametrize(
    ("arguments", "code"), [(("--stack", "production"), 5), (("--stack", "elsewhere"), 5), ((), 5)]
)
def test_refusals_have_an_exit_code_of_their_own(
    intendly: Invoke, wired: World, arguments: tuple[str, ...], code: int
) -> None:
    file = str(wired.root / "approval.json")
    intendly("preview", "--stack", "staging", "--approve", file)
    if not arguments:
        move_state(wired)
    refused = intendly("apply", file, "--yes", *arguments)
    assert refused.exit_code == code
    assert wired.engine.plans == []


def test_files_are_written_beside_the_table(intendly: Invoke, wired: World) -> None:
    page, markdown = wired.root / "page.html", wired.root / "comment.md"
    done = intendly(
        *("preview", "--stack", "staging", "--json"),
        *("--page", str(page), "--markdown", str(markdown)),
    )
    assert done.exit_code == 0
    assert json.loads(done.stdout)["changes"][0]["action"] == "update"
    assert page.read_text().startswith("<!doctype html>")
    assert markdown.read_text().startswith("### `staging`: 1 update")


def test_allowing_needs_an_approval(intendly: Invoke, wired: World) -> None:
    assert wired.engine.plans == []
    assert intendly("preview", "--stack", "staging", "--allow", "urn:x").exit_code == 2


def test_a_replacement_is_approved_with_each_of_its_operations(world: World) -> None:
    three = ["delete-replaced", "replace", "create-replacement"]
    shown = previews.step("replace", previews.ROLE, "name", old={"name": "a"}, new={"name": "b"})
    plan = {"resourcePlans": {previews.ROLE: {"steps": three}, previews.INSTANCE: {"steps": ["same"]}}}
    world.engine.previewed = Preview(steps=(shown,), plan=plan)
    approval = world.approval()
    assert approval.operations == tuple((one, previews.ROLE) for one in three)
    assert len(world.applying().run(approval, ignore).done) == 3


def test_a_plan_of_something_else_than_was_shown_is_not_approved(world: World) -> None:
    hidden = {"resourcePlans": {**PLAN["resourcePlans"], previews.ROLE: {"steps": ["delete"]}}}
    world.engine.previewed = Preview(steps=(UPDATE,), plan=hidden)
    with pytest.raises(EngineError, match=r"not what its preview shows: .*::nodes"):
        world.approval()


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("error: failed to load checkpoint: place 1: unexpected end of JSON input", UnreadableStateError),
        ("error: an unhandled error occurred", EngineError),
    ],
)
def test_a_preview_tells_an_unreadable_state_from_a_failing_program(
    tmp_path: Path, said: str, kind: type[EngineError]
) -> None:
    program = tmp_path / "pulumi"
    program.write_text(f"#!/bin/sh\necho '{said}'\nexit 255\n")
    program.chmod(0o755)
    engine = PreviewEngine("staging", tmp_path, {"PATH": f"{tmp_path}:/usr/bin:/bin"})
    with pytest.raises(EngineError) as raised:
        engine.preview(tmp_path / "plan.json")
    assert type(raised.value) is kind
