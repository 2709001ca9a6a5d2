"""Rules about what nodes and database can hold when everything runs at its maximum."""

import math
from collections.abc import Iterator
from typing import Final, NamedTuple

from infra.settings.applications import ApplicationSettings
from infra.settings.cluster import NodeGroupSettings
from infra.settings.errors import Problem
from infra.settings.machines import DATABASE_MEMORY_GIB, INSTANCE_TYPES
from infra.settings.rules.base import Rule, problem
from infra.settings.stack import StackSettings


class Amount(NamedTuple):
    """CPU in millicores and memory in MiB."""

    cpu: int
    memory: int

    def __str__(self) -> str:
        return f"{self.cpu / 1000:.1f} vCPU and {self.memory / 1024:.1f} GiB"


DAEMONS: Final = Amount(300, 400)
"""Reserved on each node: vpc-cni, kube-proxy, EBS driver, monitoring agent, node-exporter, fluent-bit (rounded up)."""

PLATFORM: Final = Amount(1000, 3072)
"""Reserved once: CoreDNS, metrics-server, EBS controller, cert-manager, External Secrets, autoscaler, Prometheus'
operator, kube-state-metrics, Grafana, with the replicas and requests of the charts' values (rounded up)."""

TRAEFIK: Final = Amount(200, 128)
"""Request of each of the ingress controller's pods."""

ALERTMANAGER: Final = Amount(20, 64)
"""Request of each of Alertmanager's pods."""

UPDATE_PODS: Final = 1
"""Pods of each application that must find room beside its maximum: a rolling update goes on when one more fits."""

SURGE_PERCENT: Final = 25
"""Pods that a rolling update adds to each application where there is room, in % rounded up (its ``maxSurge``)."""

RESERVED_CONNECTIONS: Final = 30
"""Database connections kept for operators, backups, monitoring and RDS itself."""


def allocatable(group: NodeGroupSettings) -> Amount:
    """What pods other than daemons can use of one node of a group."""
    return node_allocatable(group.instance_type, group.max_pods)


def node_allocatable(instance_type: str, max_pods: int) -> Amount:
    """What pods other than daemons can use of one node.

    The kubelet keeps back 6 % of the first core, 1 % of the second, 0.5 % of the next two, 0.25 % of the rest, and
    255 + 11 MiB a pod; it evicts pods below 100 MiB. Source: awslabs/amazon-eks-ami, nodeadm's kubelet configuration
    (it counts the pods of the instance type's interfaces, fewer than maxPods: this is a lower bound).
    """
    machine = INSTANCE_TYPES[instance_type]
    cores = machine.vcpu
    kept = 60 + 10 * min(1, cores - 1) + 5 * max(0, min(2, cores - 2)) + max(0, cores - 4) * 5 // 2
    memory = machine.memory_mib - (255 + 11 * max_pods) - 100
    return Amount(cores * 1000 - kept - DAEMONS.cpu, memory - DAEMONS.memory)


def platform_needs(settings: StackSettings) -> Amount:
    """What everything but the applications reserves."""
    monitoring = settings.monitoring
    parts = (
        (1, PLATFORM),
        (settings.ingress.replicas, TRAEFIK),
        (monitoring.alertmanager_replicas, ALERTMANAGER),
        (
            monitoring.prometheus_replicas,
            Amount(monitoring.prometheus_cpu_request_millicores, monitoring.prometheus_memory_request_mib),
        ),
    )
    return Amount(
        sum(count * amount.cpu for count, amount in parts),
        sum(count * amount.memory for count, amount in parts),
    )


def _applications(settings: StackSettings) -> tuple[tuple[str, ApplicationSettings], ...]:
    applications = settings.applications
    return (
        ("backendRelayer", applications.backend_relayer),
        ("backendCoordinator", applications.backend_coordinator),
        ("websocketServer", applications.websocket_server),
    )


def nodes_hold_the_applications(settings: StackSettings) -> Iterator[Problem]:
    """An autoscaler's maximum that cannot be scheduled is no maximum."""
    platform = platform_needs(settings)
    applications = [
        (application.max_pods + UPDATE_PODS, application) for _, application in _applications(settings)
    ]
    needed = Amount(
        platform.cpu + sum(pods * application.cpu_request_millicores for pods, application in applications),
        platform.memory + sum(pods * application.memory_request_mib for pods, application in applications),
    )
    nodes = [(group.max_size, allocatable(group)) for group in settings.cluster.node_groups.values()]
    there = Amount(
        sum(count * amount.cpu for count, amount in nodes),
        sum(count * amount.memory for count, amount in nodes),
    )
    if needed.cpu > there.cpu or needed.memory > there.memory:
        yield problem(
            f"applications at their maxima (each with {UPDATE_PODS} pod more during an update) and platform ({platform}) "
            f"reserve {needed}; at their maxSize the node groups hold {there} beside {DAEMONS} of daemons a node: "
            "raise maxSize or instanceType, or lower the applications' maxReplicas, replicas or requests",
            "cluster",
            "nodeGroups",
        )


def a_node_holds_each_pod(settings: StackSettings) -> Iterator[Problem]:
    """A pod larger than every node waits for ever."""
    nodes = [allocatable(group) for group in settings.cluster.node_groups.values()]
    for key, application in _applications(settings):
        pod = Amount(application.cpu_request_millicores, application.memory_request_mib)
        if not any(pod.cpu <= node.cpu and pod.memory <= node.memory for node in nodes):
            largest = max(nodes, key=lambda node: node.memory, default=Amount(0, 0))
            yield problem(
                f"a pod reserves {pod}, more than the largest node has left ({largest})",
                "applications",
                key,
                "memoryRequestMib" if pod.memory > largest.memory else "cpuRequestMillicores",
            )


def max_connections(instance_class: str) -> int:
    """The database's connections. RDS sets LEAST(memory / 9531392, 5000); an upper bound, RDS keeps some memory."""
    return min(DATABASE_MEMORY_GIB[instance_class] * 1024**3 // 9531392, 5000)


def _surged(pods: int) -> int:
    """Count the pods that run at most during a rolling update."""
    return pods + math.ceil(pods * SURGE_PERCENT / 100)


def database_holds_the_pools(settings: StackSettings) -> Iterator[Problem]:
    """Pools that outgrow the database fail in the very rush for which pods were added."""
    pools = [
        (_surged(application.max_pods) * application.database_pool_max, key)
        for key, application in _applications(settings)
    ]
    needed = sum(connections for connections, _ in pools)
    limit = max_connections(settings.database.instance_class) - RESERVED_CONNECTIONS
    if needed > limit:
        yield problem(
            f"applications at their maxima, during an update, open {needed} connections; {settings.database.instance_class} allows "
            f"{limit} beside {RESERVED_CONNECTIONS} kept free: lower databasePoolMax or maxReplicas, or take a larger "
            "database.instanceClass",
            "applications",
            max(pools)[1],
            "databasePoolMax",
        )


CAPACITY_RULES: Final[tuple[Rule, ...]] = (
    nodes_hold_the_applications,
    a_node_holds_each_pod,
    database_holds_the_pools,
)
"""All rules of this file."""
