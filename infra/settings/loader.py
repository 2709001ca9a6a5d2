"""From a stack file or the engine's configuration to settings that hold, or to all of their problems."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from pydantic import ValidationError

from infra.settings import catalogue
from infra.settings.engine_config import read_engine_config
from infra.settings.errors import Location, Problem, SettingsError, nearest, shown, shown_key
from infra.settings.partial import valid_part
from infra.settings.rules import broken_rules
from infra.settings.stack import StackSettings
from infra.settings.stack_file import Document, Refused, read_stack_file

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

ENGINE: Final = "the engine's configuration"
"""How an error calls what ``load_config`` read."""


def load_file(path: Path) -> StackSettings:
    """Read and check a stack file such as ``Pulumi.staging.yaml``.

    Raises:
        SettingsError: with every problem of the file.
    """
    return _checked(read_stack_file(path), path.name)


def load_config(config: Mapping[str, str], secret_keys: Collection[str] = ()) -> StackSettings:
    """Check the engine's configuration, as ``PULUMI_CONFIG`` or ``pulumi.runtime.config`` give it.

    Args:
        config: full keys and their values as text, those of other namespaces included.
        secret_keys: full keys of values that the engine keeps secret (``PULUMI_CONFIG_SECRET_KEYS``).

    Raises:
        SettingsError: with every problem.
    """
    scalars = [
        key for key, node in catalogue.model_schema()["properties"].items() if node.get("type") == "string"
    ]
    return _checked(read_engine_config(config, secret_keys, scalars), ENGINE)


def check(path: Path) -> tuple[Problem, ...]:
    """List every problem of a stack file; nothing when it is good."""
    try:
        load_file(path)
    except SettingsError as error:
        return error.problems
    return ()


def _checked(document: Document, source: str) -> StackSettings:
    """Validate what was read; say everything that is wrong at once."""
    details: list[ErrorDetails] = []
    try:
        settings = StackSettings.model_validate(document.values)
    except ValidationError as error:
        details = error.errors(include_url=False)
        broken = {_location(detail) for detail in details}
        settings = valid_part(StackSettings, document.values, broken)
    problems = document.problems + [
        _problem(detail, document) for detail in details if not isinstance(detail["input"], Refused)
    ]
    for problem in broken_rules(settings, complete=not details):
        problems.append(
            Problem(
                location=problem.location,
                message=problem.message,
                line=_line(problem.location, document.lines),
            )
        )
    if (
        problems
    ):  # raised here, outside the handler, so that no traceback carries pydantic's error with the values
        raise SettingsError(source, sorted(problems, key=lambda problem: problem.line or 0))
    return settings


def _location(detail: "ErrorDetails") -> Location:
    """Give pydantic's location without its mark for the key of a mapping."""
    return tuple(step for step in detail["loc"] if step != "[key]")


def _line(location: Location, lines: Mapping[Location, int]) -> int | None:
    """Find the line of a location, or of the nearest key above it that is there."""
    while location and location not in lines:
        location = location[:-1]
    return lines.get(location)


def _problem(detail: "ErrorDetails", document: Document) -> Problem:
    """Say one of pydantic's errors in words of the stack file."""
    location = _location(detail)
    return Problem(
        location=location, message=_message(detail, location), line=_line(location, document.lines)
    )


def _message(detail: "ErrorDetails", location: Location) -> str:
    if detail["type"] == "extra_forbidden":
        parent = catalogue.find(location[:-1]) or {}
        return f"unknown key; {nearest(str(location[-1]), catalogue.keys_of(parent))}"
    node = catalogue.find(location)
    words = catalogue.allowed(node) if node else "nothing"
    if detail["type"] == "missing":
        return f"is missing; allowed: {words}"
    if "[key]" in detail["loc"]:
        names = (catalogue.find(location[:-1]) or {})["propertyNames"]
        return f'the name "{shown_key(str(location[-1]))}" is refused; allowed: {names["allowed"]}'
    return f"{shown(location, detail['input'])} is refused{_reason(detail)}; allowed: {words}"


def _reason(detail: "ErrorDetails") -> str:
    """Say why, where the kind of value alone does not."""
    context = cast("dict[str, object]", detail.get("ctx", {}))
    if detail["type"] == "value_error":
        return f": {context['error']}"
    if detail["type"] in {"too_short", "too_long"}:
        return f": it has {context['actual_length']} entries"
    if detail["type"] == "string_type" and isinstance(detail["input"], int | float):
        return ": text is needed, put it into quotes"
    if detail["type"] in {"int_type", "bool_type"} and isinstance(detail["input"], str):
        return ": it is text, take the quotes away"
    return ""
