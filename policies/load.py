"""How much there is at most, and at least: pods of the workloads, and what they ask for."""

from collections.abc import Callable
from math import ceil

from infra.settings.rules.capacity import Amount
from policies.graph import Graph, Node
from policies.kubernetes import AUTOSCALER, containers, quantity, scaled

MIB = 2**20
MILLI = 1000

Count = Callable[[Graph, Node], int]
"""How many pods of a workload count."""


def most_pods(graph: Graph, workload: Node) -> int:
    """How many pods a workload has when it has the most: its autoscaler's maximum, else its own number."""
    scalers = [one for one in graph.of(AUTOSCALER) if scaled(graph, one) is workload]
    return max(
        (int(one.at("spec", "maxReplicas") or 1) for one in scalers),
        default=int(workload.at("spec", "replicas") or 1),
    )


def surge(workload: Node, pods: int) -> int:
    """How many pods a rolling update adds to so many; Kubernetes rounds a percentage up."""
    value = str(workload.at("spec", "strategy", "rollingUpdate", "maxSurge") or "25%")
    return ceil(pods * int(value[:-1]) / 100) if value.endswith("%") else int(value)


def asked_by_a_pod(workload: Node) -> Amount:
    """What one pod of a workload reserves."""
    found = containers(workload)
    return Amount(
        cpu=ceil(sum(quantity(one.at("resources", "requests", "cpu")) for one in found) * MILLI),
        memory=ceil(sum(quantity(one.at("resources", "requests", "memory")) for one in found) / MIB),
    )


def asked(graph: Graph, workloads: tuple[Node, ...], count: Count) -> Amount:
    """What workloads reserve together, each with as many pods as `count` says."""
    each = [(count(graph, one), asked_by_a_pod(one)) for one in workloads]
    return Amount(
        cpu=sum(pods * one.cpu for pods, one in each), memory=sum(pods * one.memory for pods, one in each)
    )
