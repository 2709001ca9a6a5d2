"""Cases of `policies/rules/control_plane.py`."""

from policies.rules import control_plane
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft

cluster = "aws:eks/cluster:Cluster"
group = "aws:eks/nodeGroup:NodeGroup"
entry = "aws:eks/accessEntry:AccessEntry"
binding = "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding"
log_group = "aws:cloudwatch/logGroup:LogGroup"


def of_version(draft: Draft, version: str) -> None:
    """Cluster, nodes and kube-proxy of one version."""
    draft.set(draft.node(cluster), "version", to=version)
    draft.set(draft.node(group), "version", to=version)
    proxy = draft.node("aws:eks/addon:Addon", "cluster-nodes-kube-proxy")
    draft.set(proxy, "addonVersion", to=f"v{version}.0-eksbuild.1")


@violates(control_plane.version_supported)
def support_ends_in_a_week(draft: Draft) -> None:
    of_version(draft, "1.34")


@violates(control_plane.version_supported)
def nobody_looked_up_the_version(draft: Draft) -> None:
    of_version(draft, "1.40")


@spares(control_plane.version_supported)
def support_ends_in_four_months(draft: Draft) -> None:
    of_version(draft, "1.35")


@violates(control_plane.access_entries_only)
def a_config_map_lets_others_in(draft: Draft) -> None:
    draft.set(draft.node(cluster), "accessConfig", "authenticationMode", to="API_AND_CONFIG_MAP")


@violates(control_plane.access_entries_only)
def whoever_made_the_cluster_is_its_administrator(draft: Draft) -> None:
    draft.unset(draft.node(cluster), "accessConfig", "bootstrapClusterCreatorAdminPermissions")


@violates(control_plane.access_entries_only)
def the_deployer_is_locked_out(draft: Draft) -> None:
    grant = draft.node("aws:eks/accessPolicyAssociation:AccessPolicyAssociation")
    draft.set(grant, "accessScope", to={"type": "namespace", "namespaces": ["intendly"]})


@spares(control_plane.access_entries_only)
def one_more_role_may_look(draft: Draft) -> None:
    draft.add(
        entry,
        "auditor",
        {"principalArn": "arn:aws:iam::111111111111:role/auditor", "kubernetesGroups": ["auditors"]},
        {"clusterName": [draft.node(cluster)]},
    )


@violates(control_plane.no_masters_group)
def an_entry_makes_a_master(draft: Draft) -> None:
    draft.set(draft.node(entry, "github-preview"), "kubernetesGroups", to=["system:masters"])


@violates(control_plane.no_masters_group, also=("rbac-bound",))
def a_role_is_bound_to_everybody(draft: Draft) -> None:
    anybody = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "system:anonymous"}
    draft.set(draft.node(binding, "access-operator-binding"), "subjects", to=[anybody])


@spares(control_plane.no_masters_group)
def a_group_of_people_has_another_name(draft: Draft) -> None:
    draft.set(draft.node(binding, "access-operator-binding"), "subjects", 0, "name", to="intendly-on-call")


@violates(control_plane.secrets_encrypted)
def secrets_lie_readable(draft: Draft) -> None:
    draft.unset(draft.node(cluster), "encryptionConfig")


@spares(control_plane.secrets_encrypted)
def more_than_secrets_is_encrypted(draft: Draft) -> None:
    draft.set(draft.node(cluster), "encryptionConfig", "resources", to=["secrets", "configmaps"])


@violates(control_plane.audit_logs)
def the_audit_log_is_off(draft: Draft) -> None:
    draft.set(draft.node(cluster), "enabledClusterLogTypes", to=["api", "authenticator"])


@violates(control_plane.audit_logs)
def aws_makes_the_log_group(draft: Draft) -> None:
    draft.remove(draft.node(log_group, "cluster-logs"))


@spares(control_plane.audit_logs)
def the_scheduler_writes_nothing_down(draft: Draft) -> None:
    draft.set(draft.node(cluster), "enabledClusterLogTypes", to=["authenticator", "audit", "api"])


@violates(control_plane.deletion_protected)
def aws_lets_the_cluster_be_deleted(draft: Draft) -> None:
    draft.set(draft.node(cluster), "deletionProtection", to=False)


@violates(control_plane.deletion_protected)
def the_engine_would_delete_the_cluster(draft: Draft) -> None:
    draft.options(draft.node(cluster), protect=False)


@spares(control_plane.deletion_protected)
def what_aws_does_at_the_end_of_support_is_another_matter(draft: Draft) -> None:
    draft.set(draft.node(cluster), "upgradePolicy", "supportType", to="STANDARD")
