"""How many pods there are, where they stand, and how many may go at once."""

from collections.abc import Iterator
from math import ceil

from policies.graph import Graph, Node
from policies.kubernetes import (
    AUTOSCALER,
    DISRUPTION_BUDGET,
    SERVING,
    containers,
    least_pods,
    pod_labels,
    pod_spec,
    quantity,
    scaled,
    section,
    selects,
)
from policies.rule import Level, Rule, Scene, rule
from policies.values import Record

ADDON = "aws:eks/addon:Addon"
METRICS_SERVER = "metrics-server"

TWO = 2
"""The fewest pods with which one may go."""

UTILIZATION = range(10, 96)
"""Percentages at which an autoscaler can act: below, it never rests; above, a pod is full before it does."""

TOPOLOGIES = ("topology.kubernetes.io/zone", "kubernetes.io/hostname")


@rule(
    "workload-disruption-satisfiable",
    *SERVING,
    source="kube-linter pdb-min-available, kube-score, Kyverno pdb-minavailable",
)
def disruption_satisfiable(workload: Node, scene: Scene) -> Iterator[str]:
    """A node must be drainable (an upgrade waits for hours otherwise), and draining must leave somebody who answers."""
    budgets = list(_budgets(scene.graph, workload))
    if len(budgets) != 1:
        yield f"{len(budgets)} disruption budgets select it, not one"
    for budget in budgets:
        least = least_pods(scene.graph, workload)
        may_go = _may_go(section(budget, "spec"), least)
        if may_go < 1:
            yield "its disruption budget lets no pod go"
        if TWO <= least <= may_go:
            yield "its disruption budget lets every pod go at once"
        if budget.at("spec", "unhealthyPodEvictionPolicy") != "AlwaysAllow":
            yield "pods that are not ready hold up a drain (unhealthyPodEvictionPolicy is not AlwaysAllow)"


def _budgets(graph: Graph, workload: Node) -> Iterator[Node]:
    for one in graph.of(DISRUPTION_BUDGET):
        if one.kubernetes_name[0] == workload.kubernetes_name[0]:
            selector = section(one, "spec", "selector")
            if selects(selector, pod_labels(workload)):
                yield one


def _may_go(spec: Record, pods: int) -> int:
    """How many of so many pods may go at once; Kubernetes rounds both percentages up."""
    if spec.at("maxUnavailable") is not None:
        return _share(spec.at("maxUnavailable"), pods)
    return pods - _share(spec.at("minAvailable") or 0, pods)


def _share(value: object, pods: int) -> int:
    text = str(value)
    return ceil(float(text[:-1]) * pods / 100) if text.endswith("%") else int(text)


@rule(
    "workload-spread",
    *SERVING,
    level=Level.PRODUCTION,
    source="kube-score pod-topology-spread-constraints, EKS best practices",
)
def spread(workload: Node, scene: Scene) -> Iterator[str]:
    """Two pods on one node, or all in one zone, fail together.

    Two pods suffice: they stand in two zones then, and one zone's loss leaves one of them.
    """
    for topology in TOPOLOGIES:
        found = [
            one
            for one in pod_spec(workload).records("topologySpreadConstraints")
            if one.at("topologyKey") == topology
        ]
        if not found:
            yield f"it is not spread by {topology}"
        for one in found:
            selector = section(one, "labelSelector")
            if not selector or not selects(selector, pod_labels(workload)):
                yield f"the constraint by {topology} counts other pods, not its own"
            if one.at("maxSkew") != 1:
                yield f"the constraint by {topology} allows more than one pod of difference"
    if least_pods(scene.graph, workload) < TWO:
        yield "it has a single pod"


@rule(
    "autoscaler-coherent",
    AUTOSCALER,
    source="kube-score, Kyverno prevent-duplicate-hpa, kubernetes #25238",
)
def coherent(autoscaler: Node, scene: Scene) -> Iterator[str]:
    """An autoscaler that cannot measure, or that another one contradicts, is a fixed number of pods with extra steps."""
    target = scaled(scene.graph, autoscaler)
    if target is None:
        yield "what it scales is not in the program"
        return
    rivals = [one.name for one in scene.graph.of(AUTOSCALER) if scaled(scene.graph, one) is target]
    if len(rivals) > 1:
        yield f"{' and '.join(rivals)} scale the same"
    yield from _bounds(autoscaler)
    yield from _metrics(autoscaler, target)
    if METRICS_SERVER not in [one.at("addonName") for one in scene.graph.of(ADDON)]:
        yield f"the add-on {METRICS_SERVER} is missing: there is nothing to measure by"


@rule(
    "autoscaler-owns-replicas",
    AUTOSCALER,
    source="kubernetes #25238",
)
def owns_replicas(autoscaler: Node, scene: Scene) -> Iterator[str]:
    """A Deployment that names its replicas is set back to them by every update, in the middle of the busiest hour."""
    target = scaled(scene.graph, autoscaler)
    if target is None or {"spec", "spec.replicas"} & set(target.options.ignore_changes):
        return
    if target.at("spec", "replicas") is not None:
        yield f"{target.name} names its replicas too"


def _bounds(autoscaler: Node) -> Iterator[str]:
    least, most = (autoscaler.at("spec", f"{bound}Replicas") or 1 for bound in ("min", "max"))
    if not 1 <= least <= most:
        yield f"its bounds are {least} and {most}"
    if least == most:
        yield "its bounds are equal: it scales nothing"


def _metrics(autoscaler: Node, target: Node) -> Iterator[str]:
    metrics = autoscaler.records("spec", "metrics")
    if not metrics:
        yield "it has no metric"
    for one in metrics:
        if one.at("type") != "Resource":
            yield f"nothing here provides metrics of type {one.at('type')}"
            continue
        what = one.at("resource", "name")
        if one.at("resource", "target", "averageUtilization") not in UTILIZATION:
            yield f"its aim for {what} is no percentage from {UTILIZATION.start} to {UTILIZATION.stop - 1}"
        for container in containers(target):
            if not quantity(container.at("resources", "requests", str(what))):
                yield f"{container.at('name')} asks for no {what}: there is nothing to take a percentage of"


RULES: tuple[Rule, ...] = (disruption_satisfiable, spread, coherent, owns_replicas)
