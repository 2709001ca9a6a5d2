"""Cases of `policies/rules/balancer.py`."""

from policies.rules import balancer
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft

listener = (balancer.LISTENER, "load-balancer-443")
targets = (balancer.TARGETS, "load-balancer-443")
way_out = (balancer.EGRESS, "load-balancer-to-nodes-30443")


@violates(balancer.offers)
def it_offers_the_database(draft: Draft) -> None:
    draft.set(draft.node(*listener), "port", to=5432)


@spares(balancer.offers)
def it_may_end_tls_itself(draft: Draft) -> None:
    draft.set(draft.node(*listener), "protocol", to="TLS")


@violates(balancer.checks)
def its_targets_see_one_caller(draft: Draft) -> None:
    draft.set(draft.node(*targets), "preserveClientIp", to="false")


@spares(balancer.checks)
def it_may_check_more_often(draft: Draft) -> None:
    draft.set(draft.node(*targets), "healthCheck", "interval", to=5)


@violates(balancer.egress_narrow)
def what_is_broken_into_reaches_the_world(draft: Draft) -> None:
    rule = draft.node(*way_out)
    draft.unset(rule, "referencedSecurityGroupId").unlink(rule, "referencedSecurityGroupId")
    draft.set(rule, "cidrIpv4", to="0.0.0.0/0")


@spares(balancer.egress_narrow)
def another_single_port_is_as_narrow(draft: Draft) -> None:
    draft.set(draft.node(*way_out), "description", to="nodes of the ingress controller")
