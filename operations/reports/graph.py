"""The graph of what changes, laid out in layers: what is used stands above what uses it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from operations.reports.model import Action, Change, Report, counted

SINGLE_RESOURCES: Final = 24
"""Up to so many changes are drawn one by one; more are drawn by component."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """What is drawn as a box: one resource, or a component with its changes."""

    key: str
    title: str
    subtitle: str
    action: Action
    """What becomes of it, or the hardest to undo of what becomes of its parts."""
    dangerous: bool
    target: str
    """The URN of the change, or the name of the component, that the box leads to."""


@dataclass(frozen=True, kw_only=True)
class Graph:
    """Boxes in layers, and which uses which: pairs of used and user. What follows from others is left out."""

    layers: tuple[tuple[Node, ...], ...]
    edges: tuple[tuple[str, str], ...]


def make_graph(report: Report) -> Graph:
    """The graph of what changes."""
    if len(report.changes) <= SINGLE_RESOURCES:
        nodes = {change.urn: _resource(change) for change in report.changes}
        owner = {change.urn: change.urn for change in report.changes}
    else:
        nodes = {name: _component(name, changes) for name, changes in report.components}
        owner = {change.urn: change.component for change in report.changes}
    used = {
        (owner[urn], owner[change.urn])
        for change in report.changes
        for urn in change.depends_on
        if urn in owner and owner[urn] != owner[change.urn]
    }
    ranks = _ranks(list(nodes), used)
    edges = _direct({(one, other) for one, other in used if ranks[one] < ranks[other]}, ranks)
    layers = [
        [key for key in nodes if ranks[key] == rank] for rank in range(max(ranks.values(), default=-1) + 1)
    ]
    return Graph(
        layers=tuple(tuple(nodes[key] for key in layer) for layer in _untangled(layers, edges)),
        edges=tuple(sorted(edges)),
    )


def _resource(change: Change) -> Node:
    return Node(
        key=change.urn,
        title=change.name,
        subtitle=f"{change.action} {change.short_kind}",
        action=change.action,
        dangerous=bool(change.dangers),
        target=change.urn,
    )


def _component(name: str, changes: Sequence[Change]) -> Node:
    return Node(
        key=name,
        title=name,
        subtitle=counted(changes),
        action=min((change.action for change in changes), key=list(Action).index),
        dangerous=any(change.dangers for change in changes),
        target=name,
    )


def _ranks(keys: Sequence[str], used: set[tuple[str, str]]) -> dict[str, int]:
    """The layer of each: below all that it uses. What goes round in a circle is cut where it is met again."""
    above: dict[str, list[str]] = {key: [] for key in keys}
    for one, other in sorted(used):
        above[other].append(one)
    ranks: dict[str, int] = {}
    for start in keys:
        _rank(start, above, ranks)
    return ranks


def _rank(start: str, above: Mapping[str, list[str]], ranks: dict[str, int]) -> None:
    """Depth first, without recursion: a chain may be longer than Python's stack."""
    waiting, entered = [start], set[str]()
    while waiting:
        key = waiting[-1]
        fresh = [one for one in above[key] if one not in ranks and one not in entered]
        entered.add(key)
        if fresh and key not in ranks:
            waiting.extend(fresh)
            continue
        waiting.pop()
        if key not in ranks:
            ranks[key] = 1 + max((ranks[one] for one in above[key] if one in ranks), default=-1)


def _direct(edges: set[tuple[str, str]], ranks: Mapping[str, int]) -> set[tuple[str, str]]:
    """The edges without those that follow from others, which would hide them."""
    users: dict[str, set[str]] = {}
    for one, other in edges:
        users.setdefault(one, set()).add(other)
    below: dict[str, set[str]] = {}
    for key in sorted(ranks, key=lambda key: -ranks[key]):
        below[key] = set[str]().union(*({user} | below[user] for user in users.get(key, ())))
    return {
        (one, other)
        for one, other in edges
        if not any(other in below[user] for user in users[one] if user != other)
    }


def _untangled(layers: list[list[str]], edges: set[tuple[str, str]]) -> list[list[str]]:
    """Each layer in the order of what its boxes use, so that few lines cross."""
    place: dict[str, float] = {}
    for layer in layers:
        for key in layer:
            users = [place[one] for one, other in edges if other == key and one in place]
            place[key] = sum(users) / len(users) if users else 0.5
        layer.sort(key=lambda key: (place[key], key))
        place.update({key: (index + 0.5) / len(layer) for index, key in enumerate(layer)})
    return layers
