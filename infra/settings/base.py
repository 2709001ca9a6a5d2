"""The base of every settings model."""

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Settings(BaseModel):
    """Values read once, before anything else happens.

    Unknown keys are refused, nothing is converted (``"3"`` is no number), nothing changes afterwards, keys are
    camelCase in YAML, and pydantic's own messages never carry the value.
    """

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        strict=True,
    )
