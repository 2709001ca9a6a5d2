"""What a rule looks at when it judges a resource: an edit elsewhere cannot change what it says."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from policies.graph import Graph, Node
from policies.registry import RULES
from policies.rule import Rule
from tests.support.policy_graph import scene


@dataclass(frozen=True, kw_only=True)
class Look:
    """One rule's look at one resource."""

    urns: frozenset[str]
    """Resources that it read."""
    types: frozenset[str]
    """Types of which it wanted all there are."""

    def meets(self, node: Node) -> bool:
        """Whether a change of this resource may be seen."""
        return node.urn in self.urns or node.type in self.types


class _Watched(Node):
    """Notes that it is read."""

    read: ClassVar[set[str]] = set()

    def __getattribute__(self, name: str) -> object:
        if not name.startswith("__") and name not in ("type", "name", "urn"):
            _Watched.read.add(object.__getattribute__(self, "urn"))
        return object.__getattribute__(self, name)


class _WatchedGraph(Graph):
    """Notes what is asked for, found or not."""

    wanted: ClassVar[set[str]] = set()

    def of(self, *types: str) -> tuple[Node, ...]:
        self.wanted.update(types)
        return super().of(*types)

    def sources(self, node: Node, key: str, *types: str) -> tuple[Node, ...]:
        return self._noted(super().sources(node, key, *types))

    def users(self, node: Node, key: str, *types: str) -> tuple[Node, ...]:
        # Which others come from a node is written in those others: any of these types may.
        self.wanted.update(types)
        return self._noted(super().users(node, key, *types))

    @staticmethod
    def _noted(found: tuple[Node, ...]) -> tuple[Node, ...]:
        _Watched.read.update(one.urn for one in found)
        return found


def looks_at(base: Graph, stack: str) -> dict[str, dict[str, Look]]:
    """By rule and resource, what the rule looks at."""
    graph = _WatchedGraph(
        nodes=tuple(_Watched(**vars(node)) for node in base.nodes),
        outputs=base.outputs,
        secret_outputs=base.secret_outputs,
        lacks=base.lacks,
    )
    # The indices read everything, once.
    graph.users(graph.nodes[0], "")
    assert graph.by_urn
    return {rule.id: dict(_looks(rule, graph, stack)) for rule in RULES}


def _looks(rule: Rule, graph: Graph, stack: str) -> Iterable[tuple[str, Look]]:
    for subject in list(rule.subjects(graph)):
        _Watched.read.clear()
        _WatchedGraph.wanted.clear()
        list(rule.check(subject, scene(graph, stack)))
        yield (
            subject.urn,
            Look(urns=frozenset(_Watched.read), types=frozenset(_WatchedGraph.wanted)),
        )
