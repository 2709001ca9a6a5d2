"""Reads the applications' plain configuration, ``infra/config/backend.<environment>.env``.

Values come out as the exact text of the file: nothing is interpolated, nothing is converted. Secrets and the keys
that the program sets from settings are refused, so that each has one home.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dotenv.parser import Binding, parse_stream

from infra.settings.errors import Problem, SettingsError, looks_secret, shown_key

PROGRAM_KEYS: Final = frozenset(
    {
        "CHAIN_ID",
        "CONTRACT_ADDRESS",
        "DATABASE_HOST",
        "DATABASE_NAME",
        "DATABASE_PORT",
        "DATABASE_USER",
        "DB_POOL_MAX",
        "NODE_OPTIONS",
        "REDIS_URL",
        "RPC_URL",
        "WS_MAX_CONNECTIONS",
    }
)
"""Variables that the program sets from settings and outputs."""

_PROGRAM_START: Final = "DATABASE_"
_NAME: Final = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_SECRET_NAME: Final = re.compile(
    r"PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|PRIVATE|WEBHOOK|(^|_)KEY(_|$)|APIKEY"
)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


def load_environment_file(path: Path) -> dict[str, str]:
    """Read an environment file.

    Raises:
        SettingsError: with everything that is wrong, each with its line and never with its value.
    """
    values: dict[str, str] = {}
    problems: list[Problem] = []
    for binding in _bindings(path):
        line = binding.original.line + _blank_lines_before(binding)
        message = _refusal(binding, values)
        if message:
            problems.append(Problem(location=(), message=message, line=line))
        elif binding.key is not None and binding.value is not None:
            values[binding.key] = binding.value
    if problems:
        raise SettingsError(path.name, problems)
    return values


def _bindings(path: Path) -> Iterator[Binding]:
    """Parse the file into its lines, without comments."""
    try:
        with path.open(encoding="utf-8") as stream:
            bindings = list(parse_stream(stream))
    except FileNotFoundError:
        problem = f"there is no such file in {path.parent}"
    except UnicodeDecodeError:
        problem = "it is no UTF-8 text"
    else:
        return (binding for binding in bindings if binding.error or binding.key is not None)
    raise SettingsError(path.name, [Problem(location=(), message=problem)])


def _blank_lines_before(binding: Binding) -> int:
    """Count the blank lines that the parser attributes to the line after them."""
    text = binding.original.string
    return text[: len(text) - len(text.lstrip())].count("\n")


def _refusal(binding: Binding, values: dict[str, str]) -> str | None:
    """Say why a line is refused, if it is."""
    name, value = binding.key, binding.value
    if binding.error or name is None or value is None:
        return "the line is no NAME=value"
    shown = shown_key(name)
    reasons = (
        (not _NAME.fullmatch(name), "a name is capitals, digits and _, a letter first, 64 at most"),
        (_SECRET_NAME.search(name), "it names a secret: secrets come from AWS Secrets Manager"),
        (
            name in PROGRAM_KEYS or name.startswith(_PROGRAM_START),
            "the program sets it, from the stack's settings",
        ),
        (name in values, "it is there twice"),
        (looks_secret(value), "its value looks like a secret: secrets come from AWS Secrets Manager"),
        (_CONTROL.search(value), "its value holds a control character"),
    )
    return next((f"{shown}: {reason}" for applies, reason in reasons if applies), None)
