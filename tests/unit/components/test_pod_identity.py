"""Pod Identity: AWS permissions of a service account."""

import json
from dataclasses import replace

import pytest

from components.pod_identity import PodIdentity, PodIdentityArgs
from tests.support.recorder import Recorder
from tests.unit.conftest import Deploy

ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
ROLE = "aws:iam/role:Role"
INLINE = "aws:iam/rolePolicy:RolePolicy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"

MANAGED = "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"
ARGS = PodIdentityArgs(
    cluster_name="intendly-test-eks",
    namespace="external-secrets",
    service_account="external-secrets",
    role_name="intendly-test-external-secrets",
    policy='{"Version": "2012-10-17", "Statement": []}',
)


def built(deploy: Deploy, args: PodIdentityArgs = ARGS) -> Recorder:
    return deploy(lambda: PodIdentity("identity", args))


def test_eks_may_take_the_role_and_tag_its_session(deploy: Deploy) -> None:
    [statement] = json.loads(built(deploy).only(ROLE)["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert statement["Action"] == ["sts:AssumeRole", "sts:TagSession"]


def test_one_service_account_gets_the_role(deploy: Deploy) -> None:
    recorder = built(deploy)
    association = recorder.only(ASSOCIATION).inputs
    assert association == {
        "clusterName": "intendly-test-eks",
        "namespace": "external-secrets",
        "serviceAccount": "external-secrets",
        "roleArn": "arn:aws:iam::111111111111:role/intendly-test-external-secrets",
    }


@pytest.mark.parametrize("kind", [INLINE, ATTACHMENT])
def test_pods_never_get_the_role_before_its_permissions(deploy: Deploy, kind: str) -> None:
    recorder = built(deploy, replace(ARGS, managed_policy_arns=[MANAGED]))
    assert recorder.follows(recorder.only(ASSOCIATION), recorder.only(kind))


def test_the_role_holds_exactly_what_was_asked_for(deploy: Deploy) -> None:
    recorder = built(deploy, replace(ARGS, managed_policy_arns=[MANAGED]))
    assert recorder.only(INLINE)["policy"] == ARGS.policy
    assert recorder.only(ATTACHMENT)["policyArn"] == MANAGED
    assert recorder.only(INLINE)["role"] == recorder.only(ATTACHMENT)["role"] == ARGS.role_name


def test_a_role_without_permissions_is_refused(deploy: Deploy) -> None:
    with pytest.raises(ValueError, match="external-secrets/external-secrets would get a role without"):
        built(deploy, replace(ARGS, policy=None))


def test_a_role_name_that_iam_refuses_is_refused_first(deploy: Deploy) -> None:
    built(deploy, replace(ARGS, role_name="r" * 64))
    with pytest.raises(ValueError, match="longer than 64"):
        built(deploy, replace(ARGS, role_name="r" * 65))
