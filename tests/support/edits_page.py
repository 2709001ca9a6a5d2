"""docs/edits.md, from the table of edits: `--write`."""

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, cast

from tests.support import generated
from tests.support.edits import EDITS, LASTING, Edit, Settings, Shown
from tests.support.stacks import ROOT

PAGE = ROOT / "docs" / "edits.md"

WIDEST = 44
"""Characters of a value before it is cut: an image's digest says nothing to a reader."""


def page() -> str:
    """The whole page."""
    return "\n".join(
        [
            "# What an edit does",
            "",
            f"Made by `make docs` from `tests/support/edits.py`: {len(EDITS)} edits of `Pulumi.staging.yaml` as operators make",
            "them. `tests/engine/test_edits.py` previews each with the real engine on the state of a stack that is up, and",
            "holds what the preview says against this page. Which changes replace a resource is in",
            "`localcloud/providers/catalogue.yaml`, from the plans of the real AWS provider; what is of Kubernetes, the real",
            "provider and a real API server say. Times, outages and AWS's own refusals are not shown here: the notes are from",
            "AWS's documentation.",
            "",
            "A resource is *replaced* when the new one is made first and the old one then goes. None of these edits replaces",
            f"or deletes a {', '.join(_short(kind) for kind in LASTING[:-1])} or {_short(LASTING[-1])}.",
            "",
            "| edit | settings, below `intendly:` | the preview says | note |",
            "| --- | --- | --- | --- |",
            *(f"| {one.name} | {_settings(one)} | {_preview(one)} | {one.note} |" for one in EDITS),
            "",
            "Before any edit of your own: `make preview`. A line with `+-` or `-` on something that holds data is a reason to",
            "stop; in production the engine refuses it (`protect`).",
            "",
        ]
    )


def _settings(edit: Edit) -> str:
    return "<br>".join(f"`{path}: {_value(value)}`" for path, value in _leaves(edit.change))


def _leaves(change: Settings, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in change.items():
        if isinstance(value, dict):
            yield from _leaves(cast("Settings", value), f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _value(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value).replace('"', "")
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"


def _preview(edit: Edit) -> str:
    grouped = groupby(sorted(edit.shows), key=lambda one: one.operation)
    lines = [f"{operation} {_counted(several)}" for operation, several in grouped]
    return "<br>".join([*lines, "update each AWS resource that carries tags"] if edit.retags else lines)


def _counted(several: Iterable[Shown]) -> str:
    return ", ".join(f"{one.number} {_short(one.kind)}" for one in several)


def _short(kind: str) -> str:
    """`aws:rds/instance:Instance` is `rds.Instance`, `kubernetes:apps/v1:Deployment` is `Deployment`."""
    package, module, name = kind.split(":")
    if package == "pulumi":
        return f"provider `{name}`"
    return f"`{module.partition('/')[0]}.{name}`" if package == "aws" else f"`{name}`"


if __name__ == "__main__":
    sys.exit(generated.run(PAGE, page))
