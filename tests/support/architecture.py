"""Draws docs/architecture.md's picture from what the program registers: `--write` or `--check`."""

import sys
from collections import defaultdict

from tests.support import generated
from tests.support.recorder import Recorder, Registration
from tests.support.stacks import ROOT, recorded

PAGE = ROOT / "docs" / "architecture.md"
BEGIN = "<!-- picture: made by `make docs` -->"
END = "<!-- end of picture -->"

Edges = dict[str, set[str]]
"""For each top-level component, those that it uses."""


def top_level(made: Recorder) -> dict[str, Registration]:
    """For each resource (by URN) the outermost component that it belongs to."""
    by_urn = {one.urn: one for one in made.registrations}

    def outermost(resource: Registration) -> Registration:
        parent = by_urn.get(resource.parent)
        return resource if parent is None else outermost(parent)

    return {
        urn: top
        for urn, resource in by_urn.items()
        if (top := outermost(resource)).type.startswith("intendly:")
    }


def uses(made: Recorder) -> Edges:
    """Which component uses which, without what follows from the rest."""
    tops = top_level(made)
    edges: Edges = defaultdict(set)
    for resource in made.registrations:
        user = tops.get(resource.urn)
        for urn in resource.dependencies:
            used = tops.get(urn)
            if user and used and used.name != user.name:
                edges[user.name].add(used.name)
    return {user: used - _implied(user, edges) for user, used in edges.items()}


def _implied(user: str, edges: Edges) -> set[str]:
    """What is reached through another component as well."""
    implied: set[str] = set()
    for used in edges[user]:
        waiting = list(edges.get(used, ()))
        while waiting:
            further = waiting.pop()
            if further not in implied:
                implied.add(further)
                waiting.extend(edges.get(further, ()))
    return implied


def picture(made: Recorder) -> str:
    """A Mermaid flow chart: an arrow leads from what is used to what uses it."""
    tops = top_level(made)
    sizes: dict[str, int] = defaultdict(int)
    for urn, top in tops.items():
        sizes[top.name] += not urn.split("::")[2].split("$")[-1].startswith("intendly:")
    lines = ["```mermaid", "flowchart TD"]
    lines += [f'    {_id(name)}["{name}<br/>{_count(size)}"]' for name, size in sorted(sizes.items())]
    lines += [
        f"    {_id(used)} --> {_id(user)}"
        for user, several in sorted(uses(made).items())
        for used in sorted(several)
    ]
    return "\n".join([*lines, "```"])


def _count(size: int) -> str:
    return "1 resource" if size == 1 else f"{size} resources"


def _id(name: str) -> str:
    return name.replace("-", "_")


def page() -> str:
    """The page with the current picture in it."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{picture(recorded('production').made)}\n{END}{after}"


if __name__ == "__main__":
    sys.exit(generated.run(PAGE, page))
