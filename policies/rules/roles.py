"""Roles: who may take them, what they lead to, and whose they are."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from policies.graph import Graph, Node
from policies.kubernetes import NAMESPACE, RELEASE, SERVICE_ACCOUNT, named
from policies.rule import Rule, Scene, Severity, rule
from policies.rules.addons import ADDON
from policies.statements import ATTACHMENT, ROLE, allows, own_statements, principals, statements
from policies.values import Record

POD_IDENTITY = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
USERS = ("aws:iam/user:User", "aws:iam/accessKey:AccessKey")
ATTACHMENTS = (
    ATTACHMENT,
    "aws:iam/userPolicyAttachment:UserPolicyAttachment",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
    "aws:iam/policyAttachment:PolicyAttachment",
)

ESCALATIONS = (
    *("iam:AddUserToGroup", "iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile"),
    *("iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:UpdateAssumeRolePolicy"),
    *("iam:AttachGroupPolicy", "iam:AttachRolePolicy", "iam:AttachUserPolicy"),
    *("iam:PutGroupPolicy", "iam:PutRolePolicy", "iam:PutUserPolicy"),
    *("iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"),
    *("eks:AssociateAccessPolicy", "eks:CreateAccessEntry", "eks:CreatePodIdentityAssociation"),
)
"""Each of these alone makes its owner an administrator of the account or of the cluster, in one step or two."""

PASS_ROLE = "iam:PassRole"  # noqa: S105 - the name of an action
TAKING = ("sts:AssumeRole", PASS_ROLE)
"""Who may take a role, or hand it to a service that works for him, has its rights."""

ADMINISTRATORS = ("AdministratorAccess*", "IAMFullAccess", "PowerUserAccess")
"""AWS's own policies that are, or make, an administrator."""

OIDC = "sts:AssumeRoleWithWebIdentity"
SUBJECT = re.compile(r"repo:[\w.-]+/[\w.-]+:(environment:[\w.-]+|ref:refs/heads/[\w./-]+|pull_request)")
REVIEWED = re.compile(r"repo:[\w.-]+/[\w.-]+:environment:[\w.-]+")
"""Subjects of GitHub's tokens: of one repository and one branch, environment or kind of event; and only the second waits
for the people whom the environment asks."""

PODS = "pods.eks.amazonaws.com"

CALLERS = {
    "aws-for-fluent-bit": "fluent-bit",
    "cert-manager": "cert-manager",
    "cluster-autoscaler": "cluster-autoscaler",
    "external-secrets": "external-secrets",
}
"""Service accounts of the charts whose pods call AWS."""

ADDON_ACCOUNTS = {"aws-node": "vpc-cni", "ebs-csi-controller-sa": "aws-ebs-csi-driver"}
"""Service accounts that EKS's add-ons bring along, in its namespace."""
SYSTEM = "kube-system"


@rule(
    "identity-no-escalation",
    ROLE,
    severity=Severity.CRITICAL,
    source="CKV_AWS_286 sees one document at a time",
    may_wait="the text of a policy is unknown as long as one ARN in it is",
)
def no_escalation(role: Node, scene: Scene) -> Iterator[str]:
    """No role leads to an administrator, by however many harmless steps; but for the deployer's, which makes all of this.

    The deployer may be taken only by workflows of an environment, for which people are asked first.
    """
    for way, statement in _granted(role, scene.graph):
        for action in ESCALATIONS:
            if allows(statement, action):
                yield f"{way}it may {action}"
    account = scene.settings.account
    deployer = f"arn:aws:iam::{account.id}:role/{account.deployer_role_name}"
    for way, target in _foreign(role, scene.graph):
        if target != deployer:
            yield f"{way}it may take roles that are not in the program"
        elif not _asks_people(role):
            yield f"{way}it may become the deployer, and nobody is asked"


def _granted(role: Node, graph: Graph) -> Iterator[tuple[str, Record]]:
    """Every statement that holds for a role and for the roles that it can become, with the way there."""
    seen, waiting = {role.urn}, [("", role)]
    while waiting:
        way, here = waiting.pop()
        for statement in own_statements(here, graph):
            yield way, statement
            for other in _taken(statement, graph):
                if other.urn not in seen:
                    seen.add(other.urn)
                    waiting.append((f"{way}as {other.at('name')} ", other))


def _taken(statement: Record, graph: Graph) -> Iterator[Node]:
    """The roles of the graph that a statement lets its owner take."""
    for pattern in _targets(statement):
        yield from (one for one in graph.of(ROLE) if _is(one, pattern))


def _foreign(role: Node, graph: Graph) -> Iterator[tuple[str, str]]:
    """The patterns of roles, within reach of a role, that mean more than roles of the graph."""
    for way, statement in _granted(role, graph):
        for pattern in _targets(statement):
            if "*" in pattern or not any(_is(one, pattern) for one in graph.of(ROLE)):
                yield way, pattern


