"""An approval: one file that says what may happen to a stack, and what that holds on to.

Its hash is a checksum, not a signature: it tells an edited or cut file from a whole one. Who may approve is decided by
who may write the file's place (a protected environment of GitHub, a bucket), not by this program.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final, cast

from operations.errors import InputError
from operations.json_object import Json, dig, number, objects, text
from operations.services.fingerprints import Fingerprint

FORMAT: Final = 1
"""Counts up when the file's shape or meaning changes; a file of another number is not read."""

ANEW: Final = "look at it again: intendly preview --stack STACK --approve FILE"


@dataclass(frozen=True, kw_only=True)
class Named:
    """A change that an approval must name, and whether it does."""

    urn: str
    why: str
    allowed: bool


@dataclass(frozen=True, kw_only=True)
class Approval:
    """What was shown and approved."""

    stack: str
    created: datetime
    bound: Mapping[str, Fingerprint]
    """What it holds on to, by thing (``program``, ``settings``, …)."""
    operations: tuple[tuple[str, str], ...]
    """What is to be done: operation and URN."""
    named: tuple[Named, ...]
    """What holds data and goes."""
    policies: Json | None
    """What the policies said, where they were asked."""
    plan: Json = field(repr=False)
    """The engine's plan; secrets in it are the engine's ciphertext."""


def write_approval(approval: Approval, file: Path) -> None:
    """Write it, readable by its owner alone."""
    content: Json = {
        "stack": approval.stack,
        "created": approval.created.isoformat(),
        "bound": {thing: dict(items) for thing, items in approval.bound.items()},
        "operations": [list(one) for one in approval.operations],
        "named": [{"urn": one.urn, "why": one.why, "allowed": one.allowed} for one in approval.named],
        "policies": approval.policies,
        "plan": approval.plan,
    }
    document = {"format": FORMAT, "sha256": _checksum(content), "approval": content}
    file.parent.mkdir(parents=True, exist_ok=True)
    # Made anew, so that its mode is right before anything is in it.
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        json.dump(document, opened, indent=1)


def read_approval(file: Path) -> Approval:
    """The approval in a file.

    Raises:
        InputError: there is none, it is cut or edited, or of another format.
    """
    try:
        document: object = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}", ANEW) from None
    except ValueError:
        raise InputError(f"{file} is cut off, or no approval: it is not JSON to its end", ANEW) from None
    content = dig(document, "approval")
    if not isinstance(content, dict) or not isinstance(dig(document, "format"), int):
        raise InputError(f"{file} is no approval", ANEW)
    if number(document, "format") != FORMAT:
        raise InputError(
            f"{file} has format {number(document, 'format')}; this intendly reads format {FORMAT}", ANEW
        )
    if text(document, "sha256") != _checksum(cast("Json", content)):
        raise InputError(f"{file} was changed after it was written: its checksum is another", ANEW)
    return _approval(cast("Json", content))


def _approval(content: Json) -> Approval:
    return Approval(
        stack=text(content, "stack"),
        created=datetime.fromisoformat(text(content, "created")),
        bound=content["bound"],
        operations=tuple((one[0], one[1]) for one in content["operations"]),
        named=tuple(
            Named(urn=text(one, "urn"), why=text(one, "why"), allowed=one["allowed"] is True)
            for one in objects(content["named"])
        ),
        policies=content["policies"],
        plan=content["plan"],
    )


def _checksum(content: Json) -> str:
    """Of the content itself, whatever blanks and order a tool may have given it."""
    written = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return sha256(written.encode()).hexdigest()
