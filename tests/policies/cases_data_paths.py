"""Cases of `policies/rules/data_paths.py`."""

from typing import Any

from policies.graph import Node
from policies.rules import data_paths
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft

security_group = "aws:ec2/securityGroup:SecurityGroup"
ingress_rule = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
network_policy = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
deployment = "kubernetes:apps/v1:Deployment"
to_the_database = {
    "to": [{"ipBlock": {"cidr": "10.20.200.0/24"}}],
    "ports": [{"protocol": "TCP", "port": 5432}],
}


def admit(draft: Draft, *callers: Node, **values: Any) -> None:  # noqa: ANN401 - JSON
    """Open the database's port to one more group, or to addresses."""
    draft.add(
        ingress_rule,
        "more",
        {"ipProtocol": "tcp", "fromPort": 5432, "toPort": 5432, **values},
        {
            "securityGroupId": [draft.node(security_group, "database-access")],
            "referencedSecurityGroupId": callers,
        },
    )


@violates(data_paths.world_cannot_reach_data)
def the_load_balancer_reaches_the_database(draft: Draft) -> None:
    admit(draft, draft.node(security_group, "load-balancer-access"))


@violates(data_paths.world_cannot_reach_data)
def a_group_between_does_not_help(draft: Draft) -> None:
    between = draft.add(security_group, "between", {"tags": {"Name": "between"}})
    draft.add(
        ingress_rule,
        "from-outside",
        {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443},
        {
            "securityGroupId": [between],
            "referencedSecurityGroupId": [draft.node(security_group, "load-balancer-access")],
        },
    )
    admit(draft, between)


@violates(data_paths.world_cannot_reach_data)
def everything_in_the_network_reaches_the_database(draft: Draft) -> None:
    admit(draft, cidrIpv4="10.20.0.0/16")


@violates(data_paths.world_cannot_reach_data, also=("policy-declared",))
def the_ingress_controller_may_open_the_database(draft: Draft) -> None:
    policy = draft.node(network_policy, "network-policies-traefik-traefik")
    draft.set(policy, "spec", "egress", to=[*policy.properties.raw["spec"]["egress"], to_the_database])


@violates(data_paths.world_cannot_reach_data)
def an_application_opens_what_it_is_not_told_of(draft: Draft) -> None:
    draft.unlink(draft.node(deployment, "websocket-server-deployment"), "spec")


@spares(data_paths.world_cannot_reach_data)
def a_group_that_nobody_reaches_may_open_the_database(draft: Draft) -> None:
    admit(draft, draft.add(security_group, "operators", {"tags": {"Name": "operators"}}))


@spares(data_paths.world_cannot_reach_data)
def the_nodes_own_addresses_reach_the_database(draft: Draft) -> None:
    admit(draft, cidrIpv4="10.20.0.0/19")