def _targets(statement: Record) -> tuple[str, ...]:
    return statement.texts("Resource") if any(allows(statement, one) for one in TAKING) else ()


def _is(role: Node, pattern: str) -> bool:
    return fnmatchcase(str(role.at("name")), pattern.rpartition("/")[2])


def _asks_people(role: Node) -> bool:
    trust = list(statements(role, "assumeRolePolicy", "Allow"))
    return bool(trust) and all(any(map(REVIEWED.fullmatch, _subjects(one))) for one in trust)


def _subjects(statement: Record) -> tuple[str, ...]:
    """The subjects that a statement fixes exactly."""
    return _fixed(statement, ":sub")


def _fixed(statement: Record, key: str) -> tuple[str, ...]:
    exact = statement.at("Condition", "StringEquals")
    keys = [one for one in exact if one.endswith(key)] if isinstance(exact, Record) else []
    return tuple(value for one in keys for value in exact.texts(one))


@rule(
    "identity-trust-narrow",
    ROLE,
    severity=Severity.CRITICAL,
    source="CKV_AWS_60/61/393",
)
def trust_narrow(role: Node, _: Scene) -> Iterator[str]:
    """A role names exactly who may take it: a service, a role, or a workflow of one repository at one branch."""
    for statement in statements(role, "assumeRolePolicy", "Allow"):
        for kind, name in principals(statement):
            if "*" in name:
                yield "everybody may take it"
            elif kind == "AWS" and name.endswith(":root"):
                yield "everybody in the account may take it who is allowed to take any role"
            elif name == PODS and not allows(statement, "sts:TagSession"):
                yield "EKS refuses it for pods: its trust lacks sts:TagSession"
        if allows(statement, OIDC):
            yield from _workflows(statement)


def _workflows(statement: Record) -> Iterator[str]:
    if not _fixed(statement, ":aud"):
        yield "tokens that are meant for others are taken: the audience is not fixed by StringEquals"
    subjects = _subjects(statement)
    if not subjects or not all(map(SUBJECT.fullmatch, subjects)):
        yield "it does not fix repository and branch, environment or event of the workflow by StringEquals"


@rule(
    "identity-one-role-per-workload",
    POD_IDENTITY,
    RELEASE,
    source="EKS best practices, identity and access; CIS-EKS 5.2.1",
)
def one_role_per_workload(node: Node, scene: Scene) -> Iterator[str]:
    """A workload has its own role, tied to an account that is there: shared ones add up, and a name that misses gives none."""
    graph = scene.graph
    if node.type == RELEASE:
        account = CALLERS.get(str(node.at("chart")))
        tied = [(one.at("namespace"), one.at("serviceAccount")) for one in graph.of(POD_IDENTITY)]
        if account and (node.at("namespace"), account) not in tied:
            yield f"its account {account} has no role, though its pods call AWS"
        return
    for role in graph.sources(node, "roleArn", ROLE):
        if len(graph.users(role, "roleArn", POD_IDENTITY)) > 1:
            yield f"its role {role.at('name')} is another workload's too"
    namespace, account = str(node.at("namespace")), str(node.at("serviceAccount"))
    if not _account_exists(graph, namespace, account):
        yield f"nobody makes a service account {account} in {namespace}"


def _account_exists(graph: Graph, namespace: str, account: str) -> bool:
    if namespace == SYSTEM and ADDON_ACCOUNTS.get(account) in {
        one.at("addonName") for one in graph.of(ADDON)
    }:
        return True
    if namespace != SYSTEM and named(graph, "", namespace, NAMESPACE) is None:
        return False
    charts = {
        CALLERS.get(str(one.at("chart"))) for one in graph.of(RELEASE) if one.at("namespace") == namespace
    }
    return account in charts or named(graph, namespace, account, SERVICE_ACCOUNT) is not None


@rule(
    "identity-no-users-no-admin",
    *USERS,
    *ATTACHMENTS,
    ROLE,
    severity=Severity.CRITICAL,
    source="CKV_AWS_273/274, CKV2_AWS_56",
)
def no_users_no_admin(node: Node, _: Scene) -> Iterator[str]:
    """Keys that do not end are found in logs and laptops years later, and nobody needs to be everything all the time."""
    if node.type in USERS:
        yield "users and their keys do not end: roles do"
    for arn in (*node.texts("policyArn"), *node.texts("managedPolicyArns")):
        name = arn.rpartition("/")[2]
        if any(fnmatchcase(name, pattern) for pattern in ADMINISTRATORS):
            yield f"it gives {name}"


RULES: tuple[Rule, ...] = (no_escalation, trust_narrow, one_role_per_workload, no_users_no_admin)
