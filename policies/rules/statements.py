"""Policy documents, statement by statement: the conditions and refusals that keep a wide right narrow."""

from collections.abc import Iterator, Mapping

from policies.graph import Graph, Node
from policies.rule import Rule, Scene, Severity, rule
from policies.values import Record

KEY = "aws:kms/key:Key"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
BUCKET = "aws:s3/bucket:Bucket"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
ORIGIN_ACCESS = "aws:cloudfront/originAccessControl:OriginAccessControl"

LOOKS_AT_EVERYTHING = ("ReadOnlyAccess", "ViewOnlyAccess", "SecurityAudit")
"""AWS's policies that look at all there is. They grow without notice: what must never be read is refused beside them."""
NEVER_READ = (
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter",
    "s3:GetObject",
    "kms:Decrypt",
    "logs:GetLogEvents",
)
"""What a role that looks at everything must be refused."""

CONDITIONED: Mapping[str, str] = {
    "route53:ChangeResourceRecordSets": "route53:",
    "autoscaling:TerminateInstanceInAutoScalingGroup": "aws:ResourceTag/",
    "autoscaling:SetDesiredCapacity": "aws:ResourceTag/",
    "kms:Decrypt": "kms:",
}
"""Rights whose resource is too wide a word, and how the condition begins that narrows them."""

ARNS = "the document names ARNs that AWS gives"
"""Why a first preview cannot read it."""

WAYS_OF_TAKING = frozenset({"sts:AssumeRole", "sts:TagSession", "sts:AssumeRoleWithWebIdentity"})


def statements(node: Node, key: str = "policy", effect: str = "Allow") -> Iterator[Record]:
    """The statements of a policy document with an effect."""
    return (one for one in node.document(key).records("Statement") if one.at("Effect") == effect)


def conditions(statement: Record) -> frozenset[str]:
    """The keys that a statement's conditions look at."""
    found = statement.at("Condition")
    given = found if isinstance(found, Record) else Record({})
    return frozenset(key for operator in given for key in (given.at(operator) or ()))


@rule("identity-conditioned", ROLE_POLICY, may_wait=ARNS)
def conditioned(policy: Node, scene: Scene) -> Iterator[str]:
    """Some rights are for a whole zone, group or key: a condition says of which names, machines and callers.

    The deployer's own rights are not here: it is not made by the program.
    """
    if not scene.graph.sources(policy, "role", ROLE):
        yield "it is no policy of a role of the program"
    for one in statements(policy):
        for action in one.texts("Action"):
            begins = CONDITIONED.get(action)
            if begins and not any(key.startswith(begins) for key in conditions(one)) and not _is_web(policy):
                yield f"it may {action} under no condition"


def _is_web(policy: Node) -> bool:
    """GitHub's roles have refusals of their own, and no caller in between."""
    return policy.name.startswith("github-")


@rule("identity-look-blind", ATTACHMENT, severity=Severity.CRITICAL)
def look_blind(attachment: Node, scene: Scene) -> Iterator[str]:
    """A preview of anybody's pull request reads the whole account: but no secret, no file, no log."""
    if str(attachment.at("policyArn")).rpartition("/")[2] not in LOOKS_AT_EVERYTHING:
        return
    refused = set(_refused(scene.graph, attachment))
    missing = [action for action in NEVER_READ if action not in refused]
    if missing:
        yield f"its role looks at everything, and is not refused {', '.join(missing)}"


def _refused(graph: Graph, attachment: Node) -> Iterator[str]:
    for role in graph.sources(attachment, "role", ROLE):
        for policy in graph.users(role, "role", ROLE_POLICY):
            for one in statements(policy, effect="Deny"):
                yield from one.texts("Action")


@rule("identity-trust-conditioned", ROLE, source="CKV_AWS_60 in part")
def trust_conditioned(role: Node, _: Scene) -> Iterator[str]:
    """A trust policy with every action lets its principal do more than take the role; flow logs' with any account do."""
    for one in statements(role, "assumeRolePolicy"):
        if not set(one.texts("Action")) <= WAYS_OF_TAKING:
            yield "its trust is for other actions than taking it"
        services = one.texts("Principal", "Service")
        if "vpc-flow-logs.amazonaws.com" in services and "aws:SourceAccount" not in conditions(one):
            yield "another account's flow logs may take it"


@rule("keys-services-conditioned", KEY, severity=Severity.HIGH)
def services_conditioned(key: Node, _: Scene) -> Iterator[str]:
    """A service acts for every account of AWS: without a condition it decrypts for a stranger's resource too."""
    for one in statements(key):
        services = one.texts("Principal", "Service")
        if services and not any(
            name.startswith(("kms:EncryptionContext:", "aws:Source")) for name in conditions(one)
        ):
            yield f"{', '.join(services)} may use it for anybody"
        if services and any(action in ("*", "kms:*") for action in one.texts("Action")):
            yield f"{', '.join(services)} may do everything with it"


@rule("bucket-policy-narrow", BUCKET_POLICY, source="CKV_AWS_70, CIS-AWS 2.1.4", may_wait=ARNS)
def bucket_policy_narrow(policy: Node, scene: Scene) -> Iterator[str]:
    """CloudFront reads for anybody's distribution: only the condition says that it is ours."""
    for one in statements(policy):
        if not one.texts("Principal", "Service") and not one.texts("Principal", "AWS"):
            yield "it is for everybody"
        if not scene.graph.sources(policy, "policy", DISTRIBUTION) or "AWS:SourceArn" not in conditions(one):
            yield "it does not say whose requests it lets through (AWS:SourceArn)"
        if set(one.texts("Action")) != {"s3:GetObject"}:
            yield "it lets through more than reading a file"
        if any(resource == "*" for resource in one.texts("Resource")):
            yield "it is about every bucket"


@rule("edge-origin-signs", ORIGIN_ACCESS, source="CKV2_AWS_46 in part")
def origin_signs(access: Node, _: Scene) -> Iterator[str]:
    """Requests that are not signed are refused by a private bucket; so somebody would open it."""
    if (access.at("signingBehavior"), access.at("signingProtocol")) != ("always", "sigv4"):
        yield "its requests to the bucket are not always signed"


RULES: tuple[Rule, ...] = (
    conditioned,
    look_blind,
    trust_conditioned,
    services_conditioned,
    bucket_policy_narrow,
    origin_signs,
)
