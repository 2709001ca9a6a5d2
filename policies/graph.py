"""A stack's resources as rules see them, whoever recorded them: tests, the engine, or a state file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from policies.values import Record

SECRET_MARKS = "secret marks"  # noqa: S105 - the name of a fact, no password
RETAIN_ON_DELETE = "retainOnDelete"
DELETED_WITH = "deletedWith"
"""Facts that a recording may lack; a rule that needs one says so."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """The resource options that rules ask about."""

    protect: bool = False
    ignore_changes: tuple[str, ...] = ()
    retain_on_delete: bool = False
    """Only where the graph does not lack it."""
    deleted_with: str = ""
    """URN; only where the graph does not lack it."""
    provider: str = ""
    """URN of the explicit provider, or an empty text."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """One resource."""

    urn: str
    type: str
    name: str
    properties: Record
    options: Options = Options()
    parent: str = ""
    """URN of the parent."""
    dependencies: frozenset[str] = frozenset()
    """URNs that this resource waits for."""
    property_dependencies: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """URNs that each top-level property comes from: these are known even when the value is not."""
    secret_paths: frozenset[tuple[str, ...]] = frozenset()
    """Paths of properties that are marked secret; only where the graph does not lack the marks."""

    def at(self, *path: str) -> Any:  # noqa: ANN401 - JSON
        """As `Record.at` of the properties."""
        return self.properties.at(*path)

    def has(self, *path: str) -> bool:
        """As `Record.has` of the properties."""
        return self.properties.has(*path)

    def knows(self, *path: str) -> bool:
        """As `Record.knows` of the properties."""
        return self.properties.knows(*path)

    def records(self, *path: str) -> tuple[Record, ...]:
        """As `Record.records` of the properties."""
        return self.properties.records(*path)

    def texts(self, *path: str) -> tuple[str, ...]:
        """As `Record.texts` of the properties."""
        return self.properties.texts(*path)

    def document(self, *path: str) -> Record:
        """As `Record.document` of the properties."""
        return self.properties.document(*path)

    def is_secret(self, *path: str) -> bool:
        """Whether the value at the path, or something it lies in, is marked secret."""
        return any(path[:length] in self.secret_paths for length in range(1, len(path) + 1))

    @property
    def kubernetes_name(self) -> tuple[str, str]:
        """Namespace and name of a Kubernetes object."""
        return str(self.at("metadata", "namespace") or ""), str(self.at("metadata", "name") or "")


@dataclass(frozen=True, kw_only=True)
class Graph:
    """All resources of one stack, sorted by URN, and what the stack tells the world."""

    nodes: tuple[Node, ...]
    outputs: Record = field(default_factory=lambda: Record({}))
    secret_outputs: frozenset[str] = frozenset()
    """Names of outputs that are, or hold, a secret."""
    lacks: frozenset[str] = frozenset()
    """Facts that this recording cannot tell: `SECRET_MARKS`, `RETAIN_ON_DELETE`, `DELETED_WITH`."""

    @cached_property
    def by_urn(self) -> Mapping[str, Node]:
        """Every node by its URN."""
        return {node.urn: node for node in self.nodes}

    @cached_property
    def _by_type(self) -> Mapping[str, tuple[Node, ...]]:
        found: dict[str, list[Node]] = {}
        for node in self.nodes:
            found.setdefault(node.type, []).append(node)
        return {kind: tuple(nodes) for kind, nodes in found.items()}

    @cached_property
    def _users(self) -> Mapping[str, tuple[tuple[str, Node], ...]]:
        found: dict[str, list[tuple[str, Node]]] = {}
        for node in self.nodes:
            for key, urns in node.property_dependencies.items():
                for urn in urns:
                    found.setdefault(urn, []).append((key, node))
        return {urn: tuple(users) for urn, users in found.items()}

    def of(self, *types: str) -> tuple[Node, ...]:
        """Every node of these types."""
        return tuple(node for kind in types for node in self._by_type.get(kind, ()))

    def sources(self, node: Node, key: str, *types: str) -> tuple[Node, ...]:
        """What a top-level property comes from: `sources(instance, "kmsKeyId", "aws:kms/key:Key")`."""
        urns = sorted(node.property_dependencies.get(key, frozenset()))
        return tuple(self._chosen((self.by_urn[urn] for urn in urns if urn in self.by_urn), types))

    def users(self, node: Node, key: str, *types: str) -> tuple[Node, ...]:
        """Nodes whose top-level property `key` comes from this one: `users(vpc, "vpcId", "aws:ec2/subnet:Subnet")`."""
        return tuple(self._chosen((user for by, user in self._users.get(node.urn, ()) if by == key), types))

    def children(self, node: Node) -> tuple[Node, ...]:
        """The nodes whose parent this is."""
        return tuple(other for other in self.nodes if other.parent == node.urn)

    @staticmethod
    def _chosen(nodes: Iterable[Node], types: tuple[str, ...]) -> Iterable[Node]:
        return (node for node in nodes if not types or node.type in types)
