"""What workflows take from settings, held to what the program makes and bootstrap prints."""

import pytest

from infra.settings import load_file
from operations.services.bootstrap import Names
from operations.workflow_facts import facts, role_arn
from tests.support.stacks import ROOT, STACKS, recorded


@pytest.mark.parametrize("stack", STACKS)
def test_roles_are_called_as_the_program_calls_them(stack: str) -> None:
    settings = load_file(ROOT / f"Pulumi.{stack}.yaml")
    made = recorded(stack).outputs["githubRoles"]
    for role in ("deploy", "preview", "look"):
        told = role_arn(settings, role)
        assert told.rpartition("/")[2] == made[role].rpartition("/")[2]
        assert told.startswith(f"arn:aws:iam::{settings.account.id}:role/")


@pytest.mark.parametrize("stack", STACKS)
def test_the_backend_is_the_one_that_bootstrap_makes(stack: str) -> None:
    settings = load_file(ROOT / f"Pulumi.{stack}.yaml")
    assert facts(ROOT, stack)["backend"] == Names.of(settings, "").backend


def test_the_engine_is_the_pinned_one() -> None:
    pin = (ROOT / "localcloud/tools/pulumi/go.mod").read_text()
    version = facts(ROOT, "staging")["engine"]
    assert f"pulumi/pkg/v3 v{version}" in pin


def test_every_fact_is_one_line_and_there() -> None:
    for name, value in facts(ROOT, "production").items():
        assert value, name
        assert "\n" not in value
