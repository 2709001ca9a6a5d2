"""A sample of the edits of `make sweep`: what was shown and approved is done exactly, or refused and nothing touched."""

from collections.abc import Iterator

import pytest

from tests.support.checkout import Checkout
from tests.support.lies import Outcome, outcomes, restore
from tests.support.made_edits import all_edits, batches

pytestmark = pytest.mark.engine

SEED, BATCHES, SIZE = 30, 3, 10


@pytest.fixture(scope="module")
def tried(checkout: Checkout) -> Iterator[list[Outcome]]:
    """What came of the sample; afterwards the stack is as it was before."""
    sample = batches(all_edits(), SIZE, SEED)[:BATCHES]
    yield [outcome for batch in sample for outcome in outcomes(checkout, batch)]
    restore(checkout)


def test_thirty_edits_were_tried(tried: list[Outcome]) -> None:
    assert sum(len(outcome.edits) for outcome in tried) == BATCHES * SIZE
    assert all(outcome.shown for outcome in tried)


def test_what_was_shown_was_done_and_nothing_else(tried: list[Outcome]) -> None:
    assert [(outcome.edits, outcome.failed) for outcome in tried if outcome.failed] == []
    assert [lie for outcome in tried for lie in outcome.lies] == []
