"""What was approved is done exactly, and what moved since is refused before anything is touched. In this order."""

import json
import os
import subprocess
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.checkout import Checkout
from tests.support.stacks import ROOT

pytestmark = pytest.mark.engine

BUCKET = "aws:s3/bucket:Bucket"
PROGRAM = "components/database.py"
REPLACING = ("username=ADMINISTRATOR", 'username="somebody_else"')
"""An edit of the program that AWS answers with another database."""


@dataclass
class Told:
    """How a command ended and what it said."""

    code: int
    output: str


class Operator:
    """Somebody with the command line, standing in a checkout."""

    def __init__(self, checkout: Checkout, folder: Path) -> None:
        self.checkout = checkout
        self.file = folder / "approval.json"

    def run(self, *arguments: str, **environment: str) -> Told:
        done = subprocess.run(
            [str(ROOT / ".venv" / "bin" / "intendly"), *arguments],
            cwd=self.checkout.root,
            # Of the copied program: without a path the editable install would lead to the original's.
            env={
                **os.environ,
                **self.checkout.cloud.env(),
                "PYTHONPATH": str(self.checkout.root),
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Told(done.returncode, done.stdout)

    def approve(self, *arguments: str) -> str:
        done = self.run("preview", "--stack", "staging", "--approve", str(self.file), *arguments)
        assert done.code == 0, done.output
        return done.output

    @property
    def approved(self) -> Mapping[str, Any]:
        return json.loads(self.file.read_text())["approval"]


def world(checkout: Checkout) -> tuple[str, str]:
    """All that AWS's stand-in has, and the version of every object of the API server that the stack made."""
    kinds = "deployments,configmaps,ingresses,services,horizontalpodautoscalers,networkpolicies"
    versions = checkout.cloud.kubectl(
        *("get", kinds, "-n", "intendly", "-o"),
        'jsonpath={range .items[*]}{.kind}/{.metadata.name} {.metadata.generation} {.data}{"\\n"}{end}',
    )
    return (checkout.cloud.paths.state / "aws.json").read_text(), versions


@contextmanager
def edited(file: Path, edit: Callable[[str], str]) -> Generator[None]:
    text = file.read_text()
    file.write_text(edit(text))
    try:
        yield
    finally:
        file.write_text(text)


@pytest.fixture(scope="module")
def operator(checkout: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """An operator with an approval in hand; afterwards the stack is as it was before."""
    settings, environment = checkout.stack_file.read_text(), checkout.environment_file.read_text()
    checkout.edit("database", instanceClass="db.t4g.large")
    checkout.edit("backups", maxRetentionDays=375)  # replaces the lock of the backups' vault
    checkout.environment_file.write_text(environment.replace("LOG_LEVEL=debug", "LOG_LEVEL=error"))
    made = Operator(checkout, tmp_path_factory.mktemp("approval"))
    made.approve()
    yield made
    checkout.stack_file.write_text(settings)
    checkout.environment_file.write_text(environment)
    checkout.cloud.start()
    checkout.cloud.up()


def test_the_report_names_the_dangers_first(operator: Operator) -> None:
    shown = operator.run("preview", "--stack", "staging", "--json")
    assert shown.code == 0, shown.output
    first, second, *_ = json.loads(shown.output)["changes"]
    assert (first["name"], first["action"], first["dangers"][0]["risk"]) == (
        *("backups-vault-lock", "replace"),
        "safety",
    )
    assert (second["name"], second["dangers"][0]["risk"]) == ("database-instance", "downtime")
    [change] = second["properties"]
    assert (change["path"], change["old"], change["new"]) == (
        *("instanceClass", "db.t4g.medium"),
        "db.t4g.large",
    )


def test_an_approval_has_no_secret_in_the_clear(operator: Operator) -> None:
    text = operator.file.read_text()
    assert "ciphertext" in text
    assert "plaintext" not in text
    assert operator.file.stat().st_mode & 0o777 == 0o600
    exported = json.loads(operator.checkout.cloud.pulumi("stack", "export", "--show-secrets", capture=True))
    passwords = {
        json.loads(one["outputs"]["result"]["plaintext"])
        for one in exported["deployment"]["resources"]
        if one["type"] == "random:index/randomPassword:RandomPassword"
    }
    assert passwords
    assert not [one for one in passwords if one in text]


MOVES: list[tuple[str, str, Callable[[str], str]]] = [
    ("program", "infra/stack.py", lambda text: text + "\n# another line\n"),
    ("program", "Pulumi.yaml", lambda text: text + "\n# another line\n"),
    ("settings", "Pulumi.staging.yaml", lambda text: text.replace("db.t4g.large", "db.t4g.small")),
    ("settings", "infra/config/backend.staging.env", lambda text: text + "\nMORE=1\n"),
    ("dependencies", "requirements.txt", lambda text: text.replace("==", "==1.", 1)),
]


@pytest.mark.parametrize(("thing", "name", "edit"), MOVES)
def test_a_file_that_moved_is_named_and_nothing_is_touched(
    operator: Operator, thing: str, name: str, edit: Callable[[str], str]
) -> None:
    before = world(operator.checkout)
    with edited(operator.checkout.root / name, edit):
        refused = operator.run("apply", str(operator.file), "--yes")
    assert refused.code == 5, refused.output
    assert f"moved since the approval: {thing} ({name} differs)" in refused.output
    assert world(operator.checkout) == before


def state_file(checkout: Checkout) -> Path:
    [found] = (checkout.cloud.paths.state / "state" / ".pulumi" / "stacks").glob("*/staging.json")
    return found


def test_a_state_that_moved_is_refused(operator: Operator) -> None:
    before, cloud = world(operator.checkout), operator.checkout.cloud
    resources = json.loads(cloud.pulumi("stack", "export", capture=True))["deployment"]["resources"]
    bucket = next(one["urn"] for one in resources if one["type"] == BUCKET)
    with edited(state_file(operator.checkout), str):
        cloud.pulumi("state", "protect", bucket, "--yes")
        refused = operator.run("apply", str(operator.file), "--yes")
    assert refused.code == 5, refused.output
    assert "moved since the approval: state (" in refused.output
    assert world(operator.checkout) == before


def test_another_stack_and_another_backend_are_refused(operator: Operator, tmp_path: Path) -> None:
    before, cloud = world(operator.checkout), operator.checkout.cloud
    other = operator.run("apply", str(operator.file), "--yes", "--stack", "production")
    assert (other.code, "of stack staging, not of production" in other.output) == (5, True)
    kept = cloud.paths.state / "state"
    (tmp_path / "copy").symlink_to(kept)
    url = f"file://{tmp_path}/copy?metadata=skip"
    moved = operator.run("apply", str(operator.file), "--yes", PULUMI_BACKEND_URL=url)
    assert (moved.code, "stack (backend was file://" in moved.output) == (5, True), moved.output
    assert world(operator.checkout) == before


@pytest.mark.parametrize("edit", ["plan", "cut off", "older"])
def test_a_file_that_was_edited_is_refused(operator: Operator, edit: str) -> None:
    before, text = world(operator.checkout), operator.file.read_text()
    changed = {
        "plan": text.replace("db.t4g.large", "db.r6g.4xlarge"),
        "cut off": text[:-2000],
        "older": text.replace('"format": 1', '"format": 0', 1),
    }[edit]
    operator.file.write_text(changed)
    refused = operator.run("apply", str(operator.file), "--yes")
    operator.file.write_text(text)
    assert changed != text
    assert refused.code == 4, refused.output
    assert world(operator.checkout) == before


def test_a_state_that_cannot_be_read_says_so(operator: Operator) -> None:
    before = world(operator.checkout)
    with edited(state_file(operator.checkout), lambda text: text[: len(text) // 2]):
        refused = operator.run("apply", str(operator.file), "--yes")
        shown = operator.run("preview", "--stack", "staging")
    assert (refused.code, shown.code) == (6, 6), refused.output + shown.output
    assert "intendly heal" in refused.output
    assert world(operator.checkout) == before


def test_what_was_approved_is_done_exactly(operator: Operator) -> None:
    approved = [(one[0], one[1]) for one in operator.approved["operations"]]
    done = operator.run("apply", str(operator.file), "--yes")
    assert done.code == 0, done.output
    told = [line.split() for line in done.output.splitlines() if line.startswith("  ")]
    assert sorted((one[0], one[1]) for one in told) == sorted(approved)
    history = json.loads(
        operator.checkout.cloud.pulumi("stack", "history", "--json", "--page-size", "1", capture=True)
    )
    counted = Counter(operation for operation, _ in approved)
    assert counted["delete-replaced"] == counted["create-replacement"] == counted["replace"] == 1
    changes = history[0]["resourceChanges"]
    assert {op: changes[op] for op in ("update", "replace")} == {
        op: counted[op] for op in ("update", "replace")
    }
    database, _ = world(operator.checkout)
    assert "db.t4g.large" in database
    assert operator.checkout.objects("configmaps")["backend-config"]["data"]["LOG_LEVEL"] == "error"


def test_it_is_done_once(operator: Operator) -> None:
    before = world(operator.checkout)
    again = operator.run("apply", str(operator.file), "--yes")
    assert (again.code, "moved since the approval: state" in again.output) == (5, True), again.output
    assert world(operator.checkout) == before


def test_a_database_is_replaced_only_when_it_is_named(operator: Operator) -> None:
    before = world(operator.checkout)
    with operator.checkout.rewritten(PROGRAM, REPLACING):
        assert "refused until named" in operator.approve()
        [named] = operator.approved["named"]
        refused = operator.run("apply", str(operator.file), "--yes")
        assert refused.code == 5, refused.output
        assert named["urn"] in refused.output
        operator.approve("--allow", named["urn"])
        allowed = operator.run("apply", str(operator.file), "--dry-run")
        assert allowed.code == 0, allowed.output
    assert world(operator.checkout) == before
