"""Namespaces: what the API server itself refuses there."""

from collections.abc import Iterator

from components import kubernetes_names as names
from components.traffic.declaration import OPEN
from policies.graph import Graph, Node
from policies.kubernetes import (
    AUTOSCALER,
    NAMESPACE,
    NETWORK_POLICY,
    RELEASE,
    RESOURCE_QUOTA,
    WORKLOADS,
    containers,
    objects,
    quantity,
    scaled,
    section,
)
from policies.rule import Rule, Scene, Severity, rule

LEVEL = "pod-security.kubernetes.io/enforce"

PRIVILEGED = {
    names.NODE_EXPORTER_NAMESPACE: "it reads the node's processes, disks and network",
    names.LOGGING_NAMESPACE: "it reads every container's log from the node's disk",
}
"""Namespaces whose pods need the node, and why; nothing else may live beside them."""

CLUSTER_WIDE = frozenset(
    {
        "Namespace",
        "ClusterRole",
        "ClusterRoleBinding",
        "ClusterIssuer",
        "ClusterSecretStore",
        "StorageClass",
        "IngressClass",
        "PriorityClass",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
    }
)
"""Kinds that lie in no namespace."""

SURGE = 1.25
"""What an update adds to a workload's pods for a while."""


@rule(
    "namespace-enforces",
    NAMESPACE,
    source="CIS-EKS 4.3.2/4.5.3, NSA 4.0, EKS best practices",
)
def enforces(namespace: Node, scene: Scene) -> Iterator[str]:
    """What a chart or a person adds later is held to the same: refused by the API server, not found by a review."""
    name = namespace.kubernetes_name[1]
    levels = section(namespace, "metadata", "labels")
    wanted = "privileged" if name in PRIVILEGED else "restricted"
    if levels.at(LEVEL) != wanted:
        yield f"it does not enforce the {wanted} Pod Security standard"
    if levels.at(f"{LEVEL}-version") != f"v{scene.settings.cluster.kubernetes_version}":
        yield "its Pod Security standard is not that of the cluster's version"
    if name not in OPEN and not any(_denies_all(one) for one in _in(scene.graph, name, NETWORK_POLICY)):
        yield "no NetworkPolicy denies by default"
    if any(_in(scene.graph, name, *WORKLOADS)) and not any(_in(scene.graph, name, RESOURCE_QUOTA)):
        yield "no ResourceQuota bounds its pods"


def _in(graph: Graph, namespace: str, *types: str) -> Iterator[Node]:
    return (one for one in graph.of(*types) if one.kubernetes_name[0] == namespace)


def _denies_all(policy: Node) -> bool:
    spec = section(policy, "spec")
    return (
        not section(spec, "podSelector")
        and set(spec.texts("policyTypes")) == {"Ingress", "Egress"}
        and not spec.records("ingress")
        and not spec.records("egress")
    )


@rule("namespace-named", objects, RELEASE, severity=Severity.MEDIUM, source="CIS-EKS 4.5.3")
def named(node: Node, scene: Scene) -> Iterator[str]:
    """Nothing denies, enforces or bounds in `default`: what lands there by oversight has no limits."""
    namespace = node.kubernetes_name[0] or str(node.at("namespace") or "")
    if node.type.rpartition(":")[2] in CLUSTER_WIDE:
        return
    if namespace in ("", "default"):
        yield "it lies in the namespace default"
    elif namespace != names.SYSTEM_NAMESPACE and namespace not in [
        one.kubernetes_name[1] for one in scene.graph.of(NAMESPACE)
    ]:
        yield f"nothing makes its namespace {namespace}"


@rule("namespace-quota-fits", RESOURCE_QUOTA)
def quota_fits(quota: Node, scene: Scene) -> Iterator[str]:
    """A quota below what autoscalers may ask for stops them at the busiest hour; one without end stops no mistake."""
    hard = section(quota, "spec", "hard")
    needed: dict[str, float] = {}
    for workload in _in(scene.graph, quota.kubernetes_name[0], *WORKLOADS):
        pods = _most(scene.graph, workload)
        for what, amount in {"pods": 1.0, **_takes(workload)}.items():
            needed[what] = needed.get(what, 0) + pods * amount * SURGE
    for what, amount in needed.items():
        if not hard.has(what):
            yield f"it does not bound {what}"
        elif quantity(hard.at(what)) < amount:
            yield f"its {what} is less than its workloads at their most, with an update's surge"
    for what in ("services.loadbalancers", "services.nodeports"):
        if not hard.has(what) or quantity(hard.at(what)) > 0:
            yield f"it lets {what} in: another way in than the ingress controller's"


def _most(graph: Graph, workload: Node) -> int:
    most = [
        int(one.at("spec", "maxReplicas") or 1)
        for one in graph.of(AUTOSCALER)
        if scaled(graph, one) is workload
    ]
    return max(most, default=int(workload.at("spec", "replicas") or 1))


def _takes(workload: Node) -> dict[str, float]:
    """What a pod takes, in the quota's words."""

    def total(kind: str, what: str) -> float:
        return sum(quantity(one.at("resources", kind, what)) for one in containers(workload))

    return {
        "requests.cpu": total("requests", "cpu"),
        "requests.memory": total("requests", "memory"),
        "limits.memory": total("limits", "memory"),
    }


RULES: tuple[Rule, ...] = (enforces, named, quota_fits)
