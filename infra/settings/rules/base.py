"""What a rule is."""

from collections.abc import Callable, Iterator

from infra.settings.errors import Problem
from infra.settings.stack import StackSettings

Rule = Callable[[StackSettings], Iterator[Problem]]
"""Looks at several fields that are each valid, and yields what is wrong between them."""


def problem(message: str, *location: str | int) -> Problem:
    """Say what is wrong at a location: the value that a person would most likely change."""
    return Problem(location=location, message=message)
