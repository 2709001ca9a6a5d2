"""Whether what is promised fits: pods on nodes, connections in the database."""

from collections.abc import Iterator
from math import floor

from infra.settings.rules.capacity import (
    RESERVED_CONNECTIONS,
    UPDATE_PODS,
    Amount,
    max_connections,
    node_allocatable,
    platform_needs,
)
from policies.graph import Graph, Node
from policies.kubernetes import DEPLOYMENT, SERVING, containers, least_pods, variables
from policies.load import asked, most_pods, surge
from policies.node_groups import groups, instance_type, max_pods
from policies.reach import CLUSTER, DATABASE, subnets, zone
from policies.rule import PRODUCTION, Rule, Scene, rule

POOL = "DB_POOL_MAX"
"""The variable that says how many connections a pod may open."""

CONNECTIONS_PERCENT = 80
"""Share of the database's connections that pods may open: the rest is for people and for what nobody thought of."""


@rule("nodes-capacity", CLUSTER)
def holds_all_pods(cluster: Node, scene: Scene) -> Iterator[str]:
    """A maximum of pods that cannot be scheduled is no maximum; and at the minimum of nodes, the minimum of pods must fit.

    In production also with one zone lost.
    """
    needs = platform_needs(scene.settings)
    workloads = scene.graph.of(*SERVING)
    for what, size, count in (
        ("maxSize", "maxSize", _most_in_an_update),
        ("minSize", "minSize", least_pods),
    ):
        pods = asked(scene.graph, workloads, count)
        needed = Amount(pods.cpu + needs.cpu, pods.memory + needs.memory)
        there = _room(cluster, scene, size)
        if needed.cpu > there.cpu or needed.memory > there.memory:
            yield f"at {what} its nodes hold {there}; the pods that must run then reserve {needed}"


def _most_in_an_update(graph: Graph, workload: Node) -> int:
    return most_pods(graph, workload) + UPDATE_PODS


def _room(cluster: Node, scene: Scene, size: str) -> Amount:
    """What the nodes have for pods, at one of the sizes of their groups."""
    cpu = memory = 0
    for group in groups(cluster, scene.graph):
        count = group.at("scalingConfig", size) or 0
        zones = len({zone(subnet) for subnet in subnets(group, scene.graph)})
        if scene.environment == PRODUCTION and zones:
            count = floor(count * (zones - 1) / zones)
        try:
            node = node_allocatable(instance_type(group), max_pods(group, scene.graph))
        except KeyError:
            # Nobody looked up what such a machine holds: nothing that could be counted on.
            continue
        cpu, memory = cpu + count * node.cpu, memory + count * node.memory
    return Amount(cpu, memory)


@rule("database-connections", DATABASE)
def holds_all_connections(instance: Node, scene: Scene) -> Iterator[str]:
    """More pods open more connections: scaling up in a rush must not end with a database that takes no more.

    During a rotation the pods change their role by a rolling update, so its surge counts both roles.
    """
    opened = sum(_connections(scene.graph, one) for one in scene.graph.of(DEPLOYMENT))
    allowed = max_connections(str(instance.at("instanceClass"))) * CONNECTIONS_PERCENT // 100
    if opened + RESERVED_CONNECTIONS > allowed:
        yield (
            f"pods at their maxima open {opened} connections in an update, {RESERVED_CONNECTIONS} are kept free, "
            f"and {CONNECTIONS_PERCENT} % of what {instance.at('instanceClass')} takes are {allowed}"
        )


def _connections(graph: Graph, workload: Node) -> int:
    pools = [
        int(entry.at("value"))
        for container in containers(workload)
        for name, entry in variables(container)
        if name == POOL
    ]
    pods = most_pods(graph, workload)
    return (pods + surge(workload, pods)) * sum(pools)


RULES: tuple[Rule, ...] = (holds_all_pods, holds_all_connections)
