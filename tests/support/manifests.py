"""A stack's own Kubernetes objects, and what kube-score says of them: `python -m tests.support.manifests STACK`."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import yaml

from tests.support.stacks import ROOT, recorded

RELEASE = "kubernetes:helm.sh/v3:Release"
NAMESPACE = "intendly"
"""Where all pods are ours; what other namespaces hold is selected by charts' objects, which are not seen here."""

TOOL = ROOT / "tests" / "tools" / "kube-score"
CRITICAL = 1
"""kube-score's grade."""


@dataclass(frozen=True, kw_only=True, order=True)
class Complaint:
    """A test that an object does not pass at all."""

    test: str
    object: str
    why: str


def manifests(stack: str) -> list[dict[str, Any]]:
    """The objects in our own namespace, as the program registers them."""
    found = (one for one in recorded(stack).made.registrations if one.type.startswith("kubernetes:"))
    return [
        _plain(one.inputs)
        for one in found
        if one.type != RELEASE and one.inputs.get("metadata", {}).get("namespace") == NAMESPACE
    ]


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON in, JSON out
    """Whole numbers as such: the engine's wire has fractions only."""
    if isinstance(value, dict):
        return {key: _plain(member) for key, member in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_plain(member) for member in cast("list[Any]", value)]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def waived() -> Mapping[str, str]:
    """Tests of kube-score that are not asked for, with the reason."""
    return yaml.safe_load((TOOL / "waived.yaml").read_text())


def complaints(objects: Iterable[Mapping[str, Any]]) -> tuple[Complaint, ...]:
    """What kube-score finds critical in objects, the waived included; it is built from its pinned Go module."""
    go = shutil.which("go")
    assert go is not None, "go is not on PATH: see `intendly doctor`"
    done = subprocess.run(
        [go, "tool", "kube-score", "score", "-", "--output-format=json"],
        cwd=TOOL,
        input=yaml.safe_dump_all(objects),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    return tuple(sorted(_complaints(json.loads(done.stdout))))


def _complaints(scored: list[dict[str, Any]]) -> Iterator[Complaint]:
    for one in scored:
        for check in one["checks"]:
            if not check["skipped"] and check["grade"] <= CRITICAL:
                comments: list[dict[str, Any]] = check["comments"] or []
                why = "; ".join(comment["summary"] for comment in comments)
                yield Complaint(test=check["check"]["id"], object=one["object_name"], why=why)


def main() -> int:
    """Print what is critical and not waived; 1 where there is anything."""
    allowed = waived()
    found = [one for one in complaints(manifests(sys.argv[1])) if one.test not in allowed]
    for one in found:
        sys.stdout.write(f"{one.object}: {one.test}: {one.why}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
