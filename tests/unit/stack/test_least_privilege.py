"""No role of either stack may do more than is written down here with its reason."""

import re

import pytest

from tests.support.policy_documents import (
    Statement,
    identity_statements,
    resource_statements,
    trust_statements,
)
from tests.support.stacks import STACKS, RecordedStack, recorded

UNSCOPABLE = {
    "autoscaling:DescribeAutoScalingGroups": "Auto Scaling's descriptions know no resource",
    "autoscaling:DescribeAutoScalingInstances": "likewise",
    "autoscaling:DescribeLaunchConfigurations": "likewise",
    "autoscaling:DescribeScalingActivities": "likewise",
    "ec2:DescribeImages": "EC2's descriptions know no resource",
    "ec2:DescribeInstanceTypes": "likewise",
    "ec2:DescribeLaunchTemplateVersions": "likewise",
    "ec2:GetInstanceTypesFromInstanceRequirements": "likewise",
}
"""Actions for which AWS takes no resource but `*` (Service Authorization Reference)."""

OWN_ADMINISTRATION = {
    ("aws:kms/key:Key", "kms:*"): "the account's IAM decides; without it nobody could ever change the key",
}
"""Wildcards over a service in the policy of a single resource."""

ACCOUNT_ROOT = re.compile(r"arn:aws:iam::\d{12}:root")


@pytest.fixture(params=STACKS)
def stack(request: pytest.FixtureRequest) -> RecordedStack:
    return recorded(request.param)


def wildcards(statement: Statement) -> list[str]:
    """Actions that name all of everything, or all of a service."""
    return [action for action in statement.texts("Action") if action == "*" or action.endswith(":*")]


def test_there_are_documents_to_judge(stack: RecordedStack) -> None:
    assert len(identity_statements(stack.made)) >= 10
    assert len(trust_statements(stack.made)) >= 8
    assert len(resource_statements(stack.made)) >= 4


def test_no_role_may_do_everything_or_all_of_a_service(stack: RecordedStack) -> None:
    for statement in identity_statements(stack.made):
        assert "NotAction" not in statement.content, statement
        if statement.allows:
            assert statement.texts("Action"), statement
            assert not wildcards(statement), statement


def test_every_permission_names_its_resource(stack: RecordedStack) -> None:
    for statement in identity_statements(stack.made):
        if not statement.allows:
            continue
        assert "NotResource" not in statement.content, statement
        if "*" not in statement.texts("Resource"):
            continue
        unexplained = set(statement.texts("Action")) - UNSCOPABLE.keys()
        assert not unexplained, f"{sorted(unexplained)} on everything: {statement}"


def test_roles_are_passed_to_one_service_only(stack: RecordedStack) -> None:
    for statement in identity_statements(stack.made):
        if statement.allows and "iam:PassRole" in statement.texts("Action"):
            assert "iam:PassedToService" in statement.conditions.get("StringEquals", {}), statement
            assert "*" not in statement.texts("Resource"), statement


def test_what_a_resource_lets_others_do_is_narrow(stack: RecordedStack) -> None:
    for statement in resource_statements(stack.made):
        if not statement.allows:
            continue
        for action in wildcards(statement):
            assert (statement.kind, action) in OWN_ADMINISTRATION, statement
            assert ACCOUNT_ROOT.fullmatch(statement.content["Principal"]["AWS"]), statement
        principal = statement.content["Principal"]
        if principal == "*" or "*" in principal.values():
            assert statement.conditions, f"everybody, without a condition: {statement}"
        if "Service" in principal:
            assert statement.conditions, f"a service may come from any account: {statement}"


def test_every_role_is_taken_by_a_service_a_pod_or_one_workflow(stack: RecordedStack) -> None:
    for statement in trust_statements(stack.made):
        assert statement.allows, statement
        [(kind, who)] = statement.content["Principal"].items()
        assert isinstance(who, str), statement
        if who == "pods.eks.amazonaws.com":
            assert set(statement.texts("Action")) == {"sts:AssumeRole", "sts:TagSession"}, statement
        elif kind == "Service":
            assert who.endswith(".amazonaws.com"), statement
            assert statement.texts("Action") == ["sts:AssumeRole"], statement
        else:
            assert_one_workflow(statement, kind, who)


def assert_one_workflow(statement: Statement, kind: str, who: str) -> None:
    """Audience and subject are pinned, and nothing in them is a pattern."""
    issuer = "token.actions.githubusercontent.com"
    assert (kind, who.rpartition("/")[2]) == ("Federated", issuer), statement
    assert statement.texts("Action") == ["sts:AssumeRoleWithWebIdentity"], statement
    [(operator, compared)] = statement.conditions.items()
    assert operator == "StringEquals", statement
    assert compared[f"{issuer}:aud"] == "sts.amazonaws.com", statement
    subject = compared[f"{issuer}:sub"]
    assert re.fullmatch(
        r"repo:[\w.-]+/[\w.-]+:(environment:\w+|pull_request|ref:refs/heads/main)", subject
    ), statement


def test_no_exception_is_left_over() -> None:
    used = {
        action
        for name in STACKS
        for statement in identity_statements(recorded(name).made)
        if "*" in statement.texts("Resource")
        for action in statement.texts("Action")
    }
    assert not UNSCOPABLE.keys() - used
