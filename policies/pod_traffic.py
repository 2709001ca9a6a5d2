"""Which pods may speak to which, and to which addresses, by the network policies that choose them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Network

from policies.graph import Graph, Node
from policies.kubernetes import NETWORK_POLICY, SERVING, pod_labels, section, selects
from policies.reach import NODE_GROUP, subnets
from policies.values import Record

NAMESPACE_LABEL = "kubernetes.io/metadata.name"

PEERS = {"Ingress": ("ingress", "from"), "Egress": ("egress", "to")}
"""Where a policy writes what it lets in and out."""


@dataclass(frozen=True, kw_only=True)
class Pods:
    """Pods with the same labels; of charts' pods, those labels that policies know them by."""

    namespace: str
    labels: Mapping[str, str]
    workload: Node | None = None
    """What makes them, if the program does."""

    @property
    def name(self) -> str:
        """How a message calls them."""
        return next(iter(self.labels.values()), "any pod")


@dataclass(frozen=True, kw_only=True)
class Way:
    """One entry of a policy."""

    peers: tuple[Record, ...]
    """Whom it means; none: everybody."""
    ports: frozenset[int] | None
    """None: every port, or one that has a name."""
    namespace: str
    """The policy's own, which a peer without a namespace means."""


class PodTraffic:
    """The conversations that a graph's policies allow."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._policies = graph.of(NETWORK_POLICY)
        self._pod_ranges = {
            str(subnet.at("cidrBlock")) for group in graph.of(NODE_GROUP) for subnet in subnets(group, graph)
        }
        self._entries: dict[tuple[str, str], tuple[Way, ...]] = {}
        self._ways: dict[tuple[int, str], tuple[Way, ...] | None] = {}
        self.pods = tuple(self._all_pods())

    def _all_pods(self) -> Iterator[Pods]:
        """Pods of the program's workloads, and those that policies choose or mean."""
        makers = self._graph.of(*SERVING)
        found = [_pods(one.kubernetes_name[0], pod_labels(one), one) for one in makers]
        for policy in self._policies:
            namespace = policy.kubernetes_name[0]
            found.append(_pods(namespace, section(policy, "spec", "podSelector", "matchLabels")))
            for peer in (peer for kind in PEERS for way in self._read(policy, kind) for peer in way.peers):
                other = section(peer, "namespaceSelector", "matchLabels").at(NAMESPACE_LABEL)
                labels = section(peer, "podSelector", "matchLabels")
                found.append(_pods(str(other or namespace), labels))
        kept: dict[tuple[str, frozenset[tuple[str, str]]], Pods] = {}
        for one in found:
            known = any(
                other.workload
                and one.namespace == other.namespace
                and one.labels.items() <= other.labels.items()
                for other in kept.values()
            )
            if one.labels and not known:
                kept.setdefault((one.namespace, frozenset(one.labels.items())), one)
        yield from kept.values()

    def ways(self, pods: Pods, direction: str) -> tuple[Way, ...] | None:
        """What may come in (`Ingress`) or go out (`Egress`); None: no policy closes this direction."""
        key = (id(pods), direction)
        if key not in self._ways:
            self._ways[key] = self._all_ways(pods, direction)
        return self._ways[key]

    def _all_ways(self, pods: Pods, direction: str) -> tuple[Way, ...] | None:
        closing = [
            policy
            for policy in self._policies
            if policy.kubernetes_name[0] == pods.namespace
            and direction in policy.texts("spec", "policyTypes")
            and selects(section(policy, "spec", "podSelector"), Record(dict(pods.labels)))
        ]
        if not closing:
            return None
        return tuple(way for policy in closing for way in self._read(policy, direction))

    def _read(self, policy: Node, direction: str) -> tuple[Way, ...]:
        """A policy's entries, read once."""
        key = (policy.urn, direction)
        if key not in self._entries:
            self._entries[key] = tuple(_ways(policy, direction))
        return self._entries[key]

    def may_open(self, pods: Pods, ranges: tuple[str, ...], port: int) -> bool:
        """Whether pods may connect to a port at one of these ranges of addresses."""
        ways = self.ways(pods, "Egress")
        return ways is None or any(
            (way.ports is None or port in way.ports)
            and (not way.peers or any(_meets(peer, cidr) for peer in way.peers for cidr in ranges))
            for way in ways
        )

    def may_speak(self, source: Pods, target: Pods) -> bool:
        """Whether pods may connect to others at some port."""
        outward, inward = self.ways(source, "Egress"), self.ways(target, "Ingress")
        exits = self._ports(outward, target)
        entries = self._ports(inward, source)
        return any(
            mine is None or theirs is None or bool(mine & theirs) for mine in exits for theirs in entries
        )

    def _ports(self, ways: tuple[Way, ...] | None, other: Pods) -> list[frozenset[int] | None]:
        """The ports, entry by entry, at which a direction is open to other pods."""
        if ways is None:
            return [None]
        return [
            way.ports
            for way in ways
            if not way.peers or any(self._means(peer, way.namespace, other) for peer in way.peers)
        ]

    def _means(self, peer: Record, namespace: str, other: Pods) -> bool:
        if peer.has("ipBlock"):
            return any(_meets(peer, cidr) for cidr in self._pod_ranges)
        if peer.has("namespaceSelector"):
            known = Record({NAMESPACE_LABEL: other.namespace})
            if not selects(section(peer, "namespaceSelector"), known):
                return False
        elif other.namespace != namespace:
            return False
        return selects(section(peer, "podSelector"), Record(dict(other.labels)))


def _pods(namespace: str, labels: Record, workload: Node | None = None) -> Pods:
    return Pods(namespace=namespace, labels={key: str(labels.at(key)) for key in labels}, workload=workload)


def _ways(policy: Node, direction: str) -> Iterator[Way]:
    entries, end = PEERS[direction]
    for one in policy.records("spec", entries):
        ports = [port.at("port") for port in one.records("ports")]
        numbers = frozenset(port for port in ports if isinstance(port, int))
        spanned = any(port.has("endPort") for port in one.records("ports"))
        yield Way(
            peers=one.records(end),
            ports=numbers if ports and len(numbers) == len(set(ports)) and not spanned else None,
            namespace=policy.kubernetes_name[0],
        )


_network = cache(IPv4Network)


def _meets(peer: Record, cidr: str) -> bool:
    """Whether a peer's range of addresses shares one with another that is not taken out of it."""
    if not peer.has("ipBlock"):
        return False
    other = _network(cidr)
    without = [_network(one) for one in peer.texts("ipBlock", "except")]
    return _network(str(peer.at("ipBlock", "cidr"))).overlaps(other) and not any(
        other.subnet_of(one) for one in without
    )
