"""Auditors and previews in the cluster, as registered; the API server's own word is in the engine tests."""

import pytest

from components.cluster_access import ClusterAccess
from tests.support.recorder import Recorder
from tests.unit.conftest import Deploy

CLUSTER_ROLE = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole"
BINDING = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding"
POLICY = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy"
POLICY_BINDING = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding"
READ = {"get", "list", "watch"}


@pytest.fixture
def made(deploy: Deploy) -> Recorder:
    return deploy(lambda: ClusterAccess("cluster-access"))


def granted(made: Recorder, role: str) -> set[tuple[str, str, str]]:
    """API group, resource and verb."""
    return {
        (group, resource, verb)
        for rule in made.named(CLUSTER_ROLE, f"cluster-access-{role}")["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def test_auditors_read_and_never_secrets_nor_ways_into_pods(made: Recorder) -> None:
    rights = granted(made, "auditor")
    assert {verb for _, _, verb in rights} == READ
    core = {resource for group, resource, _ in rights if group == ""}
    assert {"pods", "nodes", "namespaces"} <= core
    assert not core & {"*", "secrets"}
    assert not [resource for resource in core if "/" in resource]
    assert "*" not in {group for group, _, _ in rights}


def test_previews_also_try_what_the_program_makes_but_no_secret_right_or_policy(made: Recorder) -> None:
    tried = granted(made, "preview") - granted(made, "auditor")
    assert {verb for _, _, verb in tried} == {"create", "patch"}
    assert not {resource for _, resource, _ in tried} & {"*", "secrets"}
    # nobody may lift the ban, and the API server lets no policy guard policies
    assert not {group for group, _, _ in tried} & {
        "admissionregistration.k8s.io",
        "rbac.authorization.k8s.io",
        "certificates.k8s.io",
    }
    assert not [resource for _, resource, _ in tried if "/" in resource]


@pytest.mark.parametrize(
    ("who", "role", "group"),
    [
        ("auditor", "intendly-auditor", "intendly-auditors"),
        ("preview", "intendly-preview", "intendly-preview"),
    ],
)
def test_each_role_is_bound_to_its_group(made: Recorder, who: str, role: str, group: str) -> None:
    binding = made.named(BINDING, f"cluster-access-{who}")
    assert (binding["roleRef"]["kind"], binding["roleRef"]["name"]) == ("ClusterRole", role)
    [subject] = binding["subjects"]
    assert (subject["kind"], subject["name"]) == ("Group", group)


def test_the_policy_refuses_whatever_a_preview_sends_that_is_no_dry_run(made: Recorder) -> None:
    policy, binding = made.only(POLICY), made.only(POLICY_BINDING)
    spec = policy["spec"]
    assert spec["failurePolicy"] == "Fail"
    [rule] = spec["matchConstraints"]["resourceRules"]
    assert (rule["apiGroups"], rule["resources"], rule["scope"]) == (["*"], ["*/*"], "*")
    assert set(rule["operations"]) == {"CREATE", "UPDATE", "DELETE", "CONNECT"}
    [condition] = spec["matchConditions"]
    assert "'intendly-preview' in request.userInfo.groups" in condition["expression"]
    [validation] = spec["validations"]
    assert validation["expression"] == "has(request.dryRun) && request.dryRun"
    assert binding["spec"] == {
        "policyName": policy["metadata"]["name"],
        "validationActions": ["Deny"],
    }


def test_previews_get_their_rights_after_the_policy_that_holds_them(made: Recorder) -> None:
    guard = made.only(POLICY_BINDING)
    assert made.follows(guard, made.only(POLICY))
    assert made.follows(made.named(CLUSTER_ROLE, "cluster-access-preview"), guard)
    assert made.follows(made.named(BINDING, "cluster-access-preview"), guard)
