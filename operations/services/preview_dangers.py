"""Why a change is dangerous, from its kind, what becomes of it and the properties that differ."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from operations.clients.engine_preview import PreviewStep
from operations.json_object import Json, dig, number, text
from operations.reports.model import Action, Danger, PropertyChange, Risk
from operations.services import preview_kinds as kinds

GONE: Final = (Action.REPLACE, Action.DELETE)
_VERB: Final = {Action.REPLACE: "replaced", Action.DELETE: "deleted"}
_WEAKER_WHEN_TRUE: Final = "deleteAutomatedBackups"
_ROOT: Final = re.compile(r"[.\[]")
_ANYWHERE: Final = ("0.0.0.0/0", "::/0")


def dangers(
    kind: str, action: Action, properties: Sequence[PropertyChange], step: PreviewStep
) -> tuple[Danger, ...]:
    """What to look at before a change is let through, the worst first.

    Args:
        kind: the resource's type.
        action: what becomes of it.
        properties: what differs.
        step: the operation, for the values themselves.
    """
    found = [
        *_when_gone(kind, action),
        *_when_weakened(kind, action, properties),
        *_when_interrupted(kind, action, properties, step),
        *_when_rights_change(kind, action, properties, step),
    ]
    order = list(Risk)
    return tuple(sorted(found, key=lambda danger: order.index(danger.risk)))


def _when_gone(kind: str, action: Action) -> Iterator[Danger]:
    if action not in GONE:
        return
    verb = _VERB[action]
    if kind in kinds.HOLDS_DATA:
        yield Danger(risk=Risk.DATA, why=f"{kinds.HOLDS_DATA[kind]}: {verb}")
    if kind == kinds.CLUSTER:
        yield Danger(risk=Risk.CLUSTER, why=f"the cluster and everything in it: {verb}")
    if kind in kinds.ENTRANCE:
        yield Danger(risk=Risk.ENTRANCE, why=f"{kinds.ENTRANCE[kind]}: {verb}")
    if kind in kinds.SERVES:
        yield Danger(risk=Risk.DOWNTIME, why=f"{verb}: {kinds.SERVES[kind]}")


def _when_weakened(kind: str, action: Action, properties: Sequence[PropertyChange]) -> Iterator[Danger]:
    if kind in kinds.GUARDS and action is not Action.CREATE:
        yield Danger(risk=Risk.SAFETY, why=f"{kinds.GUARDS[kind]}: {_VERB.get(action, 'changed')}")
    for change in properties:
        if change.path in kinds.KEEPS_SAFE.get(kind, ()) and _weaker(change):
            yield Danger(risk=Risk.SAFETY, why=f"{change.path} goes from {change.old} to {change.new}")


def _weaker(change: PropertyChange) -> bool:
    if change.path == _WEAKER_WHEN_TRUE:
        return change.new == "true"
    if change.old.isdigit() and change.new.isdigit():
        return int(change.new) < int(change.old)
    return change.old == "true" or change.new == "false" or change.old.isdigit()


def _when_interrupted(
    kind: str, action: Action, properties: Sequence[PropertyChange], step: PreviewStep
) -> Iterator[Danger]:
    if action is not Action.UPDATE:
        return
    restarting, why = kinds.RESTARTS.get(kind, (frozenset[str](), ""))
    causes = sorted({_root(change.path) for change in properties} & restarting)
    if causes:
        yield Danger(risk=Risk.DOWNTIME, why=f"{', '.join(causes)}: {why}")
    if kind.startswith("kubernetes:apps/v1:") and _pods(step.old_inputs) and not _pods(step.new_inputs):
        yield Danger(risk=Risk.DOWNTIME, why="scaled to no pods at all")
    recreates = text(step.new_inputs, "spec", "strategy", "type") == "Recreate"
    if recreates and any(change.path.startswith("spec.template") for change in properties):
        yield Danger(risk=Risk.DOWNTIME, why="all pods stop before new ones start (Recreate)")
    if kind == "aws:route53/record:Record":
        yield Danger(risk=Risk.ENTRANCE, why="a name that clients use points elsewhere")


def _pods(inputs: Json) -> int:
    """How many pods are wanted; one where it is left to Kubernetes or to an autoscaler."""
    replicas: object = dig(inputs, "spec", "replicas")
    return 1 if replicas is None else number(inputs, "spec", "replicas")


def _when_rights_change(
    kind: str, action: Action, properties: Sequence[PropertyChange], step: PreviewStep
) -> Iterator[Danger]:
    roots = {_root(change.path) for change in properties}
    if action is Action.UPDATE and roots <= kinds.HARMLESS:
        return
    if kind.startswith(kinds.ACCESS_PREFIXES):
        yield Danger(risk=Risk.ACCESS, why=f"{_past(action)}: who may do what")
    elif action is Action.UPDATE and roots & set(kinds.ACCESS_PROPERTIES.get(kind, ())):
        yield Danger(risk=Risk.ACCESS, why="its policy changes")
    if kind.startswith(kinds.FIREWALL_PREFIXES):
        yield Danger(risk=Risk.FIREWALL, why=f"{_past(action)}: {_reach(step)}")
    elif action is Action.UPDATE and (names := sorted(roots & set(kinds.FIREWALL_PROPERTIES.get(kind, ())))):
        yield Danger(risk=Risk.FIREWALL, why=f"{', '.join(names)}: what may reach it changes")


def _past(action: Action) -> str:
    return {Action.CREATE: "new", Action.IMPORT: "taken over", Action.FORGET: "forgotten"}.get(
        action, _VERB.get(action, "changed")
    )


def _reach(step: PreviewStep) -> str:
    """Which addresses and ports a rule is about, where it says so."""
    inputs = step.new_inputs or step.old_inputs
    source = next(filter(None, (text(inputs, key) for key in ("cidrIpv4", "cidrIpv6", "prefixListId"))), "")
    first, last = number(inputs, "fromPort"), number(inputs, "toPort")
    ports = f"port {first}" if first == last else f"ports {first} to {last}"
    if not source:
        return "what may reach what"
    who = "anywhere" if source in _ANYWHERE else source
    return f"{ports if first or last else 'every port'}, {who}"


def _root(path: str) -> str:
    return _ROOT.split(path, maxsplit=1)[0]
