"""Whether the internet reaches database and cache by any path: routes, listeners, security groups, network policies."""

from collections.abc import Iterator
from ipaddress import IPv4Network

from policies.graph import Graph, Node
from policies.kubernetes import CONFIG_MAP, EXTERNAL_SECRET, NAMESPACE, RELEASE, SERVICE, section
from policies.pod_traffic import Pods, PodTraffic
from policies.reach import BALANCER, CACHE, CLUSTER, DATABASE, is_public, subnets
from policies.rule import Rule, Scene, Severity, rule
from policies.security_groups import GROUP, INGRESS_RULE, OLD_RULE, Opening, openings

LISTENER = "aws:lb/listener:Listener"
TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"

GROUPS_OF = {DATABASE: "vpcSecurityGroupIds", CACHE: "securityGroupIds", BALANCER: "securityGroups"}
"""Which property of a type names its security groups."""

DECLARING = (EXTERNAL_SECRET, VERSION, CONFIG_MAP)
"""Through what a workload is told where a store is."""

SYSTEM = "kube-system"
"""EKS's own namespace: what runs there answers names and counts, and is not followed."""


def _openings(graph: Graph) -> Iterator[Opening]:
    for one in graph.of(GROUP, OLD_RULE, INGRESS_RULE):
        yield from openings(one, graph)


def _outside(graph: Graph) -> Iterator[Node]:
    """Load balancers that the internet reaches: public ones, in public subnets, with a group that is open to it."""
    for balancer in graph.of(BALANCER):
        groups = graph.sources(balancer, GROUPS_OF[BALANCER], GROUP)
        open_to_all = any(one.to_the_world and one.owner in groups for one in _openings(graph))
        routed = any(is_public(subnet, graph) for subnet in subnets(balancer, graph))
        if balancer.at("internal") is not True and routed and (open_to_all or not groups):
            yield balancer


def _groups_outside(graph: Graph) -> frozenset[str]:
    """Groups that the internet's packets come through, one after the other; the cluster's is asked pod by pod."""
    reached = {
        group.urn
        for balancer in _outside(graph)
        for group in graph.sources(balancer, GROUPS_OF[BALANCER], GROUP)
    }
    while True:
        more = {
            one.owner.urn
            for one in _openings(graph)
            if one.owner and one.owner.type == GROUP and any(caller.urn in reached for caller in one.callers)
        }
        if more <= reached:
            return frozenset(reached)
        reached |= more


def _admitted(store: Node, graph: Graph) -> Iterator[Opening]:
    """What a store's own groups let in at its port."""
    groups = graph.sources(store, GROUPS_OF[store.type], GROUP)
    for one in _openings(graph):
        if one.owner in groups and (one.protocol == "-1" or store.at("port") in one.ports):
            yield one


def _ranges(node: Node, graph: Graph) -> tuple[str, ...]:
    return tuple(str(subnet.at("cidrBlock")) for subnet in subnets(node, graph))


def _entries(graph: Graph, traffic: PodTraffic) -> Iterator[Pods]:
    """The pods that load balancers lead the internet to: through a listener, a port of the nodes, and their group."""
    for balancer in _outside(graph):
        groups = graph.sources(balancer, GROUPS_OF[BALANCER], GROUP)
        for listener in graph.users(balancer, "loadBalancerArn", LISTENER):
            for target in graph.sources(listener, "defaultActions", TARGET_GROUP):
                port = target.at("port")
                let_in = any(
                    one.owner
                    and one.owner.type == CLUSTER
                    and port in one.ports
                    and (one.to_the_world or any(caller in groups for caller in one.callers))
                    for one in _openings(graph)
                )
                if let_in:
                    yield from (pods for pods in traffic.pods if _listens(pods, port, graph))


