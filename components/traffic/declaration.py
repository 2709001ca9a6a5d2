"""All traffic of the platform's closed workloads, from the applications' declarations and the charts' facts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from components import kubernetes_names as names
from components import ports
from components.traffic.applications import APPLICATIONS, ApplicationTraffic, Dependency
from components.traffic.model import Flow, Outside, Peer, Port, Workload

CLOSED = (names.INTENDLY_NAMESPACE, names.TRAEFIK_NAMESPACE, names.EXTERNAL_SECRETS_NAMESPACE)
"""Namespaces that deny what is not declared: the product, what the internet reaches first and can read every TLS
key, and what holds every password."""

OPEN: Mapping[str, str] = {
    names.MONITORING_NAMESPACE: "Prometheus reads every namespace, every node and the control plane, Alertmanager"
    " writes to services outside. Grafana, the one pod here that clients reach, is closed by a policy of its own",
    names.CERT_MANAGER_NAMESPACE: "asks the hosts' name servers anywhere, ACME and Route 53; only the control plane"
    " and Prometheus call it",
    names.NODE_EXPORTER_NAMESPACE: "runs in its node's network, where network policies do not apply",
    names.LOGGING_NAMESPACE: "takes no requests; speaks to the API server and to CloudWatch only",
}
"""The other namespaces of the platform, each with the reason why it has no default deny. `kube-system` is EKS's."""

HTTPS = Port(number=443)
DNS_PORTS = (Port(number=53, protocol="UDP"), Port(number=53))
METRICS = Port(number=ports.METRICS_PORT)
WEBHOOK = Port(number=10250)
"""Where External Secrets' webhook listens."""
WEB = (Port(number=8000), Port(number=8443))
"""Traefik's pods' ports behind node ports 30080 and 30443."""
PING = Port(number=8080)
"""Traefik's pods' port behind node port 30082."""

NAME = "app.kubernetes.io/name"


def _chart(name: str, namespace: str, **more: str) -> Workload:
    return Workload(name=name, namespace=namespace, labels={NAME: name, **more})


def _application(app: str) -> Workload:
    return Workload(name=app, namespace=names.INTENDLY_NAMESPACE, labels={"app": app})


TRAEFIK = _chart("traefik", names.TRAEFIK_NAMESPACE)
CONTROLLER = _chart("external-secrets", names.EXTERNAL_SECRETS_NAMESPACE)
SECRETS_WEBHOOK = _chart("external-secrets-webhook", names.EXTERNAL_SECRETS_NAMESPACE)
CERT_CONTROLLER = _chart("external-secrets-cert-controller", names.EXTERNAL_SECRETS_NAMESPACE)
GRAFANA = _chart("grafana", names.MONITORING_NAMESPACE)
PROMETHEUS = Workload(
    name="prometheus",
    namespace=names.MONITORING_NAMESPACE,
    labels={NAME: "prometheus", "operator.prometheus.io/name": "kube-prometheus-stack-prometheus"},
)
ALERTMANAGER = Workload(
    name="alertmanager",
    namespace=names.MONITORING_NAMESPACE,
    labels={NAME: "alertmanager", "alertmanager": "kube-prometheus-stack-alertmanager"},
)
DNS = Workload(name="kube-dns", namespace=names.SYSTEM_NAMESPACE, labels={"k8s-app": "kube-dns"})

POD_IDENTITY = Outside(name="Pod Identity", cidrs=("169.254.170.23/32",))
"""The agent on each node that hands out AWS credentials, on port 80; its other port, 2703, is for the kubelet alone."""
INTERNET = Outside(name="internet", cidrs=("0.0.0.0/0",))

CLOSED_WORKLOADS = (
    *(_application(one.app) for one in APPLICATIONS),
    TRAEFIK,
    CONTROLLER,
    SECRETS_WEBHOOK,
    CERT_CONTROLLER,
    GRAFANA,
)
"""Workloads with a policy of their own: each may do what is declared below, and nothing else."""


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """What the declaration needs to know of a stack's addresses."""

    clients: Sequence[str]
    """Ranges that may connect to the load balancer."""
    balancer: Sequence[str]
    """Subnets of the load balancer, from where its health checks come."""
    data: Sequence[str]
    """Subnets of database and cache."""
    nodes: Sequence[str]
    """Subnets of nodes and pods, where AWS's services have their private addresses (interface endpoints) too."""
    control_plane: Sequence[str]
    """Subnets of the cluster's own interfaces, from where the API server calls webhooks."""
    api_service: str
    """Address of Service `kubernetes`; policies see it, since it is translated only after them."""
    rpc_port: int


