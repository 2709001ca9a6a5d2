import pytest

from components.access import Access, AccessArgs
from tests.support.recorder import Registration
from tests.unit.conftest import Deploy

NAMESPACE = "kubernetes:core/v1:Namespace"
ROLE = "kubernetes:rbac.authorization.k8s.io/v1:Role"
BINDING = "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding"


def access() -> Access:
    return Access("access", AccessArgs(kubernetes_version="1.36"))


def test_every_namespace_enforces_restricted_but_those_that_need_the_host(deploy: Deploy) -> None:
    levels = {
        made["metadata"]["name"]: made["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
        for made in deploy(access).all(NAMESPACE)
    }
    assert levels == {
        "intendly": "restricted",
        "traefik": "restricted",
        "cert-manager": "restricted",
        "external-secrets": "restricted",
        "monitoring": "restricted",
        "node-exporter": "privileged",
        "logging": "privileged",
    }


def test_pod_security_is_enforced_audited_and_warned_of_at_the_clusters_version(deploy: Deploy) -> None:
    labels = deploy(access).named(NAMESPACE, "access-intendly")["metadata"]["labels"]
    for mode in ("enforce", "audit", "warn"):
        assert labels[f"pod-security.kubernetes.io/{mode}"] == "restricted"
        assert labels[f"pod-security.kubernetes.io/{mode}-version"] == "v1.36"


def granted(role: Registration) -> dict[tuple[str, str], set[str]]:
    """Verbs by API group and resource."""
    verbs: dict[tuple[str, str], set[str]] = {}
    for rule in role["rules"]:
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                verbs.setdefault((group, resource), set()).update(rule["verbs"])
    return verbs


READ = {"get", "list", "watch"}
OPERATORS = {
    ("", "pods"): READ,
    ("", "services"): READ,
    ("", "configmaps"): READ,
    ("apps", "deployments"): READ | {"update", "patch"},
    ("apps", "replicasets"): READ | {"update", "patch"},
}


def test_operators_may_look_scale_and_restart_and_nothing_else(deploy: Deploy) -> None:
    role = deploy(access).named(ROLE, "access-operator-role")
    assert role["metadata"] == {"name": "intendly-operator", "namespace": "intendly"}
    assert granted(role) == OPERATORS


def test_on_call_also_reads_logs_and_events_and_evicts_pods(deploy: Deploy) -> None:
    role = deploy(access).named(ROLE, "access-on-call-role")
    assert role["metadata"] == {"name": "intendly-on-call", "namespace": "intendly"}
    assert granted(role) == OPERATORS | {
        ("", "pods/log"): {"get"},
        ("", "pods/eviction"): {"create"},
        ("", "events"): READ,
        ("events.k8s.io", "events"): READ,
    }


@pytest.mark.parametrize(
    ("who", "role", "group"),
    [
        ("operator", "intendly-operator", "intendly-operators"),
        ("on-call", "intendly-on-call", "intendly-on-call"),
    ],
)
def test_each_role_is_bound_to_the_group_of_the_access_entries(
    deploy: Deploy, who: str, role: str, group: str
) -> None:
    binding = deploy(access).named(BINDING, f"access-{who}-binding")
    assert binding["metadata"] == {"name": role, "namespace": "intendly"}
    assert binding["roleRef"] == {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": role}
    [subject] = binding["subjects"]
    assert (subject["kind"], subject["name"]) == ("Group", group)


@pytest.mark.parametrize("who", ["operator", "on-call"])
def test_role_and_binding_wait_for_their_namespace(deploy: Deploy, who: str) -> None:
    made = deploy(access)
    namespace, role = made.named(NAMESPACE, "access-intendly"), made.named(ROLE, f"access-{who}-role")
    assert made.follows(role, namespace)
    assert made.follows(made.named(BINDING, f"access-{who}-binding"), role)
