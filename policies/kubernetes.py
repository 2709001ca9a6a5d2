"""Kubernetes objects as rules read them: pods of any workload, selectors, quantities, and who is meant by a name."""

from collections.abc import Iterator, Mapping

from policies.graph import Graph, Node
from policies.values import Record

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
STATEFUL_SET = "kubernetes:apps/v1:StatefulSet"
DAEMON_SET = "kubernetes:apps/v1:DaemonSet"
JOB = "kubernetes:batch/v1:Job"
CRON_JOB = "kubernetes:batch/v1:CronJob"
WORKLOADS = (DEPLOYMENT, STATEFUL_SET, DAEMON_SET, JOB, CRON_JOB)
"""What makes pods."""
SERVING = (DEPLOYMENT, STATEFUL_SET)
"""What makes pods that answer somebody."""

SERVICE = "kubernetes:core/v1:Service"
SERVICE_ACCOUNT = "kubernetes:core/v1:ServiceAccount"
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
SECRET = "kubernetes:core/v1:Secret"  # noqa: S105 - a type
NAMESPACE = "kubernetes:core/v1:Namespace"
RESOURCE_QUOTA = "kubernetes:core/v1:ResourceQuota"
NETWORK_POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
INGRESS = "kubernetes:networking.k8s.io/v1:Ingress"
INGRESS_CLASS = "kubernetes:networking.k8s.io/v1:IngressClass"
AUTOSCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
DISRUPTION_BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"
RELEASE = "kubernetes:helm.sh/v3:Release"
CERTIFICATE = "kubernetes:cert-manager.io/v1:Certificate"
CLUSTER_ISSUER = "kubernetes:cert-manager.io/v1:ClusterIssuer"
EXTERNAL_SECRET = "kubernetes:external-secrets.io/v1:ExternalSecret"  # noqa: S105 - a type
SECRET_STORE = "kubernetes:external-secrets.io/v1:ClusterSecretStore"  # noqa: S105 - a type

_UNITS = {
    "m": 1e-3,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "Ki": 2.0**10,
    "Mi": 2.0**20,
    "Gi": 2.0**30,
    "Ti": 2.0**40,
}


def quantity(value: object) -> float:
    """A Kubernetes quantity (`500m`, `2Gi`, `3`) as a number of its unit; 0 for what is absent.

    Raises:
        ValueError: it is none.
    """
    if value is None:
        return 0
    text = str(value)
    number = text.rstrip("kKMGTim")
    return float(number) * _UNITS.get(text[len(number) :], 1)


def template(workload: Node) -> Record:
    """A workload's pod template; an empty record where there is none."""
    path = ("spec", "jobTemplate", "spec", "template") if workload.type == CRON_JOB else ("spec", "template")
    return _record(workload.at(*path))


def pod_spec(workload: Node) -> Record:
    """A workload's pod."""
    return _record(template(workload).at("spec"))


def pod_labels(workload: Node) -> Record:
    """The labels of a workload's pods."""
    return _record(template(workload).at("metadata", "labels"))


def containers(workload: Node) -> tuple[Record, ...]:
    """Every container of a workload's pod, those that run before the others first."""
    found = pod_spec(workload)
    return (*found.records("initContainers"), *found.records("containers"))


def variables(container: Record) -> Iterator[tuple[str, Record]]:
    """A container's environment: each variable's name and entry."""
    for entry in container.records("env"):
        yield str(entry.at("name")), entry


def selects(selector: Record, given: Record) -> bool:
    """Whether a label selector (`matchLabels` and `matchExpressions`) selects these labels; an empty one does."""
    return _carries(given, _record(selector.at("matchLabels"))) and all(
        _satisfies(one, given) for one in selector.records("matchExpressions")
    )


def selected(graph: Graph, namespace: str, wanted: Record | None) -> Iterator[Node]:
    """The workloads of a namespace whose pods carry these labels (a Service's selector); of no labels, none."""
    for one in graph.of(*WORKLOADS) if wanted else ():
        if one.kubernetes_name[0] == namespace and _carries(pod_labels(one), wanted or {}):
            yield one


def objects(graph: Graph) -> Iterator[Node]:
    """Every object of the cluster that the program makes itself; what charts make is in their releases."""
    return (one for one in graph.nodes if one.type.startswith("kubernetes:") and one.has("metadata"))


def named(graph: Graph, namespace: str, name: object, *types: str) -> Node | None:
    """The object of these types with a name; the namespace is empty for objects of the whole cluster."""
    return next((one for one in graph.of(*types) if one.kubernetes_name == (namespace, name)), None)


def least_pods(graph: Graph, workload: Node) -> int:
    """How many pods a workload has when it has the fewest: its autoscaler's minimum, else its own number."""
    scalers = [one for one in graph.of(AUTOSCALER) if scaled(graph, one) is workload]
    return min(
        (int(one.at("spec", "minReplicas") or 1) for one in scalers),
        default=workload.at("spec", "replicas") or 1,
    )


def scaled(graph: Graph, autoscaler: Node) -> Node | None:
    """What an autoscaler scales."""
    target = autoscaler.at("spec", "scaleTargetRef", "name")
    return named(graph, autoscaler.kubernetes_name[0], target, *SERVING)


def section(record: Record | Node, *path: str) -> Record:
    """The object at a path; an empty one where the path breaks off."""
    return _record(record.at(*path))


def _carries(given: Record, wanted: Mapping[str, object]) -> bool:
    return all(given.at(key) == value for key, value in wanted.items())


def _satisfies(expression: Record, given: Record) -> bool:
    key, values = str(expression.at("key")), expression.texts("values")
    match expression.at("operator"):
        case "In":
            return given.at(key) in values
        case "NotIn":
            return given.at(key) not in values
        case "Exists":
            return key in given
        case "DoesNotExist":
            return key not in given
        case _:
            return False


def _record(found: object) -> Record:
    return found if isinstance(found, Record) else Record({})