def flows(addresses: Addresses) -> tuple[Flow, ...]:
    """Every connection that a closed workload may open or take."""
    return (
        *_shared(addresses),
        *_applications(addresses),
        *_ingress(addresses),
        *_secrets(addresses),
        *_grafana(),
    )


def api_server(addresses: Addresses) -> Outside:
    """The Kubernetes API, by its Service and behind it."""
    return Outside(name="Kubernetes API", cidrs=(f"{addresses.api_service}/32", *addresses.control_plane))


def _shared(addresses: Addresses) -> Iterator[Flow]:
    """What every closed workload needs, and the API server for those that have objects there."""
    for workload in CLOSED_WORKLOADS:
        yield Flow(source=workload, target=DNS, ports=DNS_PORTS, why="names")
    for workload in (TRAEFIK, CONTROLLER, SECRETS_WEBHOOK, CERT_CONTROLLER, GRAFANA):
        yield Flow(source=workload, target=api_server(addresses), ports=(HTTPS,), why="its objects")


def _applications(addresses: Addresses) -> Iterator[Flow]:
    data = Outside(name="data subnets", cidrs=tuple(addresses.data))
    needs: Mapping[Dependency, tuple[Peer, int, str]] = {
        "database": (data, ports.DATABASE_PORT, "database"),
        "cache": (data, ports.CACHE_PORT, "cache and queues"),
        "rpc": (INTERNET, addresses.rpc_port, "blockchain RPC"),
    }
    by_app = {one.app: one for one in APPLICATIONS}
    for declared in APPLICATIONS:
        workload = _application(declared.app)
        for need in declared.needs:
            target, port, why = needs[need]
            yield Flow(source=workload, target=target, ports=(Port(number=port),), why=why)
        for other in declared.calls:
            yield Flow(
                source=workload, target=_application(other), ports=_http(by_app[other]), why="requests"
            )
        yield Flow(source=PROMETHEUS, target=workload, ports=(METRICS,), why="metrics")


def _ingress(addresses: Addresses) -> Iterator[Flow]:
    clients = Outside(name="clients", cidrs=tuple(addresses.clients))
    balancer = Outside(name="load balancer", cidrs=tuple(addresses.balancer))
    yield Flow(source=clients, target=TRAEFIK, ports=WEB, why="clients, whose addresses are kept")
    yield Flow(source=balancer, target=TRAEFIK, ports=(PING,), why="health checks")
    yield Flow(source=PROMETHEUS, target=TRAEFIK, ports=(Port(number=9100),), why="metrics")
    for declared in APPLICATIONS:
        if declared.serves_clients:
            target = _application(declared.app)
            yield Flow(source=TRAEFIK, target=target, ports=_http(declared), why="clients' requests")
    yield Flow(source=TRAEFIK, target=GRAFANA, ports=(Port(number=3000),), why="people's requests")


def _secrets(addresses: Addresses) -> Iterator[Flow]:
    control_plane = Outside(name="control plane", cidrs=tuple(addresses.control_plane))
    yield Flow(source=CONTROLLER, target=POD_IDENTITY, ports=(Port(number=80),), why="AWS credentials")
    endpoints = Outside(name="nodes' subnets", cidrs=tuple(addresses.nodes))
    for way in (INTERNET, endpoints):
        yield Flow(source=CONTROLLER, target=way, ports=(HTTPS,), why="Secrets Manager")
    yield Flow(source=control_plane, target=SECRETS_WEBHOOK, ports=(WEBHOOK,), why="admission")
    for workload in (CONTROLLER, SECRETS_WEBHOOK, CERT_CONTROLLER):
        yield Flow(source=PROMETHEUS, target=workload, ports=(Port(number=8080),), why="metrics")


def _grafana() -> Iterator[Flow]:
    yield Flow(source=PROMETHEUS, target=GRAFANA, ports=(Port(number=3000),), why="metrics")
    yield Flow(source=GRAFANA, target=PROMETHEUS, ports=(Port(number=9090),), why="queries")
    yield Flow(source=GRAFANA, target=ALERTMANAGER, ports=(Port(number=9093),), why="alerts")


def _http(application: ApplicationTraffic) -> tuple[Port, ...]:
    return (Port(number=application.port),)
