"""Cases of `policies/rules/services.py`."""

from policies.rules import services
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft

service = ("kubernetes:core/v1:Service", "backend-relayer-service")


@violates(services.selects, also=("monitor-reads-all",))
def its_selector_is_misspelt(draft: Draft) -> None:
    draft.set(draft.node(*service), "spec", "selector", to={"app": "backend-relayr"})


@violates(services.selects)
def its_selector_is_wider_than_one_workload(draft: Draft) -> None:
    draft.set(draft.node(*service), "spec", "selector", to={"app.kubernetes.io/part-of": "intendly"})


@violates(services.selects, also=("alert-metric-scraped", "ingress-complete", "monitor-reads-all"))
def it_leads_to_another_namespaces_pods(draft: Draft) -> None:
    draft.set(draft.node(*service), "metadata", "namespace", to="monitoring")


@violates(services.selects)
def its_port_is_declared_nowhere(draft: Draft) -> None:
    draft.set(draft.node(*service), "spec", "ports", 0, "targetPort", to="https")


@violates(services.selects, also=("monitor-reads-all",))
def it_answers_for_another_service(draft: Draft) -> None:
    draft.set(draft.node(*service), "spec", "selector", to={"app": "backend-coordinator"})


@spares(services.selects)
def a_port_by_its_number(draft: Draft) -> None:
    draft.set(draft.node(*service), "spec", "ports", 0, "targetPort", to=3001)
