"""How far a sweep has come, on disk after every kill: an interrupted sweep goes on where it was."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from localcloud.paths import read_json, write
from tests.support.sweep import Kill


@dataclass
class Course:
    """The kills of one command, and once it has ended by itself, what is not as if it had never been killed."""

    kills: list[Kill] = field(default_factory=list[Kill])
    ended: bool = False
    left: tuple[str, ...] = ()


@dataclass
class Progress:
    """A sweep, by command."""

    courses: dict[str, Course] = field(default_factory=dict[str, Course])

    def course(self, command: str) -> Course:
        """The kills of a command; none before its first."""
        return self.courses.setdefault(command, Course())

    @property
    def failed(self) -> bool:
        """Whether something was not brought right."""
        return any(course.left or any(kill.left for kill in course.kills) for course in self.courses.values())

    def save(self, file: Path) -> None:
        """Write it down."""
        write(file, json.dumps(asdict(self), indent=1))

    @classmethod
    def load(cls, file: Path) -> "Progress | None":
        """What was written down, or nothing."""
        found = read_json(file)
        if not found:
            return None
        courses = {command: _course(one) for command, one in found["courses"].items()}
        return cls(courses=courses)


def _course(found: dict[str, Any]) -> Course:
    return Course(
        kills=[Kill(**_with_tuples(one)) for one in found["kills"]],
        ended=found["ended"],
        left=tuple(found["left"]),
    )


def _with_tuples(found: dict[str, Any]) -> dict[str, Any]:
    """JSON knows lists only, where a kill has tuples."""
    texts = ("found", "actions", "left")
    return {**found, **{name: tuple(found[name]) for name in texts}}
