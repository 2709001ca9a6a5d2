"""Cases of `policies/rules/charts.py`."""

from policies.kubernetes import RELEASE
from policies.rules import charts
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft


@violates(charts.values_kept)
def a_drain_takes_the_way_in(draft: Draft) -> None:
    draft.set(draft.node(RELEASE, "traefik-release"), "values", "podDisruptionBudget", "enabled", to=False)


@violates(charts.values_kept)
def sessions_go_over_plain_http(draft: Draft) -> None:
    place = ("values", "grafana", "grafana.ini", "security", "cookie_secure")
    draft.set(draft.node(RELEASE, "monitoring-release"), *place, to=False)


@spares(charts.values_kept)
def it_may_take_more_memory(draft: Draft) -> None:
    place = ("values", "resources", "limits", "memory")
    draft.set(draft.node(RELEASE, "traefik-release"), *place, to="1Gi")
