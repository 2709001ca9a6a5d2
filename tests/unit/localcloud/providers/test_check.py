"""What the AWS stand-in refuses before anything is made, and what it fills in."""

from importlib import import_module

import pytest

from localcloud.providers import moto_mends
from localcloud.providers.moto import Moto, caller_account
from localcloud.providers.rules import refuse_update, window_minutes
from localcloud.providers.server import StandInError
from localcloud.providers.wire import DEFAULTS, UNKNOWN, Properties, Secret, Value
from tests.unit.localcloud.providers.conftest import ACCOUNT, Stack

GOOD: dict[str, Properties] = {
    "rds/instance:Instance": {
        "identifier": "intendly-test-postgres",
        "engine": "postgres",
        "engineVersion": "18.6",
        "instanceClass": "db.t4g.medium",
        "allocatedStorage": 20,
        "maxAllocatedStorage": 100,
        "storageType": "gp3",
        "username": "intendly_admin",
        "manageMasterUserPassword": True,
        "backupWindow": "00:30-01:30",
        "maintenanceWindow": "sun:05:00-sun:06:00",
    },
    "rds/parameterGroup:ParameterGroup": {"family": "postgres18"},
    "elasticache/replicationGroup:ReplicationGroup": {
        "replicationGroupId": "intendly-test",
        "description": "cache",
        "engine": "valkey",
        "engineVersion": "8.2",
        "nodeType": "cache.t4g.micro",
        "numCacheClusters": 2,
        "automaticFailoverEnabled": True,
        "transitEncryptionEnabled": True,
        "snapshotWindow": "23:00-00:00",
        "maintenanceWindow": "sun:06:30-sun:07:30",
    },
    "eks/cluster:Cluster": {"roleArn": "arn", "version": "1.36", "vpcConfig": {"subnetIds": ["a", "b"]}},
    "eks/nodeGroup:NodeGroup": {
        "clusterName": "c",
        "nodeGroupNamePrefix": "general-",
        "nodeRoleArn": "arn",
        "subnetIds": ["a"],
        "scalingConfig": {"minSize": 2, "desiredSize": 3, "maxSize": 4},
    },
    "eks/addon:Addon": {"clusterName": "c", "addonName": "vpc-cni", "addonVersion": "v1.22.4-eksbuild.3"},
    "eks/accessEntry:AccessEntry": {
        "clusterName": "c",
        "principalArn": "arn:aws:iam::123456789012:role/deployer",
    },
    "iam/role:Role": {"assumeRolePolicy": "{}"},
    "kms/key:Key": {"deletionWindowInDays": 30},
    "cloudwatch/logGroup:LogGroup": {"name": "/aws/eks/it/cluster", "retentionInDays": 90},
    "secretsmanager/secret:Secret": {"name": "intendly-test/database"},
    "lb/loadBalancer:LoadBalancer": {"name": "intendly-test", "loadBalancerType": "network"},
    "lb/targetGroup:TargetGroup": {"port": 30080, "protocol": "TCP", "healthCheck": {"interval": 10}},
    "vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
        "securityGroupId": "sg-1",
        "ipProtocol": "tcp",
        "fromPort": 5432,
        "toPort": 5432,
        "cidrIpv4": "10.0.0.0/8",
    },
    "ec2/launchTemplate:LaunchTemplate": {"name": "nodes", "instanceType": "m6i.xlarge"},
    "ec2/vpcEndpoint:VpcEndpoint": {"vpcId": "vpc-1", "serviceName": "com.amazonaws.us-east-1.s3"},
    "ec2/flowLog:FlowLog": {"vpcId": "vpc-1", "trafficType": "ALL", "iamRoleArn": "arn"},
    "backup/vault:Vault": {"name": "intendly-test-backups"},
    "backup/vaultLockConfiguration:VaultLockConfiguration": {
        "backupVaultName": "intendly-test-backups",
        "minRetentionDays": 7,
        "maxRetentionDays": 35,
    },
    "backup/plan:Plan": {
        "name": "database",
        "rules": [{"ruleName": "daily", "schedule": "cron(0 7 ? * * *)", "completionWindow": 120}],
    },
    "backup/restoreTestingPlan:RestoreTestingPlan": {
        "name": "restore_test",
        "scheduleExpression": "cron(0 10 ? * MON *)",
        "recoveryPointSelection": {"algorithm": "LATEST_WITHIN_WINDOW", "includeVaults": ["*"]},
    },
    "budgets/budget:Budget": {
        "name": "intendly-test",
        "budgetType": "COST",
        "timeUnit": "MONTHLY",
        "limitAmount": "500.0",
    },
    "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {
        "bucket": "b",
        "rules": [{"id": "archive", "transitions": [{"days": 90}], "expiration": {"days": 270}}],
    },
}

