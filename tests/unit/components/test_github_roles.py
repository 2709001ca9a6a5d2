"""The roles of GitHub's workflows: who gets in, and what each may do."""

import json
from typing import Any

import pytest

from components.github_roles import GithubRoles, GithubRolesArgs
from tests.support.recorder import Recorder
from tests.unit.conftest import Deploy

ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/rolePolicy:RolePolicy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
ENTRY = "aws:eks/accessEntry:AccessEntry"
PROVIDER = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"
DEPLOYER = "arn:aws:iam::111111111111:role/intendly-deployer"
STATE, KEY = "arn:aws:s3:::state", "arn:aws:kms:us-east-1:111111111111:key/state"
SITE, SITE_CDN = "arn:aws:s3:::site", "arn:aws:cloudfront::111111111111:distribution/E1"


@pytest.fixture
def made(deploy: Deploy) -> Recorder:
    args = GithubRolesArgs(
        prefix="intendly-test",
        environment="test",
        provider_arn=PROVIDER,
        repository="intendly/infrastructure",
        web_repository="intendly/site",
        deployer_role_arn=DEPLOYER,
        state_bucket_arn=STATE,
        state_key_arn=KEY,
        site_bucket_arn=SITE,
        distribution_arn=SITE_CDN,
        cluster_name="intendly-test-eks",
        preview_group="intendly-preview",
    )
    return deploy(lambda: GithubRoles("github", args))


def statements(made: Recorder, role: str, effect: str) -> list[dict[str, Any]]:
    found = json.loads(made.named(POLICY, f"github-{role}-policy")["policy"])["Statement"]
    return [one for one in found if one["Effect"] == effect]


@pytest.mark.parametrize(
    ("role", "subject"),
    [
        ("deploy", "repo:intendly/infrastructure:environment:test"),
        ("preview", "repo:intendly/infrastructure:pull_request"),
        ("look", "repo:intendly/infrastructure:ref:refs/heads/main"),
        ("web", "repo:intendly/site:environment:test"),
    ],
)
def test_only_one_exact_subject_takes_a_role(made: Recorder, role: str, subject: str) -> None:
    found = made.named(ROLE, f"github-{role}")
    assert found["name"] == f"intendly-test-github-{role}"
    [trust] = json.loads(found["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Federated": PROVIDER}
    assert trust["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert trust["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": subject,
        }
    }


def test_deploying_means_taking_the_deployers_role(made: Recorder) -> None:
    [allowed] = statements(made, "deploy", "Allow")
    assert allowed["Resource"] == DEPLOYER
    assert set(allowed["Action"]) == {"sts:AssumeRole", "sts:TagSession"}


@pytest.mark.parametrize("role", ["preview", "look"])
def test_who_only_looks_reads_the_state_and_no_other_content(made: Recorder, role: str) -> None:
    allowed = {one["Action"]: one["Resource"] for one in statements(made, role, "Allow")}
    assert allowed == {"s3:ListBucket": STATE, "s3:GetObject": f"{STATE}/*", "kms:Decrypt": KEY}
    data, objects, keys = statements(made, role, "Deny")
    assert {"secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue"} <= set(data["Action"])
    assert data["Resource"] == "*"
    assert (objects["NotResource"], keys["NotResource"]) == (f"{STATE}/*", KEY)


def test_aws_policies_of_those_who_look_read_no_content(made: Recorder) -> None:
    attached = {(one.name.split("-")[1], one["policyArn"].rpartition("/")[2]) for one in made.all(ATTACHMENT)}
    assert attached == {
        ("preview", "ViewOnlyAccess"),
        ("look", "ViewOnlyAccess"),
        ("look", "SecurityAudit"),
    }


@pytest.mark.parametrize("role", ["preview", "look"])
def test_who_only_looks_enters_the_cluster_in_the_previews_group_alone(made: Recorder, role: str) -> None:
    [entry] = [
        one for one in made.all(ENTRY) if one["principalArn"].endswith(f"role/intendly-test-github-{role}")
    ]
    assert entry["kubernetesGroups"] == ["intendly-preview"]


def test_the_site_is_uploaded_to_its_bucket_and_forgotten_by_its_distribution(made: Recorder) -> None:
    granted = [(one["Action"], one["Resource"]) for one in statements(made, "web", "Allow")]
    assert granted == [
        ("s3:ListBucket", SITE),
        (["s3:PutObject", "s3:DeleteObject"], f"{SITE}/*"),
        ("cloudfront:CreateInvalidation", SITE_CDN),
    ]
