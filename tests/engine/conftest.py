"""One local cloud for all engine tests, in a checkout of its own: yours under .local is left alone."""

from collections.abc import Iterator

import pytest

from tests.support.checkout import Checkout


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """A checkout whose local cloud runs and whose stack is up."""
    made = Checkout(tmp_path_factory.mktemp("checkout") / "intendly")
    try:
        made.cloud.start()
        made.cloud.up()
        yield made
    finally:
        made.cloud.stop()
