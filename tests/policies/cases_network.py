"""Cases of `policies/rules/network.py`."""

from policies.rules import network
from policies.values import UNKNOWN
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft

ingress_rule = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
group = "aws:ec2/securityGroup:SecurityGroup"
default_group = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
anybody = {"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}


@violates(network.default_group_closed)
def the_default_group_lets_everything_out(draft: Draft) -> None:
    draft.set(draft.node(default_group), "egress", to=[anybody])


@violates(network.default_group_closed)
def the_default_group_is_left_to_aws(draft: Draft) -> None:
    draft.remove(draft.node(default_group))


@spares(network.default_group_closed)
def no_rules_are_as_good_as_an_empty_list(draft: Draft) -> None:
    draft.unset(draft.node(default_group), "egress")


@violates(network.no_world_ingress, also=("network-world-cannot-reach-data",))
def the_database_is_open_by_a_rule_of_its_own(draft: Draft) -> None:
    rule = draft.node(ingress_rule, "database-access-clients")
    draft.unset(rule, "referencedSecurityGroupId").set(rule, "cidrIpv4", to="0.0.0.0/0")


@violates(network.no_world_ingress, also=("network-rules-one-style",))
def the_cache_is_open_by_a_rule_inside_its_group(draft: Draft) -> None:
    hole = {"protocol": "tcp", "fromPort": 6379, "toPort": 6379, "ipv6CidrBlocks": ["::/0"]}
    draft.set(draft.node(group, "cache-access"), "ingress", to=[hole])


@violates(network.no_world_ingress, also=("network-rules-one-style", "nodes-no-ssh"))
def half_of_the_world_is_the_world(draft: Draft) -> None:
    hole = {"type": "ingress", "protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": ["128.0.0.0/1"]}
    balancer = draft.node(group, "load-balancer-access")
    draft.add(network.OLD_RULE, "hole", hole, {"securityGroupId": [balancer]})


@violates(network.no_world_ingress)
def the_endpoints_take_every_protocol(draft: Draft) -> None:
    draft.set(draft.node(ingress_rule, "endpoints-access-vpc"), "ipProtocol", to="-1")


@violates(network.no_world_ingress)
def the_worlds_port_443_is_not_the_balancers(draft: Draft) -> None:
    draft.set(draft.node(ingress_rule, "endpoints-access-vpc"), "cidrIpv4", to="0.0.0.0/0")


@spares(network.no_world_ingress)
def a_larger_private_network(draft: Draft) -> None:
    draft.set(draft.node(ingress_rule, "endpoints-access-vpc"), "cidrIpv4", to="10.0.0.0/8")


@spares(network.no_world_ingress)
def the_balancers_group_is_not_known_yet(draft: Draft) -> None:
    draft.set(draft.node(ingress_rule, "load-balancer-443-0.0.0.0-0"), "securityGroupId", to=UNKNOWN)
