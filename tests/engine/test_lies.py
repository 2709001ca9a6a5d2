"""A sample of the edits of `make sweep`: what was shown and approved is done exactly, or refused and nothing touched."""

from collections.abc import Iterator

import pytest

from tests.support.checkout import Checkout
from tests.support.lies import Outcome, try_batch
from tests.support.made_edits import all_edits, batches

pytestmark = pytest.mark.engine

SEED, BATCHES, SIZE = 30, 3, 10


@pytest.fixture(scope="module")
def outcomes(checkout: Checkout) -> Iterator[list[Outcome]]:
    """What came of the sample; afterwards the stack is as it was before."""
    sample = batches(all_edits(), SIZE, SEED)[:BATCHES]
    yield [try_batch(checkout, batch) for batch in sample]
    checkout.cloud.start()
    checkout.cloud.up()


def test_thirty_edits_were_tried(outcomes: list[Outcome]) -> None:
    assert sum(len(outcome.edits) for outcome in outcomes) == BATCHES * SIZE
    assert all(outcome.shown >= SIZE / 2 for outcome in outcomes)


def test_what_was_shown_was_done_and_nothing_else(outcomes: list[Outcome]) -> None:
    assert [
        (outcome.failed, outcome.refused) for outcome in outcomes if outcome.failed or outcome.refused
    ] == []
    assert [lie for outcome in outcomes for lie in outcome.lies] == []
