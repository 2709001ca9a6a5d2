"""The component: what it registers, and how one flow becomes two rules."""

from collections.abc import Sequence
from typing import Any

import pytest

from components.network_policies import NetworkPolicies, NetworkPoliciesArgs
from components.traffic.declaration import Addresses
from tests.support.recorder import Recorder, Registration
from tests.unit.conftest import Deploy

POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"

ADDRESSES = Addresses(
    clients=["203.0.113.0/24"],
    balancer=["10.9.192.0/24"],
    data=["10.9.200.0/24", "10.9.201.0/24"],
    nodes=["10.9.0.0/19"],
    control_plane=["10.9.208.0/28"],
    api_service="172.20.0.1",
    rpc_port=8545,
)


def policies() -> NetworkPolicies:
    return NetworkPolicies(
        "network-policies",
        NetworkPoliciesArgs(
            intendly="intendly",
            traefik="traefik",
            external_secrets="external-secrets",
            monitoring="monitoring",
            addresses=ADDRESSES,
        ),
    )


@pytest.fixture
def made(deploy: Deploy) -> Recorder:
    return deploy(policies)


def rules(policy: Registration, direction: str, port: int) -> Sequence[dict[str, Any]]:
    return [rule for rule in policy["spec"][direction] if {"port": port, "protocol": "TCP"} in rule["ports"]]


def relayer(made: Recorder) -> Registration:
    return made.named(POLICY, "network-policies-intendly-backend-relayer")


def selector(namespace: str, labels: dict[str, str]) -> dict[str, Any]:
    return {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "podSelector": {"matchLabels": labels},
    }


def test_each_closed_workload_has_a_policy_and_each_closed_namespace_a_default(made: Recorder) -> None:
    found = {(one["metadata"]["namespace"], one["metadata"]["name"]) for one in made.all(POLICY)}
    assert found == {
        ("intendly", "default-deny"),
        ("intendly", "backend-relayer"),
        ("intendly", "backend-coordinator"),
        ("intendly", "websocket-server"),
        ("traefik", "default-deny"),
        ("traefik", "traefik"),
        ("external-secrets", "default-deny"),
        ("external-secrets", "external-secrets"),
        ("external-secrets", "external-secrets-webhook"),
        ("external-secrets", "external-secrets-cert-controller"),
        ("monitoring", "grafana"),
    }
    for policy in made.all(POLICY):
        assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]


def test_the_default_selects_everybody_and_allows_nothing(made: Recorder) -> None:
    default = made.named(POLICY, "network-policies-intendly-default-deny")
    assert default["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_one_flow_gives_a_rule_at_either_end(made: Recorder) -> None:
    coordinator = made.named(POLICY, "network-policies-intendly-backend-coordinator")
    [out] = rules(relayer(made), "egress", 3001)
    [into] = rules(coordinator, "ingress", 3001)
    assert out["to"] == [selector("intendly", {"app": "backend-coordinator"})]
    assert into["from"] == [selector("intendly", {"app": "backend-relayer"})]


def test_data_is_reached_in_its_own_subnets_on_its_own_ports(made: Recorder) -> None:
    for port in (5432, 6379):
        [rule] = rules(relayer(made), "egress", port)
        assert [peer["ipBlock"]["cidr"] for peer in rule["to"]] == ["10.9.200.0/24", "10.9.201.0/24"]


def test_the_rpc_is_outside_on_the_port_of_its_address(made: Recorder) -> None:
    [rule] = rules(relayer(made), "egress", 8545)
    [peer] = rule["to"]
    assert peer["ipBlock"]["cidr"] == "0.0.0.0/0"
    assert {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"} <= set(
        peer["ipBlock"]["except"]
    )
    assert rules(relayer(made), "egress", 443) == []


def test_names_are_asked_over_both_protocols(made: Recorder) -> None:
    [rule] = rules(relayer(made), "egress", 53)
    assert rule["to"] == [selector("kube-system", {"k8s-app": "kube-dns"})]
    assert {one["protocol"] for one in rule["ports"]} == {"UDP", "TCP"}


def test_clients_enter_from_the_ranges_of_the_balancer_alone(made: Recorder) -> None:
    traefik = made.named(POLICY, "network-policies-traefik-traefik")
    [rule] = rules(traefik, "ingress", 8443)
    assert rule["from"] == [{"ipBlock": {"cidr": "203.0.113.0/24"}}]
    [checks] = rules(traefik, "ingress", 8080)
    assert checks["from"] == [{"ipBlock": {"cidr": "10.9.192.0/24"}}]


def test_what_uses_aws_reaches_the_agent_that_hands_out_credentials(made: Recorder) -> None:
    controller = made.named(POLICY, "network-policies-external-secrets-external-secrets")
    [rule] = rules(controller, "egress", 80)
    assert rule["to"] == [{"ipBlock": {"cidr": "169.254.170.23/32"}}]


def test_the_api_server_is_named_before_and_behind_its_service(made: Recorder) -> None:
    traefik = made.named(POLICY, "network-policies-traefik-traefik")
    [rule] = rules(traefik, "egress", 443)
    assert [peer["ipBlock"]["cidr"] for peer in rule["to"]] == ["172.20.0.1/32", "10.9.208.0/28"]


def test_outputs_are_the_namespaces(made: Recorder) -> None:
    component = made.only("intendly:network:NetworkPolicies")
    assert made.outputs[component.urn] == {
        "intendly": "intendly",
        "traefik": "traefik",
        "external_secrets": "external-secrets",
        "monitoring": "monitoring",
    }
