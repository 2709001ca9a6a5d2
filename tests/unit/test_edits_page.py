"""docs/edits.md, and the table that it is made of."""

from pathlib import Path

import pytest

from infra.settings import check
from tests.support.checkout import edited
from tests.support.edits import EDITS, Edit, Shown, lost, operations, shown
from tests.support.edits_page import PAGE, page
from tests.support.stacks import ROOT

SUBNET = "urn:pulumi:staging::intendly::intendly:network:Network$aws:ec2/subnet:Subnet::network-node-use1-az1"
STACK = "urn:pulumi:staging::intendly::pulumi:pulumi:Stack::intendly-staging"


def test_the_page_shows_the_table_as_it_is() -> None:
    assert PAGE.read_text() == page(), "docs/edits.md is stale: run `make docs`"


def test_there_are_twenty_edits_and_more() -> None:
    assert len({edit.name for edit in EDITS}) == len(EDITS) >= 20


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
def test_settings_take_the_edit(tmp_path: Path, edit: Edit) -> None:
    tracked = ROOT / "Pulumi.staging.yaml"
    file = tmp_path / tracked.name
    file.write_text(edited(tracked, edit.change))
    assert check(file) == ()
    assert file.read_text() != edited(tracked, {})


def test_a_replacement_is_one_operation_and_the_stack_is_nobodys_resource() -> None:
    steps = [
        {"urn": SUBNET, "op": "create-replacement"},
        {"urn": STACK, "op": "update"},
        {"urn": SUBNET, "op": "replace"},
        {"urn": SUBNET, "op": "delete-replaced"},
    ]
    assert shown(steps) == (Shown("replace", "aws:ec2/subnet:Subnet"),)
    assert lost(operations(steps)) == [f"replace {SUBNET}"]
    assert lost({SUBNET: "update"}) == []
