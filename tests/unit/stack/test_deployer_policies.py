"""The deployer's policies, held against what the program really makes and against IAM's limits."""

import fnmatch
import json
from typing import Any

import pytest

from operations.json_object import Json
from operations.services.deployer_policies import (
    GLOBAL_REGION,
    PASSED_TO,
    SERVICES,
    Deployment,
    identities,
    regions_of,
    resources,
    trust,
)
from tests.support.stacks import STACKS, RecordedStack, recorded

IAM_NAMES = {
    "cloudwatch": ("cloudwatch", "logs"),
    "lb": ("elasticloadbalancing",),
    "vpc": ("ec2",),
    "s3": (),
    "secretsmanager": (),
    "iam": (),
}
"""Where the provider's module is not IAM's name of the service; none where a statement by name allows it."""

DEPLOYMENT = Deployment(
    account="123456789012",
    prefix="intendly-production",
    regions=("us-east-1",),
    role="intendly-deployer",
    state_bucket="intendly-production-state-123456789012",
    state_alias="alias/intendly-production-state",
)
MANAGED_POLICY_CHARACTERS = 6144
TRUST_CHARACTERS = 2048
"""IAM's limits; blanks do not count."""


@pytest.fixture(params=STACKS)
def stack(request: pytest.FixtureRequest) -> RecordedStack:
    return recorded(request.param)


def statement(document: Json, sid: str) -> dict[str, Any]:
    [found] = [one for one in document["Statement"] if one["Sid"] == sid]
    return found


def allows(pattern: str | list[str], name: str) -> bool:
    return any(fnmatch.fnmatchcase(name, one) for one in ([pattern] if isinstance(pattern, str) else pattern))


def test_every_service_that_the_program_uses_is_allowed(stack: RecordedStack) -> None:
    kinds = {one.type for one in stack.made.registrations if one.type.startswith("aws:")}
    assert kinds
    for kind in kinds:
        module = kind.split(":")[1].split("/")[0]
        for service in IAM_NAMES.get(module, (module,)):
            assert service in SERVICES, f"{kind} needs {service} in SERVICES"


def test_every_region_that_the_program_names_is_allowed(stack: RecordedStack) -> None:
    named = {one.inputs.get("region") for one in stack.made.registrations if one.type.startswith("aws:")}
    assert named - {None} <= {*regions_of(stack.settings), GLOBAL_REGION}


def test_every_role_bucket_and_secret_of_the_program_has_a_name_that_is_allowed(stack: RecordedStack) -> None:
    prefix = stack.settings.prefix
    account = stack.settings.account.id
    deployment = Deployment(
        account=account,
        prefix=prefix,
        regions=("us-east-1",),
        role="intendly-deployer",
        state_bucket="state",
        state_alias="alias/state",
    )
    roles = statement(identities(deployment), "StackRoles")["Resource"]
    for role in stack.made.all("aws:iam/role:Role"):
        assert allows(roles, f"arn:aws:iam::{account}:role/{role['name']}")
    buckets = statement(resources(deployment), "Buckets")["Resource"]
    for bucket in stack.made.all("aws:s3/bucket:Bucket"):
        assert allows(buckets, f"arn:aws:s3:::{bucket['bucket']}")
    secrets = statement(resources(deployment), "Secrets")["Resource"]
    for secret in stack.made.all("aws:secretsmanager/secret:Secret"):
        assert allows(secrets, f"arn:aws:secretsmanager:us-east-1:{account}:secret:{secret['name']}-AbCdEf")


def test_every_service_that_takes_one_of_the_programs_roles_may_be_given_it(stack: RecordedStack) -> None:
    for role in stack.made.all("aws:iam/role:Role"):
        for one in json.loads(role["assumeRolePolicy"])["Statement"]:
            service = one["Principal"].get("Service")
            assert service is None or service in PASSED_TO, f"{role['name']} is for {service}"


def test_the_github_role_that_takes_the_deployers_is_let_in(stack: RecordedStack) -> None:
    names = {role["name"] for role in stack.made.all("aws:iam/role:Role")}
    made = [name for name in names if name.endswith("-github-deploy")]
    assert made in ([], [f"{stack.settings.prefix}-github-deploy"])


def test_documents_fit_into_iams_limits() -> None:
    for document, limit in (
        (resources(DEPLOYMENT), MANAGED_POLICY_CHARACTERS),
        (identities(DEPLOYMENT), MANAGED_POLICY_CHARACTERS),
        (trust(DEPLOYMENT, [f"arn:aws:iam::123456789012:role/{'x' * 64}"] * 3), TRUST_CHARACTERS),
    ):
        assert len(json.dumps(document, separators=(",", ":"))) <= limit


def test_the_deployer_may_change_neither_itself_nor_other_roles_of_the_account() -> None:
    written = [
        one
        for one in identities(DEPLOYMENT)["Statement"]
        if one["Sid"] not in {"Look", "Itself", "ServicesOwnRoles"}
    ]
    for one in written:
        for other in (
            "role/intendly-deployer",
            "role/administrator",
            "policy/intendly-deployer-production-x",
        ):
            assert not allows(one["Resource"], f"arn:aws:iam::123456789012:{other}"), one["Sid"]
    assert {one["Effect"] for one in written} == {"Allow"}


def test_nothing_is_allowed_outside_of_the_stacks_regions_but_by_name() -> None:
    broad = [
        one
        for one in resources(DEPLOYMENT)["Statement"]
        if one["Effect"] == "Allow"
        and one["Resource"] == "*"
        and any(":*" in action for action in one["Action"])
    ]
    assert [one["Sid"] for one in broad] == ["Services"]
    assert broad[0]["Condition"] == {"StringEquals": {"aws:RequestedRegion": ["us-east-1"]}}


def test_the_state_survives_its_deployer() -> None:
    denied = statement(resources(DEPLOYMENT), "KeepStateBucket")
    assert denied["Effect"] == "Deny"
    assert {"s3:DeleteBucket", "s3:DeleteObjectVersion", "s3:PutBucketVersioning"} <= set(denied["Action"])
    key = statement(resources(DEPLOYMENT), "KeepStateKey")
    assert key["Effect"] == "Deny"
    assert "kms:ScheduleKeyDeletion" in key["Action"]


def test_only_named_principals_of_the_account_come_in() -> None:
    [one] = trust(DEPLOYMENT, ["arn:aws:iam::123456789012:role/administrator"])["Statement"]
    assert one["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    assert one["Condition"]["ArnEquals"]["aws:PrincipalArn"] == [
        "arn:aws:iam::123456789012:role/administrator",
        "arn:aws:iam::123456789012:role/intendly-deployer",
        "arn:aws:iam::123456789012:role/intendly-production-github-deploy",
    ]
