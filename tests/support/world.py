"""Who there is to talk to: production's pods and addresses, one of each kind, strangers included."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from components.traffic.declaration import ALERTMANAGER, CLOSED_WORKLOADS, DNS, PROMETHEUS, flows
from components.traffic.model import Flow, Peer, Workload
from infra.addresses import addresses
from tests.support.reachability import Address, Cluster, Endpoint, Pod
from tests.support.recorder import Recorder
from tests.support.stacks import recorded

POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
STACK = "production"

STRANGERS = ("intendly", "traefik", "external-secrets", "monitoring", "default")
"""Namespaces with a pod that declared nothing."""

ADDRESSES: Mapping[Address, frozenset[str]] = {
    Address(name="database or cache", address="10.20.200.17"): frozenset({"data subnets"}),
    Address(name="database or cache in another zone", address="10.20.203.17"): frozenset({"data subnets"}),
    Address(name="a node, or an AWS service's endpoint", address="10.20.1.1"): frozenset({"nodes' subnets"}),
    Address(name="load balancer", address="10.20.192.9"): frozenset({"load balancer"}),
    Address(name="control plane", address="10.20.208.5"): frozenset({"control plane", "Kubernetes API"}),
    Address(name="Service kubernetes", address="172.20.0.1"): frozenset({"Kubernetes API"}),
    Address(name="another Service's address", address="172.20.0.99"): frozenset(),
    Address(name="Pod Identity agent", address="169.254.170.23"): frozenset({"Pod Identity"}),
    Address(name="instance metadata", address="169.254.169.254"): frozenset(),
    Address(name="the internet", address="8.8.8.8"): frozenset({"internet", "clients"}),
    Address(name="another private network", address="192.168.7.7"): frozenset(),
}
"""Addresses of production by hand, and which of the declaration's outsides each belongs to."""

PODS_BELONG_TO = frozenset({"nodes' subnets"})


@cache
def declared() -> tuple[Flow, ...]:
    """Production's declaration."""
    return flows(addresses(recorded(STACK).settings))


@cache
def cluster() -> Cluster:
    """Production's policies, as they were registered."""
    made = recorded(STACK).made
    namespaces = {
        one["metadata"]["name"]: {"kubernetes.io/metadata.name": one["metadata"]["name"]}
        for one in made.all("kubernetes:core/v1:Namespace")
    }
    for name in ("kube-system", "default"):
        namespaces[name] = {"kubernetes.io/metadata.name": name}
    return Cluster([policy.inputs for policy in made.all(POLICY)], namespaces)


@cache
def endpoints() -> tuple[Endpoint, ...]:
    """Everybody."""
    return (*_pods(), *ADDRESSES)


def _pods() -> Iterator[Pod]:
    templates = _templates(recorded(STACK).made)
    for index, workload in enumerate((*CLOSED_WORKLOADS, PROMETHEUS, ALERTMANAGER, DNS)):
        template = templates.get(workload.name)
        yield Pod(
            name=workload.name,
            namespace=workload.namespace,
            # Of our own pods the real labels; a chart's carry the release beside what its Service selects.
            labels=template["metadata"]["labels"]
            if template
            else {**workload.labels, "app.kubernetes.io/instance": "release"},
            address=f"10.20.2.{index + 1}",
        )
    for index, namespace in enumerate(STRANGERS):
        yield Pod(
            name=f"another pod of {namespace}",
            namespace=namespace,
            labels={"app": "stranger"},
            address=f"10.20.3.{index + 1}",
        )


def _templates(made: Recorder) -> dict[str, Any]:
    return {one["metadata"]["name"]: one["spec"]["template"] for one in made.all(DEPLOYMENT)}


def belongs(endpoint: Endpoint, peer: Peer) -> bool:
    """Whether an endpoint is meant by a peer of the declaration; no selector and no range is asked."""
    if isinstance(peer, Workload):
        return endpoint.name == peer.name
    return peer.name in (PODS_BELONG_TO if isinstance(endpoint, Pod) else ADDRESSES[endpoint])
