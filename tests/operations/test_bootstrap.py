"""`intendly bootstrap` on moto's S3, KMS, IAM and STS."""

import json
from collections.abc import Generator, Sequence
from typing import Any

import pytest

from operations.clients.aws import AwsSession
from operations.clients.aws_identity import GITHUB, Identity
from operations.errors import AwsError, OperatorError
from operations.services.bootstrap import BootstrapService, Step
from tests.operations.conftest import Invoke
from tests.operations.fakes import FakeFactory
from tests.operations.moto_account import ACCOUNT, ADMIN, client, empty_account, session, settings, stubbed

BUCKET = f"intendly-staging-state-{ACCOUNT}"
ALIAS = "alias/intendly-staging-state"
ROLE = "intendly-deployer"
NOBODY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}],
    }
)
NOTHING = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "Nothing", "Effect": "Deny", "Action": "s3:*", "Resource": "*"}],
    }
)


@pytest.fixture(autouse=True)
def account() -> Generator[None]:
    with empty_account():
        yield


def bootstrap(*, bucket: str = "", people: Sequence[str] = (ADMIN,), github: bool = True) -> BootstrapService:
    return BootstrapService(settings(), session(), bucket=bucket, people=people, github=github)


def run(service: BootstrapService) -> list[Step]:
    steps = service.plan()
    service.run(steps, lambda _: None)
    return steps


def actions(service: BootstrapService) -> dict[str, str]:
    return {step.name: step.action for step in service.plan() if step.action}


def test_an_empty_account_gets_all_of_it() -> None:
    steps = run(bootstrap())
    assert all(step.action.startswith("create") for step in steps)
    key = client("kms").describe_key(KeyId=ALIAS)["KeyMetadata"]
    assert client("kms").get_key_rotation_status(KeyId=key["Arn"])["KeyRotationEnabled"] is True
    s3 = client("s3")
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    [rule] = s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": "aws:kms",
        "KMSMasterKeyID": key["Arn"],
    }
    blocks = s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]
    assert list(blocks.values()) == [True] * 4
    [statement] = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])["Statement"]
    assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    iam = client("iam")
    role = iam.get_role(RoleName=ROLE)["Role"]
    [trusted] = role["AssumeRolePolicyDocument"]["Statement"]
    assert trusted["Condition"]["ArnEquals"]["aws:PrincipalArn"] == [
        ADMIN,
        f"arn:aws:iam::{ACCOUNT}:role/{ROLE}",
        f"arn:aws:iam::{ACCOUNT}:role/intendly-staging-github-deploy",
    ]
    attached = iam.list_attached_role_policies(RoleName=ROLE)["AttachedPolicies"]
    assert {one["PolicyName"] for one in attached} == {
        "intendly-deployer-staging-resources",
        "intendly-deployer-staging-identities",
    }
    [provider] = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    assert provider["Arn"] == bootstrap().names.provider_arn


def test_again_there_is_nothing_to_do_and_nobody_need_be_named_again() -> None:
    run(bootstrap())
    assert actions(bootstrap()) == {}
    assert actions(bootstrap(people=())) == {}


def test_a_plan_changes_nothing() -> None:
    assert bootstrap().plan() != []
    assert client("s3").list_buckets()["Buckets"] == []
    assert client("kms").list_keys()["Keys"] == []
    assert client("iam").list_roles()["Roles"] == []
    assert client("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"] == []


UNDONE: dict[str, tuple[Any, str, str]] = {
    "versions": (
        lambda: client("s3").put_bucket_versioning(
            Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"}
        ),
        BUCKET,
        "mend: versions",
    ),
    "encryption": (
        lambda: client("s3").delete_bucket_encryption(Bucket=BUCKET),
        BUCKET,
        "mend: encryption",
    ),
    "blocks": (
        lambda: client("s3").delete_public_access_block(Bucket=BUCKET),
        BUCKET,
        "mend: public access blocked",
    ),
    "policy": (lambda: client("s3").delete_bucket_policy(Bucket=BUCKET), BUCKET, "mend: TLS only"),
    "lifecycle": (
        lambda: client("s3").delete_bucket_lifecycle(Bucket=BUCKET),
        BUCKET,
        "mend: removal of old versions",
    ),
    "tags": (lambda: client("s3").delete_bucket_tagging(Bucket=BUCKET), BUCKET, "mend: tags"),
    "rotation": (lambda: client("kms").disable_key_rotation(KeyId=key_id()), ALIAS, "mend: rotation"),
    "attachment": (
        lambda: client("iam").detach_role_policy(
            RoleName=ROLE, PolicyArn=bootstrap().names.policy_arn("resources")
        ),
        ROLE,
        "mend: policies",
    ),
    "provider": (
        lambda: client("iam").delete_open_id_connect_provider(
            OpenIDConnectProviderArn=bootstrap().names.provider_arn
        ),
        GITHUB,
        "create",
    ),
    "document": (
        lambda: client("iam").create_policy_version(
            PolicyArn=bootstrap().names.policy_arn("identities"),
            PolicyDocument=NOTHING,
            SetAsDefault=True,
        ),
        "intendly-deployer-staging-identities",
        "mend: a new version",
    ),
    "trust": (
        lambda: client("iam").update_assume_role_policy(RoleName=ROLE, PolicyDocument=NOBODY),
        ROLE,
        f"mend: trust for {ADMIN}",
    ),
}


