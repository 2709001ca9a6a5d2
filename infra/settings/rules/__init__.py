"""Rules across fields. Each is a function; all run, and all that is wrong is said at once."""

from collections.abc import Iterator
from typing import Final

from infra.settings.errors import Problem
from infra.settings.rules.access import ACCESS_RULES
from infra.settings.rules.backups import BACKUPS_RULES
from infra.settings.rules.base import Rule
from infra.settings.rules.bounds import BOUNDS_RULES
from infra.settings.rules.capacity import CAPACITY_RULES
from infra.settings.rules.network import NETWORK_RULES
from infra.settings.rules.production import PRODUCTION_RULES
from infra.settings.rules.schedule import SCHEDULE_RULES
from infra.settings.rules.versions import VERSION_RULES
from infra.settings.stack import StackSettings

RULES: Final[tuple[Rule, ...]] = (
    *BOUNDS_RULES,
    *NETWORK_RULES,
    *CAPACITY_RULES,
    *PRODUCTION_RULES,
    *SCHEDULE_RULES,
    *VERSION_RULES,
    *ACCESS_RULES,
    *BACKUPS_RULES,
)
"""Every rule."""


def broken_rules(settings: StackSettings, *, complete: bool) -> Iterator[Problem]:
    """Yield what the rules find.

    Args:
        settings: all settings, or the valid part of them.
        complete: whether every field is there. If not, a rule ends at the first field that it misses.
    """
    for rule in RULES:
        try:
            yield from rule(settings)
        except AttributeError:
            if complete:
                raise
