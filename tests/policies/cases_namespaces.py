"""Cases of `policies/rules/namespaces.py`."""

from policies.kubernetes import CONFIG_MAP, NAMESPACE, NETWORK_POLICY, RESOURCE_QUOTA
from policies.rules import namespaces
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft

deny = "network-policies-intendly-default-deny"


@violates(namespaces.enforces)
def it_takes_privileged_pods(draft: Draft) -> None:
    place = ("metadata", "labels", namespaces.LEVEL)
    draft.set(draft.node(NAMESPACE, "access-intendly"), *place, to="baseline")


@violates(namespaces.enforces)
def nothing_is_denied_by_default(draft: Draft) -> None:
    draft.remove(draft.node(NETWORK_POLICY, deny))


@violates(namespaces.enforces)
def a_mistake_may_start_as_many_pods_as_it_likes(draft: Draft) -> None:
    draft.remove(draft.node(RESOURCE_QUOTA))


@spares(namespaces.enforces)
def what_is_only_warned_of_is_not_what_is_enforced(draft: Draft) -> None:
    place = ("metadata", "labels", "pod-security.kubernetes.io/warn")
    draft.set(draft.node(NAMESPACE, "access-intendly"), *place, to="baseline")


@violates(namespaces.named, also=("secrets-covered",))
def an_object_lands_in_the_default_namespace(draft: Draft) -> None:
    draft.unset(draft.node(CONFIG_MAP), "metadata", "namespace")


@violates(namespaces.named, also=("secrets-covered",))
def an_object_lies_where_nobody_makes_room(draft: Draft) -> None:
    draft.set(draft.node(CONFIG_MAP), "metadata", "namespace", to="applications")


@spares(namespaces.named, minimal=True)
def a_cluster_role_lies_in_no_namespace(draft: Draft) -> None:
    draft.add("kubernetes:rbac.authorization.k8s.io/v1:ClusterRole", "role", {"metadata": {"name": "role"}})


@violates(namespaces.quota_fits)
def the_busiest_hour_does_not_fit(draft: Draft) -> None:
    draft.set(draft.node(RESOURCE_QUOTA), "spec", "hard", "pods", to="20")


@violates(namespaces.quota_fits)
def another_way_in_may_be_opened(draft: Draft) -> None:
    draft.set(draft.node(RESOURCE_QUOTA), "spec", "hard", "services.loadbalancers", to="1")


@spares(namespaces.quota_fits)
def there_is_room_for_more(draft: Draft) -> None:
    draft.set(draft.node(RESOURCE_QUOTA), "spec", "hard", "pods", to="100")
