"""What NetworkPolicies allow: a small evaluator of their semantics over plain objects, as the API server keeps them.

Source: Kubernetes' API reference, networking.k8s.io/v1. It knows nothing of how the policies were made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import Any

Object = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Pod:
    """A pod as policies see it."""

    name: str
    namespace: str
    labels: Mapping[str, str] = field(hash=False)
    address: str
    ports: Mapping[str, int] = field(default_factory=dict[str, int], hash=False)
    """Its containers' ports by name."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """Something that is no pod."""

    name: str
    address: str


Endpoint = Pod | Address


@dataclass(frozen=True, kw_only=True)
class Connection:
    """What one end opens to the other."""

    source: Endpoint
    target: Endpoint
    port: int
    protocol: str = "TCP"


class Cluster:
    """Namespaces and policies."""

    def __init__(self, policies: Sequence[Object], namespaces: Mapping[str, Mapping[str, str]]) -> None:
        self._policies = policies
        self._namespaces = namespaces

    def selecting(self, pod: Pod, direction: str) -> list[Object]:
        """Policies that isolate a pod in a direction, `Ingress` or `Egress`."""
        return [
            policy
            for policy in self._policies
            if policy["metadata"]["namespace"] == pod.namespace
            and direction in _types(policy["spec"])
            and _selects(policy["spec"]["podSelector"], pod.labels)
        ]

    def isolated(self, endpoint: Endpoint, direction: str) -> bool:
        """Whether anything is refused at all."""
        return isinstance(endpoint, Pod) and bool(self.selecting(endpoint, direction))

    def allows(self, connection: Connection) -> bool:
        """Whether a connection is possible: the source may open it and the target may take it."""
        return self._lets_out(connection) and self._lets_in(connection)

    def _lets_out(self, connection: Connection) -> bool:
        return self._passes(connection.source, "Egress", "to", connection.target, connection)

    def _lets_in(self, connection: Connection) -> bool:
        return self._passes(connection.target, "Ingress", "from", connection.source, connection)

    def _passes(
        self, end: Endpoint, direction: str, peers: str, other: Endpoint, connection: Connection, /
    ) -> bool:
        selecting = self.selecting(end, direction) if isinstance(end, Pod) else []
        return not selecting or any(
            _meets_port(_list(rule, "ports"), connection)
            and self._meets_peer(_list(rule, peers), policy["metadata"]["namespace"], other)
            for policy in selecting
            for rule in _list(policy["spec"], direction.lower())
        )

    def _meets_peer(self, peers: Sequence[Object], namespace: str, other: Endpoint) -> bool:
        return not peers or any(self._is(peer, namespace, other) for peer in peers)

    def _is(self, peer: Object, namespace: str, other: Endpoint) -> bool:
        if "ipBlock" in peer:
            address = IPv4Address(other.address)
            excluded = _list(peer["ipBlock"], "except")
            return address in IPv4Network(peer["ipBlock"]["cidr"]) and not any(
                address in IPv4Network(one) for one in excluded
            )
        if not isinstance(other, Pod):
            return False
        if "namespaceSelector" in peer:
            right_namespace = _selects(peer["namespaceSelector"], self._namespaces[other.namespace])
        else:
            right_namespace = other.namespace == namespace
        return right_namespace and _selects(peer.get("podSelector", {}), other.labels)


def _list(holder: Object, key: str) -> list[Any]:
    """A list that may be left out, which means the same as an empty one."""
    return list(holder.get(key) or ())


def _types(spec: Object) -> Sequence[str]:
    return _list(spec, "policyTypes") or ["Ingress", *(["Egress"] if _list(spec, "egress") else [])]


def _selects(selector: Object, labels: Mapping[str, str]) -> bool:
    wanted: Mapping[str, str] = selector.get("matchLabels", {})
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        _expression(one, labels) for one in _list(selector, "matchExpressions")
    )


def _expression(one: Object, labels: Mapping[str, str]) -> bool:
    value = labels.get(one["key"])
    match one["operator"]:
        case "In":
            return value in one["values"]
        case "NotIn":
            return value not in one["values"]
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case operator:
            raise ValueError(f"no operator of a label selector: {operator}")


def _meets_port(rules: Sequence[Object], connection: Connection) -> bool:
    return not rules or any(_is_port(rule, connection) for rule in rules)


def _is_port(rule: Object, connection: Connection) -> bool:
    if rule.get("protocol", "TCP") != connection.protocol:
        return False
    wanted = rule.get("port")
    if wanted is None:
        return True
    if isinstance(wanted, str):
        target = connection.target
        return isinstance(target, Pod) and target.ports.get(wanted) == connection.port
    return wanted <= connection.port <= rule.get("endPort", wanted)
