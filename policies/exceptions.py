"""Exemptions from rules are data: `exceptions.yaml` beside this file, each with an owner and an end."""

from datetime import date
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

FILE = Path(__file__).with_suffix(".yaml")


class ExceptionsError(Exception):
    """The file cannot be used; the message says what is wrong with which entry."""


class Exemption(BaseModel):
    """Lets one resource break one rule for a while."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: str = Field(description="id of the rule")
    resource: str = Field(description="`<type>::<logical name>` of the resource, the end of its URN")
    stacks: tuple[str, ...] = Field(description="environments it holds in", min_length=1)
    reason: str = Field(min_length=20, description="why the rule cannot be kept")
    owner: str = Field(min_length=1, description="the team that will end it")
    expires: date = Field(description="last day, at most a year away by habit")

    def covers(self, rule: str, urn: str) -> bool:
        """Whether it lets this resource break this rule."""
        kind, _, name = urn.rpartition("::")
        return self.rule == rule and self.resource == f"{kind.rpartition('$')[2].rpartition('::')[2]}::{name}"

    def expired(self, today: date) -> bool:
        """Whether its last day is over."""
        return today > self.expires


def load_exceptions(file: Path = FILE) -> tuple[Exemption, ...]:
    """The exemptions of a file.

    Raises:
        ExceptionsError: it cannot be read or an entry is wrong.
    """
    try:
        entries: object = yaml.safe_load(file.read_text(encoding="utf-8")) or ()
        return TypeAdapter(tuple[Exemption, ...]).validate_python(entries)
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise ExceptionsError(f"{file.name}: {error}") from error
