"""Every IAM policy document that a stack registers, taken apart."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from tests.support.recorder import Recorder

DOCUMENTS = {
    "aws:iam/role:Role": "assumeRolePolicy",
    "aws:iam/rolePolicy:RolePolicy": "policy",
    "aws:iam/policy:Policy": "policy",
}
"""The types whose documents grant something to a role, or say who may take it, and the property."""

ATTACHED = ("policy", "accessPolicy")
"""Properties in which other types carry the policy of a single resource (a bucket, a key, a topic)."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement of one document."""

    kind: str
    """Type of the resource that carries the document."""
    owner: str
    """Its logical name."""
    content: dict[str, Any]

    def texts(self, key: str) -> list[str]:
        """A value that is one text or a list of them, as a list."""
        value: str | list[str] = self.content.get(key, [])
        return [value] if isinstance(value, str) else value

    @property
    def allows(self) -> bool:
        """Whether it gives rather than takes away."""
        return self.content["Effect"] == "Allow"

    @property
    def conditions(self) -> dict[str, dict[str, Any]]:
        """Operators, and what each compares."""
        return self.content.get("Condition", {})

    def __str__(self) -> str:
        return f"{self.kind} {self.owner}: {json.dumps(self.content)}"


def identity_statements(made: Recorder) -> list[Statement]:
    """What roles may do."""
    return [one for one in _statements(made) if one.kind in DOCUMENTS and "Principal" not in one.content]


def trust_statements(made: Recorder) -> list[Statement]:
    """Who may take a role."""
    return [one for one in _statements(made) if one.kind == "aws:iam/role:Role"]


def resource_statements(made: Recorder) -> list[Statement]:
    """What single resources let others do to them."""
    return [one for one in _statements(made) if one.kind not in DOCUMENTS]


def _statements(made: Recorder) -> Iterator[Statement]:
    for resource in made.registrations:
        if not resource.type.startswith("aws:"):
            continue
        wanted = DOCUMENTS.get(resource.type)
        for key in ATTACHED if wanted is None else (wanted,):
            document = _document(resource.inputs.get(key))
            for content in document.get("Statement", []):
                yield Statement(kind=resource.type, owner=resource.name, content=content)


def _document(text: object) -> dict[str, Any]:
    if not isinstance(text, str) or not text.startswith("{"):
        return {}
    return cast("dict[str, Any]", json.loads(text))