BAD: list[tuple[str, str, Value]] = [
    ("rds/instance:Instance", "identifier", "intendly--postgres"),
    ("rds/instance:Instance", "username", "admin"),
    ("rds/instance:Instance", "engineVersion", "18.5"),
    ("rds/instance:Instance", "backupRetentionPeriod", 36),
    ("rds/instance:Instance", "instanceClass", "m5.large"),
    ("rds/instance:Instance", "kmsKeyId", "alias/data"),
    ("rds/instance:Instance", "maintenanceWindow", "Sun:05:00-Sun:06:00"),
    ("rds/instance:Instance", "password", Secret("canary-4711")),
    ("rds/instance:Instance", "maxAllocatedStorage", 20),
    ("elasticache/replicationGroup:ReplicationGroup", "numCacheClusters", 7),
    ("elasticache/replicationGroup:ReplicationGroup", "engineVersion", "9.0.0"),
    ("elasticache/replicationGroup:ReplicationGroup", "snapshotRetentionLimit", 36),
    ("elasticache/replicationGroup:ReplicationGroup", "replicationGroupId", "Intendly"),
    ("elasticache/replicationGroup:ReplicationGroup", "snapshotWindow", "23:00-23:30"),
    ("eks/cluster:Cluster", "version", "1.36.2"),
    ("eks/nodeGroup:NodeGroup", "amiType", "AL3"),
    ("eks/nodeGroup:NodeGroup", "scalingConfig", {"minSize": 4, "desiredSize": 3, "maxSize": 4}),
    ("eks/addon:Addon", "addonVersion", "1.22.4"),
    ("eks/addon:Addon", "addonName", "vpc-cnii"),
    ("eks/addon:Addon", "resolveConflictsOnCreate", "PRESERVE"),
    ("eks/addon:Addon", "configurationValues", "{"),
    ("eks/accessEntry:AccessEntry", "principalArn", "arn:aws:sts::123456789012:assumed-role/deployer/me"),
    ("kms/key:Key", "deletionWindowInDays", 31),
    ("cloudwatch/logGroup:LogGroup", "retentionInDays", 31),
    ("secretsmanager/secret:Secret", "recoveryWindowInDays", 3),
    ("secretsmanager/secret:Secret", "name", "intendly-abc123"),
    ("lb/loadBalancer:LoadBalancer", "name", "intendly-production-" + "x" * 13),
    ("lb/loadBalancer:LoadBalancer", "name", "internal-x"),
    ("lb/targetGroup:TargetGroup", "protocol", "SMTP"),
    ("vpc/securityGroupIngressRule:SecurityGroupIngressRule", "referencedSecurityGroupId", "sg-2"),
    ("vpc/securityGroupIngressRule:SecurityGroupIngressRule", "ipProtocol", "-1"),
    ("ec2/launchTemplate:LaunchTemplate", "instanceType", "m6i.huge"),
    ("ec2/vpcEndpoint:VpcEndpoint", "serviceName", "s3"),
    ("ec2/flowLog:FlowLog", "trafficType", "SOME"),
    ("backup/vault:Vault", "name", "intendly.backups"),
    ("backup/vaultLockConfiguration:VaultLockConfiguration", "changeableForDays", 2),
    ("backup/vaultLockConfiguration:VaultLockConfiguration", "minRetentionDays", 36),
    ("backup/plan:Plan", "rules", [{"startWindow": 59}]),
    ("backup/plan:Plan", "rules", [{"completionWindow": 119}]),
    ("backup/plan:Plan", "rules", [{"schedule": "0 7 * * *"}]),
    ("backup/restoreTestingPlan:RestoreTestingPlan", "name", "restore-test"),
    ("budgets/budget:Budget", "limitAmount", "500"),
    (
        "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "rules",
        [{"id": "archive", "transitions": [{"days": 90}], "expiration": {"days": 90}}],
    ),
]


@pytest.mark.parametrize("kind", GOOD)
def test_good_inputs_are_accepted(stack: Stack, kind: str) -> None:
    assert stack.problems(kind, GOOD[kind]) == {}


@pytest.mark.parametrize(("kind", "name", "value"), BAD)
def test_one_bad_input_is_refused_and_its_secret_not_shown(
    stack: Stack, kind: str, name: str, value: Value
) -> None:
    problems = stack.problems(kind, GOOD[kind] | {name: value})
    assert len(problems) == 1
    [reason] = problems.values()
    assert reason.startswith("AWS stand-in: ")
    assert "canary" not in reason


def test_all_problems_come_at_once_and_unknown_values_are_left_alone(stack: Stack) -> None:
    kind = "rds/instance:Instance"
    several = GOOD[kind] | {
        "backupRetentionPeriod": 99,
        "instanceClass": "large",
        "backupWindow": "05:10-06:10",
    }
    assert set(stack.problems(kind, several)) == {"backupRetentionPeriod", "instanceClass", "backupWindow"}
    for kind, inputs in GOOD.items():
        for name in inputs:
            assert stack.problems(kind, inputs | {name: UNKNOWN}) == {}, name


