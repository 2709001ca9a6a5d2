"""Cases of `policies/rules/scaling.py`."""

from policies.graph import Node
from policies.kubernetes import AUTOSCALER, DEPLOYMENT, DISRUPTION_BUDGET
from policies.rules import scaling
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft

pod = ("spec", "template", "spec")


def relayer(draft: Draft) -> Node:
    return draft.node(DEPLOYMENT, "backend-relayer-deployment")


def budget(draft: Draft) -> Node:
    return draft.node(DISRUPTION_BUDGET, "backend-relayer-disruption-budget")


@violates(scaling.disruption_satisfiable)
def no_node_can_be_drained(draft: Draft) -> None:
    draft.unset(budget(draft), "spec", "maxUnavailable")
    draft.set(budget(draft), "spec", "minAvailable", to="100%")


@violates(scaling.disruption_satisfiable)
def a_drain_may_take_all(draft: Draft) -> None:
    draft.set(budget(draft), "spec", "maxUnavailable", to="100%")


@violates(scaling.disruption_satisfiable)
def nothing_limits_a_drain(draft: Draft) -> None:
    draft.remove(budget(draft))


@violates(scaling.disruption_satisfiable)
def two_budgets_let_no_eviction_through(draft: Draft) -> None:
    more = {**budget(draft).properties.raw, "metadata": {"name": "another", "namespace": "intendly"}}
    draft.add(DISRUPTION_BUDGET, "another", more)


@violates(scaling.disruption_satisfiable)
def a_broken_pod_holds_up_a_drain(draft: Draft) -> None:
    draft.unset(budget(draft), "spec", "unhealthyPodEvictionPolicy")


@spares(scaling.disruption_satisfiable)
def the_autoscalers_minimum_leaves_one_to_go(draft: Draft) -> None:
    draft.unset(budget(draft), "spec", "maxUnavailable")
    draft.set(budget(draft), "spec", "minAvailable", to=2)


@violates(scaling.spread)
def it_is_spread_by_somebody_elses_labels(draft: Draft) -> None:
    place = (*pod, "topologySpreadConstraints", 0, "labelSelector", "matchLabels", "app")
    draft.set(relayer(draft), *place, to="backend-coordinator")


@violates(scaling.spread)
def its_pods_may_share_a_node(draft: Draft) -> None:
    draft.unset(relayer(draft), *pod, "topologySpreadConstraints", 1)


@violates(scaling.spread)
def it_is_alone(draft: Draft) -> None:
    draft.set(draft.node(AUTOSCALER), "spec", "minReplicas", to=1)


@spares(scaling.spread)
def two_pods_are_enough(draft: Draft) -> None:
    draft.set(draft.node(AUTOSCALER), "spec", "minReplicas", to=2)


@violates(scaling.coherent)
def it_has_no_room(draft: Draft) -> None:
    draft.set(draft.node(AUTOSCALER), "spec", "maxReplicas", to=3)


@violates(scaling.coherent, also=("workload-resources",))
def there_is_nothing_to_take_a_percentage_of(draft: Draft) -> None:
    draft.unset(relayer(draft), *pod, "containers", 0, "resources", "requests", "cpu")


@violates(scaling.coherent, also=("addons-pinned",))
def nobody_measures(draft: Draft) -> None:
    draft.remove(draft.node(scaling.ADDON, "cluster-platform-metrics-server"))


@violates(scaling.coherent, also=("workload-spread",))
def it_scales_what_is_not_there(draft: Draft) -> None:
    draft.set(draft.node(AUTOSCALER), "spec", "scaleTargetRef", "name", to="backend")


@spares(scaling.coherent)
def a_higher_maximum_is_one_too(draft: Draft) -> None:
    draft.set(draft.node(AUTOSCALER), "spec", "maxReplicas", to=21)


@violates(scaling.owns_replicas)
def every_update_would_scale_it_back(draft: Draft) -> None:
    draft.set(relayer(draft), "spec", "replicas", to=3)


@spares(scaling.owns_replicas)
def an_update_that_leaves_its_replicas_alone_is_no_rival(draft: Draft) -> None:
    draft.set(relayer(draft), "spec", "replicas", to=3)
    draft.options(relayer(draft), ignore_changes=("spec.replicas",))
