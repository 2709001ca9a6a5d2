"""The recorded stacks as policies see them, and drafts: graphs that a test edits."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any, Self

from policies.graph import DELETED_WITH, Graph, Node, Options
from policies.rule import Scene
from policies.values import Raw, Record, normalised
from tests.support.recorder import Recorder, Registration
from tests.support.stacks import recorded

TODAY = date(2026, 11, 25)
"""The day that tests of policies play on."""


def recorded_graph(
    made: Recorder, outputs: Mapping[str, Any] | None = None, secrets: Iterable[str] = ()
) -> Graph:
    """A recording as a graph."""
    nodes = sorted((_node(one) for one in made.registrations), key=lambda node: node.urn)
    return Graph(
        nodes=tuple(nodes),
        outputs=Record(normalised(outputs or {})),
        secret_outputs=frozenset(secrets),
        lacks=frozenset({DELETED_WITH}),
    )


@cache
def stack_graph(stack: str) -> Graph:
    """The graph of a tracked stack."""
    found = recorded(stack)
    return recorded_graph(found.made, found.outputs, found.secret_outputs)


def scene(graph: Graph, stack: str = "production", today: date = TODAY) -> Scene:
    """A graph with the tracked settings of a stack, on a fixed day."""
    return Scene(graph=graph, settings=recorded(stack).settings, today=today)


def _node(one: Registration) -> Node:
    return Node(
        urn=one.urn,
        type=one.type,
        name=one.name,
        properties=Record(normalised(one.inputs)),
        options=Options(
            protect=one.protect,
            ignore_changes=one.ignore_changes,
            retain_on_delete=one.retain_on_delete,
            provider=one.provider.rpartition("::")[0],
        ),
        parent=one.parent,
        dependencies=one.dependencies,
        property_dependencies=one.property_dependencies,
        secret_paths=one.secret_paths,
    )


class Draft:
    """A graph that a test edits; the graph it was made from stays as it is."""

    def __init__(self, graph: Graph | None = None) -> None:
        self._base = graph or Graph(nodes=())
        self._nodes = dict(self._base.by_urn)

    def graph(self) -> Graph:
        """What the draft has become."""
        return replace(self._base, nodes=tuple(self._nodes[urn] for urn in sorted(self._nodes)))

    def node(self, kind: str, name: str = "") -> Node:
        """The resource of a type, by its logical name where there are several."""
        found = [one for one in self._nodes.values() if one.type == kind and name in ("", one.name)]
        assert len(found) == 1, f"{len(found)} of {kind} {name}: {[one.name for one in found]}"
        return found[0]

    def set(self, node: Node, *path: str | int, to: Any) -> Self:  # noqa: ANN401 - JSON
        """Give a property a value (`UNKNOWN` too); numbers in the path are places in a list."""
        raw = deepcopy(self._nodes[node.urn].properties.raw)
        _walk(raw, path[:-1])[path[-1]] = normalised(to)
        return self._put(node, raw)

    def unset(self, node: Node, *path: str | int) -> Self:
        """Leave a property out, and where it came from."""
        now = self._nodes[node.urn]
        raw = deepcopy(now.properties.raw)
        del _walk(raw, path[:-1])[path[-1]]
        edges = {key: urns for key, urns in now.property_dependencies.items() if (key,) != path}
        self._nodes[node.urn] = replace(now, property_dependencies=edges)
        return self._put(node, raw)

    def options(self, node: Node, **values: Any) -> Self:  # noqa: ANN401 - as `Options`
        """Change resource options."""
        now = self._nodes[node.urn]
        self._nodes[node.urn] = replace(now, options=replace(now.options, **values))
        return self

    def marks(self, node: Node, secret_paths: frozenset[tuple[str, ...]]) -> Self:
        """Change the marks of secrecy."""
        self._nodes[node.urn] = replace(self._nodes[node.urn], secret_paths=secret_paths)
        return self

    def unlink(self, node: Node, key: str) -> Self:
        """Let a property come from nowhere: somebody wrote it out."""
        now = self._nodes[node.urn]
        edges = {name: urns for name, urns in now.property_dependencies.items() if name != key}
        self._nodes[node.urn] = replace(now, property_dependencies=edges)
        return self

    def mark(self, node: Node, *path: str) -> Self:
        """Mark a value as a secret."""
        now = self._nodes[node.urn]
        self._nodes[node.urn] = replace(now, secret_paths=now.secret_paths | {path})
        return self

    def output(self, name: str, value: Any) -> Self:  # noqa: ANN401 - JSON
        """Let the stack tell the world something."""
        told = self._base.outputs.raw | {name: normalised(value)}
        self._base = replace(self._base, outputs=Record(told))
        return self

    def remove(self, node: Node) -> Self:
        """Leave a resource out, and what leads to it."""
        del self._nodes[node.urn]
        for urn, other in self._nodes.items():
            if node.urn in other.dependencies:
                self._nodes[urn] = replace(
                    other,
                    dependencies=other.dependencies - {node.urn},
                    property_dependencies={
                        key: urns - {node.urn} for key, urns in other.property_dependencies.items()
                    },
                )
        return self

    def add(
        self, kind: str, name: str, properties: Raw, sources: Mapping[str, Iterable[Node]] | None = None
    ) -> Node:
        """Add a resource by the program's provider; `sources` says which nodes a property comes from."""
        edges = {key: frozenset(one.urn for one in nodes) for key, nodes in (sources or {}).items()}
        node = Node(
            urn=f"urn:pulumi:test::intendly::{kind}::{name}",
            type=kind,
            name=name,
            properties=Record(normalised(properties)),
            options=Options(provider=self._provider(kind)),
            dependencies=frozenset[str]().union(*edges.values()),
            property_dependencies=edges,
        )
        self._nodes[node.urn] = node
        return node

    def _provider(self, kind: str) -> str:
        """The program's own provider of a type, where there is one."""
        wanted = f"pulumi:providers:{kind.partition(':')[0]}"
        return next((urn for urn, one in self._nodes.items() if one.type == wanted), "")

    def _put(self, node: Node, raw: Raw) -> Self:
        self._nodes[node.urn] = replace(self._nodes[node.urn], properties=Record(raw))
        return self


def _walk(raw: Any, path: Iterable[str | int]) -> Any:  # noqa: ANN401 - JSON
    """The object or list at a path; objects that are missing are made."""
    for key in path:
        if isinstance(key, str):
            raw.setdefault(key, {})
        raw = raw[key]
    return raw
