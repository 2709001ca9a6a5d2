"""The data key and the AWS provider."""

import json

import pytest

from components.aws_provider import aws_provider
from components.data_key import DataKey, DataKeyArgs, key_policy
from tests.support.recorder import Recorder
from tests.unit.conftest import Deploy

KEY = "aws:kms/key:Key"


def built(deploy: Deploy, *, protect: bool = True) -> Recorder:
    args = DataKeyArgs(prefix="intendly-test", account_id="111111111111", region="us-east-1", protect=protect)
    return deploy(lambda: DataKey("data", args))


def test_the_key_rotates_and_goes_only_after_thirty_days(deploy: Deploy) -> None:
    key = built(deploy).only(KEY)
    assert key["enableKeyRotation"] is True
    assert key["deletionWindowInDays"] == 30


@pytest.mark.parametrize("protect", [True, False])
def test_protection_follows_the_argument(deploy: Deploy, *, protect: bool) -> None:
    assert built(deploy, protect=protect).only(KEY).protect is protect


def test_the_key_has_a_name_and_is_the_output(deploy: Deploy) -> None:
    recorder = built(deploy)
    alias = recorder.only("aws:kms/alias:Alias")
    assert (alias["name"], alias["targetKeyId"]) == ("alias/intendly-test-data", "data-key-id")
    component = recorder.only("intendly:data:DataKey")
    assert recorder.outputs[component.urn]["arn"].startswith("arn:aws:kms:us-east-1:111111111111:key/")


def test_the_policy_names_the_account_its_topics_its_log_groups_and_nobody_else(deploy: Deploy) -> None:
    policy = json.loads(built(deploy).only(KEY)["policy"])
    assert policy == key_policy("111111111111", "us-east-1")
    account, topics, logs = policy["Statement"]
    assert account["Principal"] == {"AWS": "arn:aws:iam::111111111111:root"}
    assert topics["Principal"]["Service"] == [
        "cloudwatch.amazonaws.com",
        "events.rds.amazonaws.com",
        "budgets.amazonaws.com",
        "backup.amazonaws.com",
    ]
    assert topics["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]
    assert topics["Condition"] == {
        "ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": "arn:aws:sns:us-east-1:111111111111:*"}
    }
    assert logs["Principal"] == {"Service": "logs.us-east-1.amazonaws.com"}
    [pattern] = logs["Condition"]["ArnLike"].values()
    assert pattern == "arn:aws:logs:us-east-1:111111111111:log-group:*"


def test_the_provider_works_in_one_account_and_region_and_tags_everything(deploy: Deploy) -> None:
    recorder = deploy(
        lambda: aws_provider(
            "aws", account_id="111111111111", region="us-east-1", tags={"Project": "intendly"}
        )
    )
    provider = recorder.only("pulumi:providers:aws")
    assert provider["region"] == "us-east-1"
    assert json.loads(provider["allowedAccountIds"]) == ["111111111111"]
    assert json.loads(provider["defaultTags"]) == {"tags": {"Project": "intendly"}}
