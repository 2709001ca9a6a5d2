"""Network policies: both halves of a connection, and nothing that nobody declared."""

from collections.abc import Iterator
from dataclasses import dataclass

from components.traffic.declaration import CLOSED_WORKLOADS, flows
from components.traffic.model import Flow, Outside, Peer, Workload
from infra.addresses import addresses
from policies.graph import Graph, Node
from policies.kubernetes import NETWORK_POLICY, section
from policies.rule import Rule, Scene, Severity, rule
from policies.values import Record

NAMESPACE_LABEL = "kubernetes.io/metadata.name"
DNS_PORT = "53"


@dataclass(frozen=True, kw_only=True)
class Pods:
    """Pods of a namespace by their labels."""

    namespace: str
    labels: frozenset[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Range:
    """A range of addresses, and what is left out of it."""

    cidr: str
    excluded: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Opening:
    """What one entry of a policy lets through; shown without labels, which make a message long."""

    way: str
    """`from` or `to`."""
    peer: Pods | Range | None
    """None: everybody, or nobody knows whom."""
    port: str
    protocol: str

    def __str__(self) -> str:
        peer = self.peer
        whom = peer.cidr if isinstance(peer, Range) else peer.namespace if peer else "everybody"
        return f"{self.way} {whom} on {self.protocol} {self.port}"


def openings(policy: Node) -> Iterator[Opening]:
    """Everything a policy lets through, entry by entry."""
    for way, rules in (("from", "ingress"), ("to", "egress")):
        for one in policy.records("spec", rules):
            for peer in [_peer(found) for found in one.records(way)] or [None]:
                for port in one.records("ports") or [Record({})]:
                    yield Opening(
                        way=way,
                        peer=peer,
                        port=str(port.at("port") or "every port"),
                        protocol=str(port.at("protocol") or "TCP"),
                    )


def _peer(found: Record) -> Pods | Range | None:
    if found.has("ipBlock"):
        return Range(
            cidr=str(found.at("ipBlock", "cidr")), excluded=frozenset(found.texts("ipBlock", "except"))
        )
    namespace = section(found, "namespaceSelector", "matchLabels").at(NAMESPACE_LABEL)
    labels = section(found, "podSelector", "matchLabels")
    if not namespace or not labels:
        # Any pod of a namespace, or pods of any namespace.
        return None
    return Pods(namespace=str(namespace), labels=_pairs(labels))


def _pairs(labels: Record) -> frozenset[tuple[str, str]]:
    return frozenset((key, str(labels.at(key))) for key in labels)


def _own(policy: Node) -> Pods:
    labels = section(policy, "spec", "podSelector", "matchLabels")
    return Pods(namespace=policy.kubernetes_name[0], labels=_pairs(labels))


@rule("policy-pairs", NETWORK_POLICY, source="kube-score in part")
def pairs(policy: Node, scene: Scene) -> Iterator[str]:
    """A connection needs both halves: half a rule drops packets without a word, and looks right in a review.

    DNS needs UDP and TCP: a large answer comes by TCP alone.
    """
    mine = _own(policy)
    found = list(openings(policy))
    for one in found:
        other = "to" if one.way == "from" else "from"
        wanted = Opening(way=other, peer=mine, port=one.port, protocol=one.protocol)
        for partner in _of_pods(scene.graph, one.peer):
            if wanted not in openings(partner):
                yield f"{one}: {partner.kubernetes_name[1]} lacks its half"
    dns = {one.protocol for one in found if one.way == "to" and one.port == DNS_PORT}
    if policy.records("spec", "egress") and dns != {"TCP", "UDP"}:
        yield "it may not ask for names by both UDP and TCP"


def _of_pods(graph: Graph, peer: Pods | Range | None) -> Iterator[Node]:
    """The policies of a peer: none where it is no pod, or one that no policy closes."""
    return (one for one in graph.of(NETWORK_POLICY) if isinstance(peer, Pods) and _own(one) == peer)


@rule("policy-declared", NETWORK_POLICY, severity=Severity.CRITICAL)
def declared(policy: Node, scene: Scene) -> Iterator[str]:
    """The declaration says who needs whom, and why: what goes beyond it is a hole, and what it lacks an outage."""
    if set(policy.texts("spec", "policyTypes")) != {"Ingress", "Egress"}:
        yield "it does not close both ways"
    mine, found = _own(policy), set(openings(policy))
    if not mine.labels:
        if found:
            yield "it lets every pod of its namespace through"
        return
    workload = next((one for one in CLOSED_WORKLOADS if _pods(one) == mine), None)
    if workload is None:
        yield "it chooses pods that nobody declared"
        return
    wanted = {one for flow in flows(addresses(scene.settings)) for one in _half(flow, workload)}
    yield from sorted(f"it lets through {one}, which nobody declared" for one in found - wanted)
    yield from sorted(f"it lacks {one}" for one in wanted - found)


def _half(flow: Flow, workload: Workload) -> Iterator[Opening]:
    """What a flow opens in a workload's policy."""
    for way, here, there in (("from", flow.target, flow.source), ("to", flow.source, flow.target)):
        if here == workload:
            for port in flow.ports:
                for peer in _ends(there):
                    yield Opening(way=way, peer=peer, port=str(port.number), protocol=port.protocol)


def _ends(peer: Peer) -> Iterator[Pods | Range]:
    if isinstance(peer, Outside):
        for cidr in peer.cidrs:
            yield Range(cidr=cidr, excluded=frozenset(peer.excluded(cidr)))
    else:
        yield _pods(peer)


def _pods(workload: Workload) -> Pods:
    return Pods(namespace=workload.namespace, labels=frozenset(workload.labels.items()))


@rule("policy-complete", "kubernetes:core/v1:Namespace")
def complete(namespace: Node, scene: Scene) -> Iterator[str]:
    """Where everything is denied, a workload without a policy of its own is cut off; elsewhere it is open."""
    closed = {_own(one) for one in scene.graph.of(NETWORK_POLICY)}
    for one in CLOSED_WORKLOADS:
        if one.namespace == namespace.kubernetes_name[1] and _pods(one) not in closed:
            yield f"{one.name} has no policy of its own"


RULES: tuple[Rule, ...] = (pairs, declared, complete)
