"""Cases of `policies/rules/network.py`."""

from policies.rules import network
from tests.policies.case import Case, spares, violates
from tests.support.policy_graph import Draft

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


CASES: tuple[Case, ...] = (
    the_default_group_lets_everything_out,
    the_default_group_is_left_to_aws,
    no_rules_are_as_good_as_an_empty_list,
)
