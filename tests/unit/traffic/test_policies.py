"""Production's policies against the declaration, and the declaration against the rest of the program."""

from collections.abc import Iterator
from typing import Any

import pytest

from components.access import NAMESPACES
from components.traffic.applications import APPLICATIONS
from components.traffic.declaration import CLOSED, CLOSED_WORKLOADS, OPEN
from tests.support.recorder import Registration
from tests.support.stacks import STACKS, recorded
from tests.support.traffic import PAGE, Opening, allowed, expected, page
from tests.support.world import POLICY, cluster, endpoints

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
SERVICE = "kubernetes:core/v1:Service"
INGRESS = "kubernetes:networking.k8s.io/v1:Ingress"
RELEASE = "kubernetes:helm.sh/v3:Release"
MONITOR = "kubernetes:monitoring.coreos.com/v1:ServiceMonitor"

APPS = {one.app for one in APPLICATIONS}
VARIABLES = {"DATABASE_HOST": "database", "REDIS_URL": "cache", "RPC_URL": "rpc"}
"""Which variable gives an application which address."""


def made(kind: str) -> list[Registration]:
    return recorded("production").made.all(kind)


def openings(source: str) -> set[tuple[str, int]]:
    return {(one.target, one.port) for one in allowed() if one.source == source}


def test_nothing_declared_is_refused() -> None:
    assert sorted(expected() - allowed()) == []


def test_nothing_undeclared_is_let_through() -> None:
    assert sorted(allowed() - expected()) == []


def test_the_page_shows_the_policies_as_they_are() -> None:
    assert PAGE.read_text() == page(), "docs/traffic.md is stale: run `make docs`"


