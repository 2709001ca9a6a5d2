"""The control plane: its version, who may enter, what it keeps and writes down."""

from collections.abc import Iterator
from datetime import timedelta

from policies.graph import Node
from policies.reach import CLUSTER
from policies.rule import Level, Rule, Scene, Severity, rule
from policies.support import KUBERNETES

ACCESS_ENTRY = "aws:eks/accessEntry:AccessEntry"
ACCESS_POLICY = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
BINDINGS = (
    "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
)
KEY = "aws:kms/key:Key"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"

UPGRADE_TIME = timedelta(days=60)
"""What an upgrade takes that is planned, tried in staging and done: two months before AWS does it by itself."""

LOGS = ("api", "audit", "authenticator")
"""Who did what, and who came in."""

ADMIN_POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"

NOT_FOR_PEOPLE = ("system:masters", "system:anonymous", "system:unauthenticated")
"""Groups and users of Kubernetes that cannot be revoked, or that everybody is."""


@rule(
    "cluster-version-supported", CLUSTER, source="CKV_AWS_339 has a fixed list: it fails 1.36 and passes 1.29"
)
def version_supported(cluster: Node, scene: Scene) -> Iterator[str]:
    """At the end of standard support AWS upgrades the cluster by itself, or takes six times the price."""
    end = KUBERNETES.get(str(cluster.at("version")))
    if end is None:
        yield f"version {cluster.at('version')} is not in the table of supported ones"
    elif end - scene.today < UPGRADE_TIME:
        yield f"standard support of version {cluster.at('version')} ends {end}, in less than {UPGRADE_TIME.days} days"


@rule("cluster-access-entries-only", CLUSTER, source="EKS best practices, identity and access")
def access_entries_only(cluster: Node, scene: Scene) -> Iterator[str]:
    """Who may enter stands in the program: no hidden administrator who made the cluster, and no way to lock oneself out."""
    if cluster.at("accessConfig", "authenticationMode") != "API":
        yield "accessConfig.authenticationMode is not API: aws-auth could let others in"
    if cluster.at("accessConfig", "bootstrapClusterCreatorAdminPermissions") is not False:
        yield "accessConfig.bootstrapClusterCreatorAdminPermissions is not false"
    account = scene.settings.account
    deployer = f"arn:aws:iam::{account.id}:role/{account.deployer_role_name}"
    if deployer not in _administrators(cluster, scene):
        yield "no access entry makes the deployer an administrator of the cluster"


def _administrators(cluster: Node, scene: Scene) -> Iterator[str]:
    for grant in scene.graph.users(cluster, "clusterName", ACCESS_POLICY):
        if grant.at("policyArn") == ADMIN_POLICY and grant.at("accessScope", "type") == "cluster":
            for entry in scene.graph.sources(grant, "principalArn", ACCESS_ENTRY):
                yield str(entry.at("principalArn"))


@rule("cluster-no-masters-group", ACCESS_ENTRY, *BINDINGS, severity=Severity.CRITICAL, source="CIS-EKS 4.1.7")
def no_masters_group(node: Node, _: Scene) -> Iterator[str]:
    """The members of system:masters pass by every check for ever, and the anonymous are everybody."""
    names = (
        node.texts("kubernetesGroups")
        if node.type == ACCESS_ENTRY
        else tuple(str(subject.at("name")) for subject in node.records("subjects"))
    )
    yield from (f"it gives rights to {name}" for name in names if name in NOT_FOR_PEOPLE)


@rule("cluster-secrets-encrypted", CLUSTER, source="CKV_AWS_58, CIS-EKS 5.3.1")
def secrets_encrypted(cluster: Node, scene: Scene) -> Iterator[str]:
    """Kubernetes keeps its secrets readable in etcd; a key of the stack closes them, and shows who opened them."""
    if "secrets" not in cluster.texts("encryptionConfig", "resources"):
        yield "encryptionConfig does not cover secrets"
    elif not scene.graph.sources(cluster, "encryptionConfig", KEY):
        yield "encryptionConfig names no key of the stack"


@rule("cluster-audit-logs", CLUSTER, severity=Severity.MEDIUM, source="CKV_AWS_37, CIS-EKS 2.1.1")
def audit_logs(cluster: Node, scene: Scene) -> Iterator[str]:
    """Without the audit log nobody can say who did it; a group that AWS makes itself is kept, and paid for, for ever."""
    written = cluster.texts("enabledClusterLogTypes")
    yield from (f"enabledClusterLogTypes lacks {kind}" for kind in LOGS if kind not in written)
    name = f"/aws/eks/{cluster.at('name')}/cluster"
    groups = [one for one in scene.graph.of(LOG_GROUP) if one.at("name") == name]
    if not any(one.at("retentionInDays") for one in groups):
        yield "its log group is not in the program, or kept without end"
    elif not any(one.urn in cluster.dependencies for one in groups):
        yield "it does not wait for its log group: AWS would make one first"


@rule("cluster-deletion-protected", CLUSTER, level=Level.PRODUCTION, severity=Severity.CRITICAL)
def deletion_protected(cluster: Node, _: Scene) -> Iterator[str]:
    """One destroy, typed in the wrong window, must not take the cluster: AWS and the engine both refuse it."""
    if cluster.at("deletionProtection") is not True:
        yield "deletionProtection is not true"
    if not cluster.options.protect:
        yield "the option protect is missing"


RULES: tuple[Rule, ...] = (
    version_supported,
    access_entries_only,
    no_masters_group,
    secrets_encrypted,
    audit_logs,
    deletion_protected,
)