def test_missing_required_property_and_unknown_type_are_named(stack: Stack) -> None:
    without = {
        name: value for name, value in GOOD["eks/nodeGroup:NodeGroup"].items() if name != "nodeRoleArn"
    }
    assert list(stack.problems("eks/nodeGroup:NodeGroup", without)) == ["nodeRoleArn"]
    [reason] = stack.problems("athena/workgroup:Workgroup", {}).values()
    assert "localcloud/providers/catalogue.yaml" in reason


@pytest.mark.parametrize(
    ("text", "length"),
    [("00:30-01:30", 60), ("23:30-00:30", 60), ("sun:05:00-sun:06:00", 60), ("sat:23:30-sun:00:30", 60)],
)
def test_window_lasts(text: str, length: int) -> None:
    assert {end - start for start, end in window_minutes(text)} == {length}


def test_automatic_name_stays_until_the_program_gives_one(stack: Stack) -> None:
    kind = "iam/role:Role"
    first = stack.checked(kind, {"assumeRolePolicy": "{}"}, "nodes")
    assert first["name"].startswith("nodes-")
    assert len(first["name"]) == len("nodes-") + 7
    assert "name" in first[DEFAULTS]
    assert stack.checked(kind, {"assumeRolePolicy": "{}"}, "nodes", first)["name"] == first["name"]
    named = stack.checked(kind, {"assumeRolePolicy": "{}", "name": "mine"}, "nodes", first)
    assert named["name"] == "mine"
    assert stack.checked(kind, {"assumeRolePolicy": "{}"}, "nodes", named)["name"] not in (
        "mine",
        first["name"],
    )


def test_automatic_name_beyond_the_limit_is_refused(stack: Stack) -> None:
    request = stack.request("lb/targetGroup:TargetGroup", "x" * 30, inputs={"port": 1, "protocol": "TCP"})
    _, [failure] = stack.provider.check(request)
    assert "longer than 32" in failure.reason


def test_default_tags_are_in_all_tags_only(stack: Stack) -> None:
    checked = stack.checked("ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16", "tags": {"Name": "x"}})
    assert checked["tags"] == {"Name": "x"}
    assert checked["tagsAll"] == {"stack": "test", "Name": "x"}


REFUSED_UPDATES: list[tuple[str, Properties, Properties]] = [
    ("rds/instance:Instance", {"allocatedStorage": 100}, {"allocatedStorage": 50}),
    ("rds/instance:Instance", {"engineVersion": "17.11"}, {"engineVersion": "18.6"}),
    ("eks/cluster:Cluster", {"version": "1.34"}, {"version": "1.36"}),
    ("eks/cluster:Cluster", {"version": "1.36"}, {"version": "1.35"}),
    (
        "eks/cluster:Cluster",
        {"accessConfig": {"authenticationMode": "API"}},
        {"accessConfig": {"authenticationMode": "CONFIG_MAP"}},
    ),
]


@pytest.mark.parametrize(("kind", "olds", "news"), REFUSED_UPDATES)
def test_update_that_aws_refuses_is_refused(kind: str, olds: Properties, news: Properties) -> None:
    with pytest.raises(StandInError):
        refuse_update(f"aws:{kind}", olds, news)
    refuse_update(f"aws:{kind}", olds, olds)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"region": "eu-west-1"}, "region"),
        ({"region": "us-east-1", "allowedAccountIds": '["1"]'}, "not allowed"),
    ],
)
def test_wrong_region_or_account_is_refused(
    stack: Stack, config: Properties, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "anybody")
    with pytest.raises(StandInError, match=words):
        stack.provider.configure(config)


def test_the_account_is_the_credentials_own(moto_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "anybody")
    assert caller_account(moto_url, "us-east-1") == ACCOUNT
    lent = Moto(moto_url, "us-east-1").call(
        "sts", "assume_role", RoleArn="arn:aws:iam::999999999999:role/deployer", RoleSessionName="test"
    )["Credentials"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", lent["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", lent["SecretAccessKey"])
    monkeypatch.setenv("AWS_SESSION_TOKEN", lent["SessionToken"])
    assert caller_account(moto_url, "us-east-1") == "999999999999"
    # As the local cloud's server has it: an account of its own, which is not everybody's.
    monkeypatch.setenv("MOTO_ACCOUNT_ID", ACCOUNT)
    known = import_module("moto.sts.models").STSBackend
    monkeypatch.setattr(known, "get_assumed_role_from_access_key", moto_mends.lent_role)
    assert caller_account(moto_url, "us-east-1") == "999999999999"
    monkeypatch.setenv("AWS_PROFILE", "nobody's")
    with pytest.raises(StandInError, match="no valid credentials"):
        caller_account(moto_url, "us-east-1")
