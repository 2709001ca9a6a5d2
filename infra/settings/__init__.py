"""Settings of a stack: read once, checked as a whole, before anything else is imported or registered."""

from infra.settings.errors import Problem, SettingsError
from infra.settings.explain import Explanation, explain
from infra.settings.loader import check, load_config, load_file
from infra.settings.stack import StackSettings

__all__ = [
    "Explanation",
    "Problem",
    "SettingsError",
    "StackSettings",
    "check",
    "explain",
    "load_config",
    "load_file",
]
