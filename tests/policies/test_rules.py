"""Every rule bites, spares what it should, and looks at something in the real stacks."""

import pytest

from policies.evaluate import Kind, evaluate
from policies.exceptions import load_exceptions
from policies.registry import RULES
from policies.rule import Rule
from tests.policies import (
    cases_access,
    cases_backups,
    cases_balancer,
    cases_cache,
    cases_capacity,
    cases_charts,
    cases_cluster,
    cases_control_plane,
    cases_custody,
    cases_data_paths,
    cases_database,
    cases_database_service,
    cases_edge,
    cases_identity,
    cases_ingress,
    cases_monitoring,
    cases_namespaces,
    cases_network,
    cases_nodes,
    cases_placement,
    cases_pod_secrets,
    cases_pods,
    cases_program,
    cases_recovery,
    cases_roles,
    cases_scaling,
    cases_secrecy,
    cases_services,
    cases_statements,
    cases_storage,
    cases_traffic,
    cases_upkeep,
    cases_workloads,
)
from tests.policies.case import Case
from tests.support.policy_graph import scene, stack_graph
from tests.support.stacks import STACKS

MODULES = (
    cases_network,
    cases_cluster,
    cases_database,
    cases_cache,
    cases_storage,
    cases_identity,
    cases_workloads,
    cases_services,
    cases_pods,
    cases_scaling,
    cases_pod_secrets,
    cases_placement,
    cases_control_plane,
    cases_nodes,
    cases_namespaces,
    cases_traffic,
    cases_access,
    cases_database_service,
    cases_capacity,
    cases_ingress,
    cases_monitoring,
    cases_recovery,
    cases_edge,
    cases_upkeep,
    cases_roles,
    cases_program,
    cases_secrecy,
    cases_data_paths,
    cases_backups,
    cases_custody,
    cases_balancer,
    cases_charts,
    cases_statements,
)
CASES = [case for module in MODULES for case in vars(module).values() if isinstance(case, Case)]


@pytest.mark.parametrize("stack", STACKS)
def test_the_tracked_stacks_keep_every_rule(stack: str) -> None:
    report = evaluate(RULES, scene(stack_graph(stack), stack), load_exceptions())
    assert [str(found) for found in report.findings if found.mandatory] == []
    assert not report.undecided, "everything is known here"
    assert not report.not_run


def test_production_follows_the_advice_too() -> None:
    report = evaluate(RULES, scene(stack_graph("production")), load_exceptions())
    assert [str(found) for found in report.findings] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_violates_exactly_what_it_says(case: Case) -> None:
    findings = evaluate(RULES, scene(case.graph(stack_graph("production"))), load_exceptions()).findings
    # An edit may end what an exemption is about, which then is idle.
    said = [found for found in findings if found.kind is not Kind.EXEMPTION]
    relevant = [found for found in said if not case.minimal or found.rule == case.rule]
    assert {found.rule for found in relevant} == case.violates, [str(found) for found in findings]
    assert all(found.kind is Kind.VIOLATION for found in relevant), [str(found) for found in findings]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_shown_to_bite_and_to_spare(rule: Rule) -> None:
    mine = [case for case in CASES if case.rule == rule.id]
    assert [case for case in mine if case.violates], "no case violates it"
    assert [case for case in mine if not case.violates], "no near miss"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_has_something_to_look_at_in_production(rule: Rule) -> None:
    assert evaluate([rule], scene(stack_graph("production"))).examined[rule.id] > 0


def test_rules_have_names_of_their_own_and_say_why() -> None:
    names = [rule.id for rule in RULES]
    assert len(set(names)) == len(names)
    assert not [rule.id for rule in RULES if len(rule.reason) < 40]
