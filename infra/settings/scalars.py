"""Plain YAML scalars, read the one way on which all YAML parsers agree.

YAML 1.1 (PyYAML) and 1.2 (the engine's) read ``yes``, ``0123``, ``1e3``, ``01:30`` or ``2026-01-01`` differently, so
a value could mean one thing to a check and another to an update. Such values are refused: quotes end the doubt.
"""

import re
from typing import Final

_SURE: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None, "~": None, "": None}
_DOUBTFUL_WORDS: Final = frozenset({"yes", "no", "on", "off", "y", "n", "true", "false", "null"})
_INTEGER: Final = re.compile(r"^-?(0|[1-9][0-9]*)$")
_DECIMAL: Final = re.compile(r"^-?(0|[1-9][0-9]*)\.[0-9]+$")
_DOUBTFUL_NUMBERS: Final = re.compile(
    r"""^(
        [-+]?0[xob]?[0-9a-fA-F_]+              # octal, hexadecimal, binary, leading zeros
      | [-+]?[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?   # signs, underscores, exponents, an open end
      | [-+]?\.[0-9_]+([eE][-+]?[0-9]+)?
      | [-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?      # base 60
      | [-+]?\.(inf|Inf|INF) | \.(nan|NaN|NAN)
      | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt\ ].*)?         # dates
      | << | =
    )$""",
    re.VERBOSE,
)
_LONGEST_NUMBER: Final = 30
"""Digits beyond which nothing here is a number: no setting has more than five."""


def read_scalar(text: str) -> str | float | bool | None:
    """Read an unquoted scalar.

    Raises:
        ValueError: YAML parsers disagree on it.
    """
    if text in _SURE:
        return _SURE[text]
    if _INTEGER.match(text) and len(text) <= _LONGEST_NUMBER:
        return int(text)
    if _DECIMAL.match(text) and len(text) <= _LONGEST_NUMBER:
        return float(text)
    if text.lower() in _DOUBTFUL_WORDS or _DOUBTFUL_NUMBERS.match(text):
        raise ValueError(
            "YAML parsers read it differently: put text into quotes, write true or false, or a plain number"
        )
    return text
