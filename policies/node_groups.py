"""Node groups as rules read them: their launch template, and how many pods a node takes."""

import base64
import re
from collections.abc import Iterator

from infra.settings.machines import INSTANCE_TYPES
from policies.graph import Graph, Node
from policies.reach import CLUSTER, NODE_GROUP

LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"

_MAX_PODS = re.compile(r"maxPods:\s*(\d+)")

PODS_OF_SMALL_NODES = 110
PODS_OF_LARGE_NODES = 250
LARGE_VCPU = 30
"""EKS caps a managed node's pods by its vCPU (EKS user guide, "Choose an optimal Amazon EC2 node instance type")."""


def templates(group: Node, graph: Graph) -> tuple[Node, ...]:
    """A group's launch template, if the graph has it."""
    return graph.sources(group, "launchTemplate", LAUNCH_TEMPLATE)


def max_pods(group: Node, graph: Graph) -> int:
    """How many pods a node is told to take, in its user data; 0 if it is not told."""
    for template in templates(group, graph):
        text = base64.b64decode(template.at("userData") or "").decode(errors="replace")
        found = _MAX_PODS.search(text)
        if found:
            return int(found[1])
    return 0


def pods_allowed(group: Node) -> int:
    """How many pods EKS lets a node of the group take."""
    machine = INSTANCE_TYPES.get(instance_type(group))
    large = machine is not None and machine.vcpu >= LARGE_VCPU
    return PODS_OF_LARGE_NODES if large else PODS_OF_SMALL_NODES


def instance_type(group: Node) -> str:
    """The group's first instance type; empty if none is written."""
    return next(iter(group.texts("instanceTypes")), "")


def clusters(group: Node, graph: Graph) -> tuple[Node, ...]:
    """The cluster that a group belongs to."""
    return graph.sources(group, "clusterName", CLUSTER)


def groups(cluster: Node, graph: Graph) -> Iterator[Node]:
    """The node groups of a cluster."""
    yield from graph.users(cluster, "clusterName", NODE_GROUP)