def _listens(pods: Pods, port: int, graph: Graph) -> bool:
    """Whether a release or a Service leads a port of the nodes to these pods."""
    for release in graph.of(RELEASE):
        ports = section(release, "values", "ports")
        if any(ports.at(name, "nodePort") == port for name in ports):
            here = pods.namespace == release.at("namespace")
            if here and pods.labels.get("app.kubernetes.io/name") == release.at("chart"):
                return True
    for service in graph.of(SERVICE):
        if service.kubernetes_name[0] == pods.namespace and any(
            one.at("nodePort") == port for one in service.records("spec", "ports")
        ):
            wanted = section(service, "spec", "selector")
            return all(pods.labels.get(key) == wanted.at(key) for key in wanted)
    return False


def _reached(graph: Graph, traffic: PodTraffic) -> Iterator[tuple[Pods, str]]:
    """Every pod that the internet's requests can come to, from pod to pod, each with the way there."""
    waiting = [(pods, pods.name) for pods in _entries(graph, traffic)]
    left = [pods for pods in traffic.pods if all(pods is not one for one, _ in waiting)]
    while waiting:
        here, way = waiting.pop(0)
        yield here, way
        if here.namespace != SYSTEM:
            called = [pods for pods in left if traffic.may_speak(here, pods)]
            left = [pods for pods in left if all(pods is not one for one in called)]
            waiting += [(pods, f"{way}, {pods.name}") for pods in called]


def _declares(pods: Pods, store: Node, graph: Graph) -> bool:
    """Whether a workload is told where a store is: in its own environment, or by a secret that it reads."""
    waiting = [pods.workload] if pods.workload else []
    while waiting:
        here = waiting.pop()
        sources = {urn for urns in here.property_dependencies.values() for urn in urns}
        if store.urn in sources:
            return True
        found = [graph.by_urn[urn] for urn in sources if urn in graph.by_urn]
        waiting += [one for one in found if one.type in DECLARING]
    return False


@rule("network-world-cannot-reach-data", DATABASE, CACHE, NAMESPACE, severity=Severity.CRITICAL)
def world_cannot_reach_data(node: Node, scene: Scene) -> Iterator[str]:
    """From the internet no path leads to the data, but through a workload that says it needs it.

    Security groups alone cannot decide it: the load balancer reaches the nodes, and all pods of a node have its group.
    So the cut must be in what the pods may open.
    """
    graph = scene.graph
    if node.type == NAMESPACE:
        yield from _by_pods(node, graph)
        return
    public = any(is_public(subnet, graph) for subnet in subnets(node, graph))
    outside = _groups_outside(graph)
    stands = tuple(cidr for balancer in _outside(graph) for cidr in _ranges(balancer, graph))
    for one in _admitted(node, graph):
        if one.to_the_world and public:
            yield "the internet reaches it directly"
        yield from (f"the internet reaches it by {each.name}" for each in one.callers if each.urn in outside)
        if any(IPv4Network(mine).overlaps(IPv4Network(other)) for mine in _fours(one) for other in stands):
            yield "it is open to the load balancer's addresses"


def _fours(opening: Opening) -> Iterator[str]:
    return (cidr for cidr in opening.cidrs if ":" not in cidr)


def _by_pods(namespace: Node, graph: Graph) -> Iterator[str]:
    traffic = PodTraffic(graph)
    here = [pods for pods in traffic.pods if pods.namespace == namespace.kubernetes_name[1]]
    found = [(pods, store) for pods in here for store in _opened(pods, traffic, graph)]
    ways = list(_reached(graph, traffic)) if found else []
    for pods, store in found:
        for other, way in ways:
            if other is pods:
                yield f"the internet reaches {store.name} by {way}, which does not say that it needs it"


def _opened(pods: Pods, traffic: PodTraffic, graph: Graph) -> Iterator[Node]:
    """The stores that pods may open without saying that they need them."""
    for store in graph.of(DATABASE, CACHE):
        open_to_nodes = any(
            one.cidrs or any(caller.type == CLUSTER for caller in one.callers)
            for one in _admitted(store, graph)
        )
        may = traffic.may_open(pods, _ranges(store, graph), int(store.at("port") or 0))
        if open_to_nodes and may and not _declares(pods, store, graph):
            yield store


RULES: tuple[Rule, ...] = (world_cannot_reach_data,)
