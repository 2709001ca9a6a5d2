"""What Services lead to."""

from collections.abc import Iterator

from policies.graph import Graph, Node
from policies.kubernetes import SERVICE, containers, selected
from policies.rule import Rule, Scene, Severity, rule
from policies.values import Record


def selecting(graph: Graph) -> Iterator[Node]:
    """Services that choose pods by labels."""
    return (service for service in graph.of(SERVICE) if service.has("spec", "selector"))


@rule(
    "service-selects",
    selecting,
    severity=Severity.HIGH,
    source="kube-score service-targets-pod, Kyverno require-unique-service-selector",
)
def selects(service: Node, scene: Scene) -> Iterator[str]:
    """A Service whose selector or port meets nothing answers nobody, and one that meets two mixes them."""
    chosen = list(_chosen(service, scene))
    if len(chosen) != 1:
        yield f"its selector chooses {len(chosen)} workloads, not one"
        return
    for port in service.records("spec", "ports"):
        if not _listens(chosen[0], port):
            yield f"port {port.at('name') or port.at('port')} leads to no port of {chosen[0].name}"
    twins = [
        other.name
        for other in selecting(scene.graph)
        if other.urn != service.urn
        and list(_chosen(other, scene)) == chosen
        and _ports(other) & _ports(service)
    ]
    if twins:
        yield f"{', '.join(twins)} leads to the same pods and ports"


def _chosen(service: Node, scene: Scene) -> Iterator[Node]:
    return selected(scene.graph, service.kubernetes_name[0], service.at("spec", "selector"))


def _target(port: Record) -> object:
    return port.at("targetPort") or port.at("port")


def _ports(service: Node) -> set[object]:
    return {_target(port) for port in service.records("spec", "ports")}


def _listens(workload: Node, port: Record) -> bool:
    declared = [one for container in containers(workload) for one in container.records("ports")]
    return any(
        _target(port) in (one.at("name"), one.at("containerPort"))
        and (one.at("protocol") or "TCP") == (port.at("protocol") or "TCP")
        for one in declared
    )


RULES: tuple[Rule, ...] = (selects,)