def test_every_namespace_denies_by_default_or_says_why_not() -> None:
    assert set(CLOSED).isdisjoint(OPEN)
    assert {*CLOSED, *OPEN} == set(NAMESPACES)
    denying = {
        one["metadata"]["namespace"]
        for one in made(POLICY)
        if one["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    }
    assert denying == set(CLOSED)


def test_the_internet_reaches_the_ingress_controller_alone() -> None:
    assert openings("the internet") == {("traefik", 8000), ("traefik", 8443)}


def test_only_an_application_that_declares_it_reaches_the_data() -> None:
    """The way from the internet to database and cache leads through such an application, or it is none."""
    for target in ("database or cache", "database or cache in another zone"):
        sources = {one.source for one in allowed() if one.target == target}
        assert sources == {one.app for one in APPLICATIONS if {"database", "cache"} & set(one.needs)}


def test_clients_requests_never_reach_the_coordinator_directly() -> None:
    callers = {one.source for one in allowed() if one.target == "backend-coordinator" and one.port == 3001}
    assert callers == {"backend-relayer"}


def test_credentials_of_nodes_are_out_of_reach_and_pods_own_are_for_who_uses_aws() -> None:
    assert not [one for one in allowed() if one.target == "instance metadata"]
    agents = {(one.source, one.port) for one in allowed() if one.target == "Pod Identity agent"}
    assert agents == {("external-secrets", 80)}


def test_who_declares_nothing_gets_nothing() -> None:
    for namespace in CLOSED:
        stranger = f"another pod of {namespace}"
        assert not [one for one in allowed() if stranger in (one.source, one.target)]


def test_every_closed_workload_resolves_names() -> None:
    for workload in CLOSED_WORKLOADS:
        for protocol in ("UDP", "TCP"):
            assert Opening(source=workload.name, target="kube-dns", port=53, protocol=protocol) in allowed()


def test_each_pod_of_the_product_is_held_by_its_own_policy() -> None:
    pods = {one.name: one for one in endpoints()}
    assert {one["metadata"]["name"] for one in made(DEPLOYMENT)} == APPS
    for app in APPS:
        pod: Any = pods[app]
        for direction in ("Ingress", "Egress"):
            holding = {one["metadata"]["name"] for one in cluster().selecting(pod, direction)}
            assert holding == {app, "default-deny"}


def test_an_application_connects_to_exactly_what_its_environment_names() -> None:
    declared = {one.app: set(one.needs) for one in APPLICATIONS}
    for deployment in made(DEPLOYMENT):
        [container] = deployment["spec"]["template"]["spec"]["containers"]
        named = {VARIABLES[one["name"]] for one in container["env"] if one["name"] in VARIABLES}
        assert named == declared[deployment["metadata"]["name"]]


def services() -> Iterator[tuple[str, dict[str, Any], dict[str, int]]]:
    """Application, Service and container ports by name."""
    for service in made(SERVICE):
        for deployment in made(DEPLOYMENT):
            template = deployment["spec"]["template"]
            selector = service["spec"]["selector"].items()
            if selector <= template["metadata"]["labels"].items():
                [container] = template["spec"]["containers"]
                named = {one["name"]: int(one["containerPort"]) for one in container["ports"]}
                yield deployment["metadata"]["name"], service.inputs, named


def test_the_ingress_controller_reaches_every_backend_of_an_ingress() -> None:
    by_service = {service["metadata"]["name"]: (app, named) for app, service, named in services()}
    led_to: set[str] = set()
    for ingress in made(INGRESS):
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                name = path["backend"]["service"]["name"]
                if name in by_service:
                    app, named = by_service[name]
                    assert (app, named["http"]) in openings("traefik"), name
                    led_to.add(app)
                else:
                    assert ("grafana", 3000) in openings("traefik"), name
    assert led_to == {one.app for one in APPLICATIONS if one.serves_clients}


def test_prometheus_reaches_every_port_that_the_applications_monitor_names() -> None:
    [monitor] = [one for one in made(MONITOR) if one["metadata"]["name"] == "intendly-applications"]
    ports = {endpoint["port"] for endpoint in monitor["spec"]["endpoints"]}
    found = list(services())
    assert {app for app, _, _ in found} == APPS
    for app, _, named in found:
        assert {(app, named[port]) for port in ports} <= openings("prometheus")


def test_services_addresses_are_let_through_too() -> None:
    """AWS's controller knows a Service's address only under these two conditions."""
    labels = {one.name: one.labels for one in CLOSED_WORKLOADS}
    for app, service, named in services():
        assert service["spec"]["selector"].items() <= labels[app].items()
        for port in service["spec"]["ports"]:
            assert port["port"] == named[port["targetPort"]]


@pytest.mark.parametrize("stack", STACKS)
def test_pods_start_only_when_their_policies_are_there(stack: str) -> None:
    everything = recorded(stack).made
    releases = {one["name"]: one for one in everything.all(RELEASE)}
    starting = {
        "intendly": everything.all(DEPLOYMENT),
        "traefik": [releases["traefik"]],
        "external-secrets": [releases["external-secrets"]],
        "monitoring": [releases["kube-prometheus-stack"]],
    }
    for policy in everything.all(POLICY):
        for pods in starting[policy["metadata"]["namespace"]]:
            assert everything.follows(pods, policy), f"{pods.name} does not wait for {policy.name}"


@pytest.mark.parametrize("stack", STACKS)
def test_policies_of_each_stack_name_its_own_addresses(stack: str) -> None:
    settings = recorded(stack).settings
    [relayer] = [
        one for one in recorded(stack).made.all(POLICY) if one["metadata"]["name"] == "backend-relayer"
    ]
    blocks = {
        peer["ipBlock"]["cidr"]
        for rule in relayer["spec"]["egress"]
        for peer in rule["to"]
        if "ipBlock" in peer
    }
    data = recorded(stack).made.all("aws:ec2/subnet:Subnet")
    subnets = {one["cidrBlock"] for one in data if one.name.startswith("network-data-")}
    assert len(subnets) == len(settings.network.zones)
    assert blocks == subnets | {"0.0.0.0/0"}


@pytest.mark.parametrize("stack", STACKS)
def test_private_addresses_of_aws_lie_where_external_secrets_may_go(stack: str) -> None:
    everything = recorded(stack).made
    [policy] = [one for one in everything.all(POLICY) if one["metadata"]["name"] == "external-secrets"]
    blocks = {
        peer["ipBlock"]["cidr"]
        for rule in policy["spec"]["egress"]
        for peer in rule["to"]
        if "ipBlock" in peer and {"port": 443, "protocol": "TCP"} in rule["ports"]
    }
    subnets = {f"{one.name}-id": one["cidrBlock"] for one in everything.all("aws:ec2/subnet:Subnet")}
    for endpoint in everything.all("aws:ec2/vpcEndpoint:VpcEndpoint"):
        for subnet in endpoint.inputs.get("subnetIds", []):
            assert subnets[subnet] in blocks, endpoint.name
    assert {cidr for name, cidr in subnets.items() if name.startswith("network-nodes-")} <= blocks
