"""Cases of `policies/rules/traffic.py`."""

from policies.graph import Node
from policies.kubernetes import NETWORK_POLICY
from policies.rules import traffic
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft


def policy(draft: Draft, workload: str) -> Node:
    return draft.node(NETWORK_POLICY, f"network-policies-intendly-{workload}")


@violates(traffic.pairs, also=("policy-declared",))
def the_coordinator_takes_what_nobody_sends(draft: Draft) -> None:
    draft.set(policy(draft, "backend-coordinator"), "spec", "ingress", 0, "ports", 0, "port", to=3002)


@violates(traffic.pairs, also=("policy-declared",))
def large_answers_to_names_are_lost(draft: Draft) -> None:
    draft.unset(policy(draft, "backend-relayer"), "spec", "egress", 0, "ports", 1)


@spares(traffic.pairs, minimal=True)
def a_pod_without_a_policy_needs_no_half(draft: Draft) -> None:
    peer = {
        "namespaceSelector": {"matchLabels": {traffic.NAMESPACE_LABEL: "monitoring"}},
        "podSelector": {"matchLabels": {"app": "prometheus"}},
    }
    spec = {"podSelector": {"matchLabels": {"app": "one"}}, "ingress": [{"from": [peer]}]}
    draft.add(NETWORK_POLICY, "one", {"metadata": {"name": "one", "namespace": "intendly"}, "spec": spec})


@violates(traffic.declared)
def the_database_is_the_worlds(draft: Draft) -> None:
    place = ("spec", "egress", 1, "to", 0, "ipBlock", "cidr")
    draft.set(policy(draft, "backend-relayer"), *place, to="0.0.0.0/0")


@violates(traffic.declared)
def an_application_reaches_private_addresses_as_if_they_were_the_internet(draft: Draft) -> None:
    draft.unset(policy(draft, "backend-relayer"), "spec", "egress", 3, "to", 0, "ipBlock", "except")


@violates(traffic.declared)
def it_closes_one_way_only(draft: Draft) -> None:
    draft.set(policy(draft, "backend-relayer"), "spec", "policyTypes", to=["Ingress"])


@spares(traffic.declared)
def the_order_of_its_rules_says_nothing(draft: Draft) -> None:
    rules = policy(draft, "backend-relayer").properties.raw["spec"]["egress"]
    draft.set(policy(draft, "backend-relayer"), "spec", "egress", to=rules[::-1])


@violates(traffic.complete)
def an_application_is_cut_off(draft: Draft) -> None:
    draft.remove(policy(draft, "websocket-server"))


@spares(traffic.complete)
def two_policies_of_one_workload_are_no_gap(draft: Draft) -> None:
    one = policy(draft, "websocket-server")
    metadata = {"name": "twin", "namespace": "intendly"}
    draft.add(NETWORK_POLICY, "twin", {**one.properties.raw, "metadata": metadata})
