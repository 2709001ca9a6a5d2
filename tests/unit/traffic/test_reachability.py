"""The evaluator itself: each clause of the semantics, on policies written by hand."""

from typing import Any

import pytest

from tests.support.reachability import Address, Cluster, Connection, Endpoint, Pod

NAMESPACES = {name: {"kubernetes.io/metadata.name": name, "team": name[0]} for name in ("a", "b")}
CLIENT = Pod(name="client", namespace="a", labels={"app": "client"}, address="10.0.0.1")
SERVER = Pod(name="server", namespace="b", labels={"app": "server"}, address="10.0.0.2", ports={"http": 8080})
OUTSIDE = Address(name="outside", address="192.0.2.7")


Spec = dict[str, Any]


def policy(namespace: str, spec: Spec) -> Spec:
    return {"metadata": {"namespace": namespace}, "spec": {"podSelector": {}, **spec}}


def allows(*policies: Spec, source: Endpoint = CLIENT, target: Endpoint = SERVER, port: int = 80) -> bool:
    return Cluster(policies, NAMESPACES).allows(Connection(source=source, target=target, port=port))


def ingress(rule: Spec) -> Spec:
    return policy("b", {"ingress": [rule]})


def test_without_policies_everything_is_allowed() -> None:
    assert allows()


def test_a_policy_without_rules_refuses_what_its_types_name() -> None:
    assert not allows(policy("b", {"policyTypes": ["Ingress"]}))
    assert allows(policy("b", {"policyTypes": ["Egress"]}))
    assert not allows(policy("a", {"policyTypes": ["Egress"]}))


def test_types_follow_from_the_rules_when_they_are_left_out() -> None:
    assert not allows(policy("b", {}))
    assert allows(policy("a", {}))
    assert not allows(policy("a", {"egress": [{"ports": [{"port": 1}]}]}))


def test_a_policy_binds_the_pods_it_selects_in_its_own_namespace_only() -> None:
    assert allows(policy("a", {"policyTypes": ["Ingress"]}))
    assert allows(policy("b", {"podSelector": {"matchLabels": {"app": "other"}}, "policyTypes": ["Ingress"]}))


def test_both_ends_must_agree() -> None:
    out = policy("a", {"policyTypes": ["Egress"], "egress": [{}]})
    closed = policy("b", {"policyTypes": ["Ingress"]})
    assert allows(out, ingress({}))
    assert not allows(out, closed)
    assert not allows(policy("a", {"policyTypes": ["Egress"]}), ingress({}))


def test_several_policies_add_up() -> None:
    assert allows(policy("b", {"policyTypes": ["Ingress"]}), ingress({}))


@pytest.mark.parametrize(
    ("peer", "met"),
    [
        ({"podSelector": {"matchLabels": {"app": "client"}}}, False),  # of the policy's own namespace
        ({"namespaceSelector": {"matchLabels": {"team": "a"}}}, True),
        ({"namespaceSelector": {"matchLabels": {"team": "b"}}}, False),
        ({"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "client"}}}, True),
        ({"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "other"}}}, False),
        (
            {"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "In", "values": ["a"]}]}},
            True,
        ),
        (
            {"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "DoesNotExist"}]}},
            False,
        ),
        ({"ipBlock": {"cidr": "10.0.0.0/24"}}, True),
        ({"ipBlock": {"cidr": "10.0.0.0/24", "except": ["10.0.0.0/30"]}}, False),
        ({"ipBlock": {"cidr": "10.1.0.0/24"}}, False),
    ],
)
def test_peers(peer: dict[str, Any], *, met: bool) -> None:
    assert allows(ingress({"from": [peer]})) is met


def test_an_address_is_met_by_blocks_only() -> None:
    assert allows(ingress({"from": [{"ipBlock": {"cidr": "192.0.2.0/24"}}]}), source=OUTSIDE)
    assert not allows(ingress({"from": [{"namespaceSelector": {}}]}), source=OUTSIDE)


@pytest.mark.parametrize(
    ("rule", "met"),
    [
        ({"port": 80}, True),
        ({"port": 81}, False),
        ({"port": 80, "protocol": "UDP"}, False),
        ({"port": 70, "endPort": 90}, True),
        ({"port": 70, "endPort": 79}, False),
        ({"protocol": "TCP"}, True),
        ({"port": "http"}, False),
    ],
)
def test_ports(rule: dict[str, Any], *, met: bool) -> None:
    assert allows(ingress({"ports": [rule]})) is met


def test_a_port_by_name_is_the_targets() -> None:
    assert allows(ingress({"ports": [{"port": "http"}]}), port=8080)
    out = policy("a", {"egress": [{"ports": [{"port": "http"}]}]})
    assert allows(out, port=8080)
    assert not allows(out, target=OUTSIDE, port=8080)
