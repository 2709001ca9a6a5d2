from components.access import Access, AccessArgs
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


def test_operators_may_look_scale_and_restart_and_nothing_else(deploy: Deploy) -> None:
    role = deploy(access).only(ROLE)
    assert role["metadata"] == {"name": "intendly-operator", "namespace": "intendly"}
    granted = {
        (group, resource): set(rule["verbs"])
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }
    read = {"get", "list", "watch"}
    change = read | {"update", "patch"}
    assert granted == {
        ("", "pods"): read,
        ("", "services"): read,
        ("", "configmaps"): read,
        ("apps", "deployments"): change,
        ("apps", "replicasets"): change,
    }


def test_the_role_is_bound_to_the_group_of_the_access_entries(deploy: Deploy) -> None:
    binding = deploy(access).only(BINDING)
    assert binding["metadata"] == {"name": "intendly-operator", "namespace": "intendly"}
    assert binding["roleRef"] == {
        "apiGroup": "rbac.authorization.k8s.io",
        "kind": "Role",
        "name": "intendly-operator",
    }
    [subject] = binding["subjects"]
    assert (subject["kind"], subject["name"]) == ("Group", "intendly-operators")


def test_role_and_binding_wait_for_their_namespace(deploy: Deploy) -> None:
    made = deploy(access)
    namespace = made.named(NAMESPACE, "access-intendly")
    assert made.follows(made.only(ROLE), namespace)
    assert made.follows(made.only(BINDING), made.only(ROLE))
