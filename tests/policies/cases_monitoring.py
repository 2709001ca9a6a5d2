"""Cases of `policies/rules/monitoring.py`."""

from policies.graph import Node
from policies.kubernetes import EXTERNAL_SECRET, RELEASE
from policies.rules import monitoring
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft

first = ("spec", "groups", 0, "rules", 0)
config = ("values", "alertmanager", "config")


def alerts(draft: Draft) -> Node:
    return draft.node(monitoring.ALERTS)


def monitor(draft: Draft) -> Node:
    return draft.node(monitoring.MONITOR)


def stack(draft: Draft) -> Node:
    return draft.node(RELEASE, "monitoring-release")


@violates(monitoring.metric_scraped)
def it_watches_what_nobody_measures(draft: Draft) -> None:
    draft.set(alerts(draft), *first, "expr", to="sum(rate(http_requests[5m])) by (job) > 5")


@violates(monitoring.metric_scraped)
def it_watches_a_job_that_is_none(draft: Draft) -> None:
    draft.set(alerts(draft), *first, "expr", to='up{job="relayer"} == 0')


@violates(monitoring.metric_scraped)
def the_jobs_get_other_names(draft: Draft) -> None:
    draft.unset(monitor(draft), "spec", "jobLabel")


@violates(monitoring.metric_scraped)
def nobody_measures_nodes(draft: Draft) -> None:
    draft.set(stack(draft), "values", "nodeExporter", "enabled", to=False)


@spares(monitoring.metric_scraped)
def it_fires_when_the_metric_is_absent(draft: Draft) -> None:
    draft.set(alerts(draft), *first, "expr", to="min(queue_up) == 0 or absent(queue_up)")


@violates(monitoring.routed)
def no_route_is_for_its_severity(draft: Draft) -> None:
    draft.set(alerts(draft), *first, "labels", "severity", to="page")


@violates(monitoring.routed)
def whoever_is_woken_learns_nothing(draft: Draft) -> None:
    draft.unset(alerts(draft), *first, "annotations", "summary")


@violates(monitoring.routed)
def nobody_is_called_at_night(draft: Draft) -> None:
    draft.unset(stack(draft), *config, "route", "routes", 1)


@spares(monitoring.routed)
def another_severity_has_a_route_too(draft: Draft) -> None:
    draft.set(alerts(draft), *first, "labels", "severity", to="warning")


@violates(monitoring.received)
def the_pager_has_no_key(draft: Draft) -> None:
    draft.unset(draft.node(EXTERNAL_SECRET, "platform-secrets-receivers"), "spec", "data", 1)


@violates(monitoring.received)
def a_receiver_sends_nothing(draft: Draft) -> None:
    draft.set(stack(draft), *config, "route", "receiver", to="null")


@violates(monitoring.received)
def a_route_leads_nowhere(draft: Draft) -> None:
    draft.set(stack(draft), *config, "route", "routes", 1, "receiver", to="opsgenie")


@spares(monitoring.received)
def it_may_repeat_less_often(draft: Draft) -> None:
    draft.set(stack(draft), *config, "route", "routes", 1, "repeat_interval", to="15m")


@violates(monitoring.reads_all, also=("alert-metric-scraped",))
def one_applications_metrics_are_not_read(draft: Draft) -> None:
    service = draft.node("kubernetes:core/v1:Service", "backend-relayer-service")
    draft.set(service, "metadata", "labels", "app.kubernetes.io/part-of", to="another")


@spares(monitoring.reads_all)
def a_service_may_carry_more_labels(draft: Draft) -> None:
    service = draft.node("kubernetes:core/v1:Service", "backend-relayer-service")
    draft.set(service, "metadata", "labels", "tier", to="backend")


@violates(monitoring.monitor_selects, also=("alert-metric-scraped", "monitor-reads-all"))
def it_reads_a_port_that_is_none(draft: Draft) -> None:
    draft.set(monitor(draft), "spec", "endpoints", 0, "port", to="prometheus")


@spares(monitoring.monitor_selects)
def it_may_read_less_often(draft: Draft) -> None:
    draft.set(monitor(draft), "spec", "endpoints", 0, "interval", to="1m")


@violates(monitoring.keeps)
def it_forgets_everything_with_its_pod(draft: Draft) -> None:
    draft.unset(stack(draft), "values", "prometheus", "prometheusSpec", "storageSpec")


@violates(monitoring.keeps)
def it_does_not_read_our_alerts(draft: Draft) -> None:
    draft.unset(stack(draft), "values", "prometheus", "prometheusSpec", "ruleSelectorNilUsesHelmValues")


@spares(monitoring.keeps)
def it_may_keep_more(draft: Draft) -> None:
    draft.set(stack(draft), "values", "prometheus", "prometheusSpec", "retention", to="30d")
