"""A preview made into a report: one change a resource, by component, the dangerous first."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Final

from operations.clients.engine_preview import Preview, PreviewStep
from operations.reports.model import Action, Change, Cost, Policies, Report
from operations.services.preview_dangers import dangers
from operations.services.preview_differences import property_changes

STACK: Final = "pulumi:pulumi:Stack"

_ACTIONS: Final[Mapping[str, Action]] = {
    "create": Action.CREATE,
    "update": Action.UPDATE,
    "delete": Action.DELETE,
    "create-replacement": Action.REPLACE,
    "replace": Action.REPLACE,
    "delete-replaced": Action.REPLACE,
    "discard-replaced": Action.REPLACE,
    "import": Action.IMPORT,
    "import-replacement": Action.REPLACE,
    "remove-pending-replace": Action.REPLACE,
    "discard": Action.FORGET,
}
"""What the engine's operations come to; one that is not here is shown as an update."""


def make_report(
    stack: str, preview: Preview, *, cost: Cost | None = None, policies: Policies | None = None
) -> Report:
    """What an update of the stack would do.

    Args:
        stack: the stack.
        preview: what the engine said.
        cost: what it costs, where that is known.
        policies: what the policies say, where they were asked.
    """
    parents = {step.urn: step.parent for step in preview.steps if step.parent}
    changing = [step for step in preview.steps if step.changes and kind_of(step.urn) != STACK]
    by_urn = sorted(changing, key=lambda step: step.urn)
    changes = [_change(urn, list(steps), parents) for urn, steps in groupby(by_urn, lambda step: step.urn)]
    shown = {change.urn for change in changes}
    return Report(
        stack=stack,
        changes=tuple(sorted(changes, key=lambda change: change.rank)),
        unchanged=len({step.urn for step in preview.steps if kind_of(step.urn) != STACK} - shown),
        warnings=preview.warnings,
        cost=cost,
        policies=policies,
    )


def kind_of(urn: str) -> str:
    """The type of the resource with this URN."""
    return urn.split("::")[2].rpartition("$")[2]


def _change(urn: str, steps: Sequence[PreviewStep], parents: Mapping[str, str]) -> Change:
    kind = kind_of(urn)
    action = min((_ACTIONS.get(step.operation, Action.UPDATE) for step in steps), key=list(Action).index)
    # Of a replacement's operations, the one that says why has both states.
    telling = max(steps, key=lambda step: (len(step.differs), bool(step.new_inputs)))
    properties = property_changes(telling, kind) if action in (Action.UPDATE, Action.REPLACE) else ()
    return Change(
        urn=urn,
        kind=kind,
        component=_component(urn, parents),
        action=action,
        dangers=dangers(kind, action, properties, telling),
        properties=properties,
        depends_on=tuple(dict.fromkeys(_uses(steps))),
    )


def _uses(steps: Iterable[PreviewStep]) -> Iterable[str]:
    for step in steps:
        yield from step.depends_on


def _component(urn: str, parents: Mapping[str, str]) -> str:
    """The topmost component above a resource; its own name where it hangs from the stack itself."""
    seen = {urn}
    while (parent := parents.get(urn, "")) and kind_of(parent) != STACK and parent not in seen:
        urn = parent
        seen.add(urn)
    return urn.rsplit("::", 1)[-1]
