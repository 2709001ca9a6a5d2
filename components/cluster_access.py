"""What auditors and previews may do in the whole cluster, and what keeps a preview from changing anything."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pulumi
from pulumi_kubernetes.admissionregistration.v1 import (
    MatchConditionArgs,
    MatchResourcesArgs,
    NamedRuleWithOperationsArgs,
    ValidatingAdmissionPolicy,
    ValidatingAdmissionPolicyBinding,
    ValidatingAdmissionPolicyBindingInitArgs,
    ValidatingAdmissionPolicyBindingSpecArgs,
    ValidatingAdmissionPolicyInitArgs,
    ValidatingAdmissionPolicySpecArgs,
    ValidationArgs,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.rbac.v1 import (
    ClusterRole,
    ClusterRoleBinding,
    ClusterRoleBindingInitArgs,
    ClusterRoleInitArgs,
    PolicyRuleArgs,
    RoleRefArgs,
    SubjectArgs,
)

from components import kubernetes_names as names
from components.named import name_of

POLICY = "intendly-preview-dry-run-only"
"""Name of the admission policy and of its binding."""

RBAC = "rbac.authorization.k8s.io"
READ = ("get", "list", "watch")

CORE_RESOURCES = (
    "configmaps",
    "endpoints",
    "events",
    "limitranges",
    "namespaces",
    "nodes",
    "persistentvolumeclaims",
    "persistentvolumes",
    "pods",
    "replicationcontrollers",
    "resourcequotas",
    "serviceaccounts",
    "services",
)
"""The core group without Secrets, and without the subresources that run commands or pass traffic on."""

READABLE_GROUPS = (
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apps",
    "autoscaling",
    "batch",
    "cert-manager.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "external-secrets.io",
    "metrics.k8s.io",
    "monitoring.coreos.com",
    "networking.k8s.io",
    "policy",
    RBAC,
    "scheduling.k8s.io",
    "storage.k8s.io",
    "traefik.io",
)
"""Groups of which every kind may be read: their objects refer to secrets, they hold none."""

PREVIEWED: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "": [
            "configmaps",
            "limitranges",
            "namespaces",
            "persistentvolumeclaims",
            "resourcequotas",
            "serviceaccounts",
            "services",
        ],
        "apps": ["daemonsets", "deployments", "statefulsets"],
        "autoscaling": ["horizontalpodautoscalers"],
        "batch": ["cronjobs", "jobs"],
        "cert-manager.io": ["certificates", "clusterissuers"],
        "external-secrets.io": ["clustersecretstores", "externalsecrets"],
        "monitoring.coreos.com": ["podmonitors", "probes", "prometheusrules", "servicemonitors"],
        "networking.k8s.io": ["ingressclasses", "ingresses", "networkpolicies"],
        "policy": ["poddisruptionbudgets"],
        "scheduling.k8s.io": ["priorityclasses"],
        "storage.k8s.io": ["storageclasses"],
    }
)
"""What the program makes and a preview asks the API server about, by API group.

Left out on purpose, and previewed by the engine itself, which falls back to that when it is refused:
Secrets, since the answer to a dry run shows them; RBAC, which takes the right to grant; and admission policies,
since the API server lets no policy guard policies: one that may change them could lift its own ban.
"""


class ClusterAccess(pulumi.ComponentResource):
    """ClusterRoles `intendly-auditor` and `intendly-preview` for their groups, and the policy that holds the latter."""

    preview_group: pulumi.Output[str]
    """The previews' group; who lets a role into it waits until the policy is in force."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("intendly:access:ClusterAccess", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        _bound_cluster_role(f"{name}-auditor", names.AUDITOR_ROLE, names.AUDITOR_GROUP, reading(), child)
        guard = _dry_run_only(f"{name}-dry-run", child)
        _bound_cluster_role(
            f"{name}-preview",
            names.PREVIEW_ROLE,
            names.PREVIEW_GROUP,
            [*reading(), *trying()],
            # Never a moment in which the rights are there and the policy is not.
            pulumi.ResourceOptions(parent=self, depends_on=[guard]),
        )
        self.preview_group = name_of(guard, names.PREVIEW_GROUP)
        self.register_outputs({"preview_group": self.preview_group})


def reading() -> list[PolicyRuleArgs]:
    """Everything but Secrets. RBAC cannot say "all but": what may be read is named."""
    return [
        PolicyRuleArgs(api_groups=[""], resources=list(CORE_RESOURCES), verbs=list(READ)),
        PolicyRuleArgs(api_groups=list(READABLE_GROUPS), resources=["*"], verbs=list(READ)),
    ]


def trying() -> list[PolicyRuleArgs]:
    """What a server-side preview sends, as dry runs: a patch that applies, and a create."""
    return [
        PolicyRuleArgs(api_groups=[group], resources=list(resources), verbs=["create", "patch"])
        for group, resources in PREVIEWED.items()
    ]


def _bound_cluster_role(
    logical_name: str, role: str, group: str, rules: Sequence[PolicyRuleArgs], opts: pulumi.ResourceOptions
) -> None:
    metadata = ObjectMetaArgs(name=role)
    made = ClusterRole(logical_name, ClusterRoleInitArgs(metadata=metadata, rules=list(rules)), opts)
    ClusterRoleBinding(
        logical_name,
        ClusterRoleBindingInitArgs(
            metadata=metadata,
            role_ref=RoleRefArgs(api_group=RBAC, kind="ClusterRole", name=name_of(made, role)),
            subjects=[SubjectArgs(api_group=RBAC, kind="Group", name=group)],
        ),
        opts,
    )


def _dry_run_only(logical_name: str, child: pulumi.ResourceOptions) -> ValidatingAdmissionPolicyBinding:
    policy = ValidatingAdmissionPolicy(
        logical_name,
        ValidatingAdmissionPolicyInitArgs(
            metadata=ObjectMetaArgs(name=POLICY),
            spec=ValidatingAdmissionPolicySpecArgs(
                # A policy that cannot be evaluated refuses: and only requests of this group come that far.
                failure_policy="Fail",
                match_constraints=MatchResourcesArgs(
                    resource_rules=[
                        NamedRuleWithOperationsArgs(
                            api_groups=["*"],
                            api_versions=["*"],
                            operations=["CREATE", "UPDATE", "DELETE", "CONNECT"],
                            resources=["*/*"],
                            scope="*",
                        )
                    ],
                    # Questions about one's own rights: they store nothing, and know no dry run.
                    exclude_resource_rules=[
                        NamedRuleWithOperationsArgs(
                            api_groups=["authorization.k8s.io", "authentication.k8s.io"],
                            api_versions=["*"],
                            operations=["CREATE"],
                            resources=["*"],
                            scope="*",
                        )
                    ],
                ),
                match_conditions=[
                    MatchConditionArgs(
                        name="of-a-preview",
                        expression=f"has(request.userInfo.groups) && '{names.PREVIEW_GROUP}' in request.userInfo.groups",
                    )
                ],
                validations=[
                    ValidationArgs(
                        expression="has(request.dryRun) && request.dryRun",
                        message="a preview changes nothing: only dry runs are allowed",
                        reason="Forbidden",
                    )
                ],
            ),
        ),
        child,
    )
    return ValidatingAdmissionPolicyBinding(
        logical_name,
        ValidatingAdmissionPolicyBindingInitArgs(
            metadata=ObjectMetaArgs(name=POLICY),
            spec=ValidatingAdmissionPolicyBindingSpecArgs(
                policy_name=name_of(policy, POLICY), validation_actions=["Deny"]
            ),
        ),
        child,
    )
