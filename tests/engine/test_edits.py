"""The edits that operators make, each previewed on the state of a stack that is up."""

from pathlib import Path

import pytest

from tests.support.checkout import Checkout
from tests.support.edits import EDITS, Edit, expected, lost, operations, shown

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
def test_a_preview_of_the_edit_shows_what_the_page_says(
    checkout: Checkout, tmp_path: Path, edit: Edit
) -> None:
    steps = checkout.preview_of(edit.change, tmp_path / "edited.yaml")
    assert shown(steps) == expected(edit)
    assert lost(operations(steps)) == []
