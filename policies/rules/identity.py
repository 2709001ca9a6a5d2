"""What roles may do."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from policies.graph import Node
from policies.rule import Rule, Scene, Severity, rule
from policies.values import Record

DOCUMENTS = ("aws:iam/rolePolicy:RolePolicy", "aws:iam/policy:Policy")

UNSCOPABLE = (
    "autoscaling:Describe*",
    "ec2:Describe*",
    "ec2:GetInstanceTypesFromInstanceRequirements",
    "ecr:GetAuthorizationToken",
    "logs:DescribeLogGroups",
    "route53:ListHostedZones*",
)
"""Actions for which AWS knows no narrower resource (service authorization reference, November 2026); they only read."""

PASS_ROLE = "iam:PassRole"  # noqa: S105 - the name of an action


@rule(
    "identity-no-wildcards",
    *DOCUMENTS,
    severity=Severity.CRITICAL,
    source="CKV_AWS_62/63/286-290/355, CIS-AWS 1.16",
    may_wait="the text of a policy is unknown as long as one ARN in it is",
)
def no_wildcards(policy: Node, _: Scene) -> Iterator[str]:
    """A role may do what it is for: whoever takes over a pod gets its role, and a wildcard makes that the account."""
    for statement in policy.document("policy").records("Statement"):
        if statement.at("Effect") == "Allow":
            yield from _too_wide(statement)


def _too_wide(statement: Record) -> Iterator[str]:
    yield from (f"it allows with {key}" for key in ("NotAction", "NotResource") if key in statement)
    actions = statement.texts("Action")
    yield from (f"it allows {action}" for action in actions if action.partition(":")[2] in ("", "*"))
    if any(resource.split(":", 5)[-1] == "*" for resource in statement.texts("Resource")):
        wide = [one for one in actions if not any(fnmatchcase(one, known) for known in UNSCOPABLE)]
        yield from (f"it allows {action} on every resource" for action in wide)
    passes = any(fnmatchcase(PASS_ROLE, action) for action in actions)
    if passes and not statement.at("Condition", "StringEquals", "iam:PassedToService"):
        yield "it passes roles to any service: iam:PassedToService is not fixed"


RULES: tuple[Rule, ...] = (no_wildcards,)