def key_id() -> str:
    return client("kms").describe_key(KeyId=ALIAS)["KeyMetadata"]["KeyId"]


@pytest.mark.parametrize("what", UNDONE)
def test_what_is_half_made_is_completed(what: str) -> None:
    undo, name, action = UNDONE[what]
    run(bootstrap())
    undo()
    assert actions(bootstrap()) == {name: action}
    run(bootstrap())
    assert actions(bootstrap()) == {}


@pytest.mark.parametrize("done", range(6))
def test_a_run_that_ended_anywhere_is_completed_by_the_next(done: int) -> None:
    service = bootstrap()
    service.run(service.plan()[:done], lambda _: None)
    run(bootstrap())
    assert actions(bootstrap()) == {}
    assert len(client("kms").list_keys()["Keys"]) == 1
    assert len(client("s3").list_buckets()["Buckets"]) == 1


def test_a_key_that_never_got_its_alias_is_used() -> None:
    client("kms").create_key(Description="another")
    made = client("kms").create_key(Description="State of intendly staging")["KeyMetadata"]["Arn"]
    run(bootstrap())
    assert client("kms").describe_key(KeyId=ALIAS)["KeyMetadata"]["Arn"] == made


def test_a_key_that_is_to_be_deleted_is_no_key() -> None:
    run(bootstrap())
    client("kms").schedule_key_deletion(KeyId=key_id(), PendingWindowInDays=7)
    with pytest.raises(AwsError, match="is PendingDeletion: the state's secrets cannot be read") as caught:
        bootstrap().plan()
    assert "cancel-key-deletion" in caught.value.hint


def test_statements_of_others_are_kept() -> None:
    run(bootstrap())
    other = {"Sid": "Other", "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject"}
    other["Resource"] = f"arn:aws:s3:::{BUCKET}/secret"
    policy = json.dumps({"Version": "2012-10-17", "Statement": [other]})
    client("s3").put_bucket_policy(Bucket=BUCKET, Policy=policy)
    run(bootstrap())
    found = json.loads(client("s3").get_bucket_policy(Bucket=BUCKET)["Policy"])["Statement"]
    assert [one["Sid"] for one in found] == ["Other", "TlsOnly"]


def test_another_person_is_added_and_nobody_is_taken_away() -> None:
    run(bootstrap())
    other = f"arn:aws:iam::{ACCOUNT}:user/second"
    run(bootstrap(people=[other]))
    [trusted] = client("iam").get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"]["Statement"]
    assert {ADMIN, other} <= set(trusted["Condition"]["ArnEquals"]["aws:PrincipalArn"])


def test_a_policy_with_all_its_versions_loses_the_oldest() -> None:
    run(bootstrap())
    arn = bootstrap().names.policy_arn("resources")
    for number in range(4):
        document = NOTHING.replace("Nothing", f"Nothing{number}")
        client("iam").create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
    run(bootstrap())
    assert actions(bootstrap()) == {}
    versions = client("iam").list_policy_versions(PolicyArn=arn)["Versions"]
    assert len(versions) == 5
    assert "v1" not in {one["VersionId"] for one in versions}


def test_another_region_is_told_to_s3() -> None:
    elsewhere = settings()
    place = elsewhere.account.model_copy(update={"region": "eu-west-1"})
    service = BootstrapService(
        elsewhere.model_copy(update={"account": place}), AwsSession("eu-west-1"), people=[ADMIN]
    )
    run(service)
    found = client("s3").get_bucket_location(Bucket=BUCKET)
    assert found["LocationConstraint"] == "eu-west-1"
    assert service.names.backend == f"s3://{BUCKET}?region=eu-west-1"


# Refusals


def answer(service: str, *errors: tuple[str, str, int]) -> AwsSession:
    """A session whose client answers with errors that moto does not give: botocore's Stubber."""
    fresh = AwsSession("us-east-1")
    stubber = stubbed(fresh, service)
    for operation, code, status in errors:
        stubber.add_client_error(operation, service_error_code=code, http_status_code=status)
    stubber.activate()
    return fresh


