"""Who may do what in the cluster."""

from collections.abc import Iterator

from components import kubernetes_names as names
from policies.graph import Graph, Node
from policies.kubernetes import SERVICE_ACCOUNT, named, section
from policies.rule import Rule, Scene, Severity, rule
from policies.values import Record

_RBAC = "kubernetes:rbac.authorization.k8s.io/v1"
ROLE = f"{_RBAC}:Role"
CLUSTER_ROLE = f"{_RBAC}:ClusterRole"
ROLE_BINDING = f"{_RBAC}:RoleBinding"
CLUSTER_ROLE_BINDING = f"{_RBAC}:ClusterRoleBinding"
ADMISSION = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy"
ADMISSION_BINDING = f"{ADMISSION}Binding"

READ = frozenset({"get", "list", "watch"})
ESCALATING = frozenset({"bind", "escalate", "impersonate"})
"""Verbs that give more than the role says."""
AS_GOOD_AS_ROOT = frozenset(
    {
        "nodes/proxy",
        "pods/exec",
        "pods/attach",
        "pods/portforward",
        "pods/ephemeralcontainers",
        "services/proxy",
        "pods/proxy",
        "serviceaccounts/token",
        "certificatesigningrequests/approval",
    }
)
"""Resources by which whoever has them is somebody else."""

GROUPS = frozenset({names.OPERATOR_GROUP, names.ON_CALL_GROUP, names.AUDITOR_GROUP, names.PREVIEW_GROUP})
"""The groups that access entries may give; a group of another name has nobody in it, or everybody."""


@rule(
    "rbac-minimal",
    ROLE,
    CLUSTER_ROLE,
    severity=Severity.CRITICAL,
    source="CKV_K8S_49/155-158, CKV2_K8S_1-5, CIS-EKS 4.1.1-8",
)
def minimal(role: Node, _: Scene) -> Iterator[str]:
    """A role that reads Secrets, runs commands in pods or binds roles is the administrator's by two commands.

    `*` stands only for the resources of a named group, to read; never of the core group, where Secrets are.
    """
    rules = role.records("rules")
    if not rules:
        yield "it has no rules"
    for one in rules:
        yield from _too_much(one)


def _too_much(one: Record) -> Iterator[str]:
    verbs, resources, groups = (set(one.texts(key)) for key in ("verbs", "resources", "apiGroups"))
    if "*" in verbs or "*" in groups or one.texts("nonResourceURLs"):
        yield "a rule is for every verb, every group or an address"
    if any("*" in resource for resource in resources) and (not verbs <= READ or "" in groups):
        yield "a rule is for every resource"
    if verbs & ESCALATING:
        yield f"it may {', '.join(sorted(verbs & ESCALATING))}"
    if resources & AS_GOOD_AS_ROOT:
        yield f"it has {', '.join(sorted(resources & AS_GOOD_AS_ROOT))}"
    if "secrets" in resources and (verbs - {"get"} or not one.texts("resourceNames")):
        yield "it reads or writes Secrets other than by name"
    if not verbs <= READ and groups & {"rbac.authorization.k8s.io", "admissionregistration.k8s.io"}:
        yield "it changes roles or admission"


@rule(
    "rbac-bound",
    ROLE_BINDING,
    CLUSTER_ROLE_BINDING,
    severity=Severity.CRITICAL,
    source="CIS-EKS 4.1.7",
)
def bound(binding: Node, scene: Scene) -> Iterator[str]:
    """A binding to what is not there waits for somebody who makes it; one to a wide group is for everybody."""
    kind, name = binding.at("roleRef", "kind"), binding.at("roleRef", "name")
    namespace = binding.kubernetes_name[0] if kind == "Role" else ""
    if named(scene.graph, namespace, name, ROLE if kind == "Role" else CLUSTER_ROLE) is None:
        yield f"its {kind} {name} is not in the program"
    subjects = binding.records("subjects")
    if not subjects:
        yield "it is bound to nobody"
    for one in subjects:
        if not _known(scene.graph, one):
            yield f"its subject {one.at('name')} is nobody of the program"


def _known(graph: Graph, subject: Record) -> bool:
    if subject.at("kind") == "ServiceAccount":
        return named(graph, str(subject.at("namespace")), subject.at("name"), SERVICE_ACCOUNT) is not None
    return subject.at("kind") == "Group" and subject.at("name") in GROUPS


@rule("rbac-preview-dry", CLUSTER_ROLE_BINDING, severity=Severity.CRITICAL)
def preview_dry(binding: Node, scene: Scene) -> Iterator[str]:
    """A preview asks the API server what a change would do, for which it needs the right to make it.

    Only an admission policy keeps that to dry runs: without it whoever opens a pull request changes the cluster.
    """
    role = named(scene.graph, "", binding.at("roleRef", "name"), CLUSTER_ROLE)
    if role is None or all(set(one.texts("verbs")) <= READ for one in role.records("rules")):
        return
    for subject in binding.records("subjects"):
        if not any(_keeps_to_dry_runs(scene.graph, one, subject) for one in scene.graph.of(ADMISSION)):
            yield f"nothing keeps {subject.at('name')} to dry runs"


def _keeps_to_dry_runs(graph: Graph, policy: Node, subject: Record) -> bool:
    spec = section(policy, "spec")
    bindings = [
        one
        for one in graph.of(ADMISSION_BINDING)
        if one.at("spec", "policyName") == policy.kubernetes_name[1]
        and one.texts("spec", "validationActions") == ("Deny",)
        and not one.has("spec", "matchResources")
    ]
    return (
        bool(bindings)
        and spec.at("failurePolicy") == "Fail"
        and _everything(section(spec, "matchConstraints"))
        and _about(spec, str(subject.at("name")))
        and any("request.dryRun" in str(one.at("expression")) for one in spec.records("validations"))
    )


def _everything(constraints: Record) -> bool:
    """Whether every change of every object is looked at; only questions about rights are not."""
    return any(
        {"CREATE", "UPDATE", "DELETE"} <= set(one.texts("operations"))
        and one.texts("apiGroups") == one.texts("apiVersions") == ("*",)
        and "*/*" in one.texts("resources")
        for one in constraints.records("resourceRules")
    ) and all(
        set(one.texts("apiGroups")) <= {"authorization.k8s.io", "authentication.k8s.io"}
        for one in constraints.records("excludeResourceRules")
    )


def _about(spec: Record, group: str) -> bool:
    """Whether the policy's conditions let it speak of this group."""
    return all(
        f"'{group}' in request.userInfo.groups" in str(one.at("expression"))
        for one in spec.records("matchConditions")
    )


RULES: tuple[Rule, ...] = (minimal, bound, preview_dry)
