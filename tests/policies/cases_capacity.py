"""Cases of `policies/rules/capacity.py`."""

from policies.rules import capacity
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft

group = "aws:eks/nodeGroup:NodeGroup"
scaler = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
deployment = "kubernetes:apps/v1:Deployment"
instance = "aws:rds/instance:Instance"


@violates(capacity.holds_all_pods)
def the_autoscalers_maximum_fits_no_more(draft: Draft) -> None:
    draft.set(draft.node(group), "scalingConfig", "maxSize", to=6)


@violates(capacity.holds_all_pods)
def the_fewest_nodes_are_too_few(draft: Draft) -> None:
    draft.set(draft.node(group), "scalingConfig", "minSize", to=2)


@spares(capacity.holds_all_pods)
def a_few_nodes_less_still_hold_everything(draft: Draft) -> None:
    draft.set(draft.node(group), "scalingConfig", "maxSize", to=12)


@violates(capacity.holds_all_connections)
def pods_open_more_than_the_database_takes(draft: Draft) -> None:
    draft.set(draft.node(instance), "instanceClass", to="db.t4g.medium")


@violates(capacity.holds_all_connections)
def a_pool_is_too_large(draft: Draft) -> None:
    relayer = draft.node(deployment, "backend-relayer-deployment")
    names = [one.at("name") for one in relayer.at("spec", "template", "spec", "containers")[0].records("env")]
    place = names.index(capacity.POOL)
    draft.set(relayer, "spec", "template", "spec", "containers", 0, "env", place, "value", to="60")


@spares(capacity.holds_all_connections)
def a_few_pods_more_still_find_connections(draft: Draft) -> None:
    draft.set(draft.node(scaler), "spec", "maxReplicas", to=30)