@pytest.mark.parametrize(
    "errors",
    [
        [("head_bucket", "403", 403)],
        [("head_bucket", "404", 404), ("create_bucket", "BucketAlreadyExists", 409)],
    ],
)
def test_a_name_that_another_account_has_is_said_with_the_way_out(errors: list[tuple[str, str, int]]) -> None:
    service = BootstrapService(settings(), answer("s3", *errors), people=[ADMIN])
    with pytest.raises(AwsError, match=f"the bucket {BUCKET} is not this account's") as caught:
        run(service)
    assert "--state-bucket NAME" in caught.value.hint


def test_an_existing_provider_is_made_to_take_our_audience() -> None:
    """moto lacks AddClientIDToOpenIDConnectProvider: botocore's Stubber answers."""
    arn = bootstrap().names.provider_arn
    fresh = AwsSession("us-east-1")
    with stubbed(fresh, "iam") as stubber:
        stubber.add_response("list_open_id_connect_providers", {"OpenIDConnectProviderList": [{"Arn": arn}]})
        stubber.add_response("get_open_id_connect_provider", {"ClientIDList": ["somebody"]})
        stubber.add_response(
            "add_client_id_to_open_id_connect_provider",
            {},
            {"OpenIDConnectProviderArn": arn, "ClientID": "sts.amazonaws.com"},
        )
        identity = Identity(fresh)
        assert identity.github_provider() == (arn, False)
        identity.add_audience(arn)
        stubber.assert_no_pending_responses()


def test_credentials_of_another_account_are_refused() -> None:
    service = BootstrapService(settings(account="222222222222"), session())
    with pytest.raises(
        OperatorError, match=f"are of account {ACCOUNT}, the settings name 222222222222"
    ) as caught:
        service.plan()
    assert "AWS_PROFILE" in caught.value.hint


def test_without_credentials_the_hint_says_how_to_get_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(AwsError, match="no AWS credentials") as caught:
        BootstrapService(settings(), AwsSession("us-east-1")).plan()
    assert "aws sso login" in caught.value.hint


def test_a_role_that_nobody_could_take_is_not_made() -> None:
    with pytest.raises(OperatorError, match="nobody could take the role intendly-deployer") as caught:
        bootstrap(people=()).plan()
    assert "--trust ARN" in caught.value.hint


@pytest.mark.parametrize(
    "arn",
    [
        "*",
        f"arn:aws:iam::{ACCOUNT}:root",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/me",
        "arn:aws:iam::999999999999:role/admin",
        f"arn:aws:iam::{ACCOUNT}:role/*",
        f'arn:aws:iam::{ACCOUNT}:role/a"b',
        f"arn:aws:iam::{ACCOUNT}:role/admin\n",
        "administrator",
    ],
)
def test_whom_to_trust_is_one_role_or_user_of_the_account(arn: str) -> None:
    with pytest.raises(OperatorError, match="is refused; allowed: arn:aws:iam::"):
        bootstrap(people=[arn])


@pytest.mark.parametrize("name", ["a", "Upper", "dots.are.trouble", "-x-", "a" * 64, "x/y", "x y", "bücket"])
def test_a_bucket_name_that_s3_would_refuse_is_refused_here(name: str) -> None:
    with pytest.raises(OperatorError, match=r"the bucket name .* is refused"):
        bootstrap(bucket=name)


# The command


@pytest.fixture
def command(intendly: Invoke, factory: FakeFactory, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    monkeypatch.setattr(factory, "bootstrap", bootstrap)
    return intendly


def test_the_command_ends_with_the_lines_that_follow(command: Invoke) -> None:
    result = command("bootstrap", "--stack", "staging", "--trust", ADMIN, "--yes")
    assert result.exit_code == 0, result.output
    assert f"pulumi login 's3://{BUCKET}?region=us-east-1'" in result.stdout
    provider = "awskms://alias/intendly-staging-state?region=us-east-1"
    assert f"pulumi stack init staging --secrets-provider '{provider}'" in result.stdout
    assert f"stateKeyArn: {bootstrap().state_key_arn()}" in result.stdout
    assert "--name intendly-staging/alertmanager/receivers --secret-string file://" in result.stdout
    again = command("bootstrap", "--stack", "staging")
    assert again.exit_code == 0
    assert "nothing to do" in again.stdout


def test_a_dry_run_and_an_unanswered_question_change_nothing(command: Invoke) -> None:
    dry = command("bootstrap", "--stack", "staging", "--trust", ADMIN, "--dry-run")
    assert dry.exit_code == 0
    assert "create, with public access blocked" in dry.stdout
    assert command("bootstrap", "--stack", "staging", "--trust", ADMIN).exit_code == 1
    assert client("s3").list_buckets()["Buckets"] == []
    assert client("iam").list_roles()["Roles"] == []
