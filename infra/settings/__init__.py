"""Settings of a stack: read once, checked as a whole, before anything else is imported or registered."""

from infra.settings.stack import StackSettings

__all__ = ["StackSettings"]
