"""What is wrong with settings, said so that a person can mend it and no secret is repeated."""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

NAMESPACE: Final = "intendly"
"""Namespace of the program's keys in a stack file."""

Location = tuple[str | int, ...]
"""Where a value stands: keys and list positions from the top."""

_LONGEST_SHOWN: Final = 60
"""Characters of a value that a message repeats."""

_LARGEST_SHOWN: Final = 10**15
"""Numbers from here on are not repeated: no setting has so many digits, but an account or a key may."""

_SECRET_WORDS: Final = re.compile(
    r"passw|passphrase|secret|token|credential|private|api_?key|access_?key|signing_?key|routing_?key|webhook|^key$",
    re.IGNORECASE,
)
_SECRET_STARTS: Final = re.compile(
    r"^(AKIA|ASIA|gh[opsu]_|github_pat_|glpat-|xox[a-z]-|sk[-_]|eyJ|-----BEGIN|v1:)"
)
_WORD: Final = re.compile(r"[A-Za-z0-9+=_]{9,}")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong."""

    location: Location
    """Where; empty for the file itself."""
    message: str
    """What is wrong and what is allowed."""
    line: int | None = None
    """Line of the stack file, counted from 1, where it is known."""

    @property
    def path(self) -> str:
        """The key as Pulumi writes it: ``intendly:cluster.nodeGroups.general.maxSize``."""
        return path_of(self.location)

    def __str__(self) -> str:
        place = f" (line {self.line})" if self.line else ""
        return f"{self.path}{place}: {self.message}" if self.location else f"{self.message}{place}"


class SettingsError(Exception):
    """All problems of a set of settings at once."""

    problems: tuple[Problem, ...]
    """What is wrong, in the order of the file where lines are known."""
    source: str
    """What was read: a file's name, or the engine's configuration."""

    def __init__(self, source: str, problems: Iterable[Problem]) -> None:
        self.source = source
        self.problems = tuple(problems)
        count = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        super().__init__("\n".join([f"{source}: {count}", *(f"  {problem}" for problem in self.problems)]))


def path_of(location: Location) -> str:
    """Write a location as Pulumi does, leaving out keys that look like secrets."""
    steps = "".join(f"[{step}]" if isinstance(step, int) else f".{shown_key(step)}" for step in location)
    return f"{NAMESPACE}:{steps.removeprefix('.')}" if location else ""


def shown_key(key: str) -> str:
    """Give a key as it may be printed: plain ASCII, and never one that is itself a secret."""
    return "(key not shown)" if looks_secret(key) else ascii(key)[1:-1][:_LONGEST_SHOWN]


def shown(location: Location, value: object) -> str:
    """Give a value as it may be printed: plain ASCII, one line, short, and never what may be a secret.

    A value is kept back when its key names a secret, or when it looks like one: a known beginning (``AKIA``,
    ``ghp_``, a PEM header …), a user in an address, or nine or more characters in a row that mix letters and digits.
    """
    inner = [step for step in location[1:] if isinstance(step, str)]
    if any(_SECRET_WORDS.search(step) for step in inner):
        return "a value that is not shown (its key names a secret)"
    if not isinstance(value, str):
        return _shown_other(value)
    if looks_secret(value):
        return "a value that is not shown (it looks like a secret)"
    text = ascii(value)[1:-1]
    return f'"{text}"' if len(text) <= _LONGEST_SHOWN else f'"{text[:_LONGEST_SHOWN]}…"'


def _shown_other(value: object) -> str:
    """Give what is no text, as YAML writes it."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int | float):
        return str(value) if abs(value) < _LARGEST_SHOWN else "a very large number"
    return "a list" if isinstance(value, list | tuple) else "a mapping"


def looks_secret(text: str) -> bool:
    """Whether a text may be a credential that stands in the wrong place."""
    if _SECRET_STARTS.search(text) or re.search(r"://[^/]*@", text):
        return True
    return any(
        any(letter.isdigit() for letter in word) and any(letter.isalpha() for letter in word)
        for word in _WORD.findall(text)
    )


def nearest(key: str, known: Sequence[str]) -> str:
    """Say which key was probably meant, or else which there are."""
    by_lower = {name.lower(): name for name in known}
    found = difflib.get_close_matches(key.lower(), by_lower, n=1, cutoff=0.6)
    return f"did you mean {by_lower[found[0]]}?" if found else f"known here: {', '.join(sorted(known))}"
