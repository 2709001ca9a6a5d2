"""Fixtures of the unit tests."""

from collections.abc import Callable

import pytest

from tests.support.recorder import Recorder, record

Deploy = Callable[[Callable[[], object]], Recorder]
"""Runs a program and answers with everything that it registered."""


@pytest.fixture
def deploy() -> Deploy:
    """Run a program over the SDK's mocks and record every registration."""
    return record
