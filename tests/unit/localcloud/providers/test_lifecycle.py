"""A resource's life in the AWS stand-in: created, found in moto, changed, refused, gone."""

import json
from collections.abc import Callable
from importlib import import_module

import pytest

from localcloud.providers.moto_mends import mend
from localcloud.providers.server import StandInError
from localcloud.providers.wire import UNKNOWN, Properties, Secret, Value
from tests.unit.localcloud.providers.conftest import Stack

TRUST = '{"Version": "2012-10-17", "Statement": []}'
boto3: Value = import_module("boto3")  # it carries no types

ROLE = "iam/role:Role"
SECRET = "secretsmanager/secret:Secret"
VERSION = "secretsmanager/secretVersion:SecretVersion"


def client(moto_url: str, service: str, region: str = "us-east-1") -> Value:
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": region}
    return boto3.client(service, endpoint_url=moto_url, **keys)


def network(stack: Stack) -> tuple[str, list[str]]:
    vpc, _ = stack.create("ec2/vpc:Vpc", cidrBlock="10.30.0.0/16", enableDnsHostnames=True)
    subnets = [
        stack.create(
            "ec2/subnet:Subnet", vpcId=vpc, cidrBlock=f"10.30.{number}.0/24", availabilityZoneId=zone
        )[0]
        for number, zone in enumerate(("use1-az1", "use1-az2"))
    ]
    return vpc, subnets


def test_network_exists_in_moto_and_in_the_ledger_until_it_is_deleted(stack: Stack) -> None:
    vpc, subnets = network(stack)
    assert vpc.startswith("vpc-")
    zones = [entry["outputs"]["availabilityZone"] for entry in stack.ledger if "subnet" in entry["type"]]
    assert zones == ["us-east-1b", "us-east-1c"]
    with pytest.raises(StandInError, match="DependencyViolation"):
        stack.delete("ec2/vpc:Vpc", vpc, {})
    for subnet in subnets:
        stack.delete("ec2/subnet:Subnet", subnet, {})
    stack.delete("ec2/vpc:Vpc", vpc, {})
    assert stack.ledger == []


def test_secret_value_reaches_moto_and_no_file(stack: Stack, moto_url: str) -> None:
    arn, outputs = stack.create(SECRET, name="intendly-test/database/one", recoveryWindowInDays=0)
    inputs = stack.checked(VERSION, {"secretId": arn, "secretString": Secret("canary-4711")})
    identity, version = stack.provider.create(stack.request(VERSION, inputs=inputs))
    assert version["secretString"] == Secret("canary-4711")
    assert identity == f"{arn}|{version['versionId']}"
    assert "canary" not in (stack.folder / "aws.json").read_text()
    read = client(moto_url, "secretsmanager").get_secret_value(SecretId="intendly-test/database/one")
    assert read["SecretString"] == "canary-4711"
    stack.delete(VERSION, identity, version)
    stack.delete(SECRET, arn, outputs)
    assert stack.ledger == []


def test_taken_name_is_refused_as_aws_does(stack: Stack) -> None:
    stack.create(ROLE, name="taken-role", assumeRolePolicy=TRUST)
    with pytest.raises(StandInError, match=r"EntityAlreadyExists: .*taken-role already exists"):
        stack.create(ROLE, "other", name="taken-role", assumeRolePolicy=TRUST)


def test_resource_deleted_behind_the_back_is_gone_at_refresh(stack: Stack, moto_url: str) -> None:
    identity, outputs = stack.create(ROLE, name="fleeting-role", assumeRolePolicy=TRUST)
    assert stack.read(ROLE, identity, outputs) == outputs
    client(moto_url, "iam").delete_role(RoleName="fleeting-role")
    assert stack.read(ROLE, identity, outputs) is None
    assert stack.ledger == []


def test_a_change_by_hand_is_read_and_secrets_stay_the_states(stack: Stack) -> None:
    inputs = stack.checked(SECRET, {"name": "intendly-test/by-hand", "description": Secret("canary-4712")})
    identity, outputs = stack.provider.create(stack.request(SECRET, inputs=inputs))
    request = stack.request(SECRET, identity=identity, inputs=inputs, outputs=outputs)
    assert stack.provider.read(request) == (inputs, outputs)
    file = stack.folder / "aws.json"
    ledger = json.loads(file.read_text())
    for held in (ledger["resources"][0]["inputs"], ledger["resources"][0]["outputs"]):
        held["tagsAll"] = {"by": "hand"}
    file.write_text(json.dumps(ledger))
    by_hand = {"tagsAll": {"by": "hand"}}
    assert stack.provider.read(request) == (inputs | by_hand, outputs | by_hand)


def test_preview_creates_nothing_and_leaves_computed_outputs_unknown(stack: Stack) -> None:
    inputs = stack.checked(ROLE, {"name": "planned", "assumeRolePolicy": TRUST})
    identity, outputs = stack.provider.create(stack.request(ROLE, inputs=inputs, preview=True))
    assert identity == ""
    assert (outputs["arn"], outputs["name"]) == (UNKNOWN, "planned")
    assert not (stack.folder / "aws.json").exists()


def test_launch_template_counts_its_versions(stack: Stack) -> None:
    kind = "ec2/launchTemplate:LaunchTemplate"
    identity, outputs = stack.create(kind, namePrefix="nodes-", updateDefaultVersion=True)
    assert outputs["name"].startswith("nodes-")
    assert len(outputs["name"]) == len("nodes-") + 26
    changed = stack.update(
        kind, identity, outputs, {}, {"updateDefaultVersion": True, "ebsOptimized": "true"}
    )
    assert (changed["latestVersion"], changed["defaultVersion"]) == (2, 2)


PROTECTED: list[tuple[str, Properties, str]] = [
    (
        "rds/instance:Instance",
        {"skipFinalSnapshot": True, "deletionProtection": True},
        "deletionProtection is on",
    ),
    ("rds/instance:Instance", {"skipFinalSnapshot": False}, "finalSnapshotIdentifier is required"),
    ("eks/cluster:Cluster", {"name": "c", "deletionProtection": True}, "deletionProtection is on"),
    ("lb/loadBalancer:LoadBalancer", {"enableDeletionProtection": True}, "OperationNotPermitted"),
]


@pytest.mark.parametrize(("kind", "outputs", "words"), PROTECTED)
def test_protection_refuses_deletion(stack: Stack, kind: str, outputs: Properties, words: str) -> None:
    with pytest.raises(StandInError, match=words):
        stack.delete(kind, "it", outputs)


def test_cache_answers_with_the_local_redis(stack: Stack) -> None:
    kind = "elasticache/replicationGroup:ReplicationGroup"
    inputs = {"replicationGroupId": "it", "description": "d", "engine": "valkey", "engineVersion": "8.2"}
    identity, outputs = stack.create(kind, **inputs, nodeType="cache.t4g.micro", numCacheClusters=2)
    assert (outputs["primaryEndpointAddress"], outputs["port"]) == ("127.0.0.1", 6379)
    assert outputs["memberClusters"] == ["it-001", "it-002"]
    endpoints = json.loads((stack.folder / "endpoints.json").read_text())
    endpoints["redis"]["port"] = 6380
    (stack.folder / "endpoints.json").write_text(json.dumps(endpoints))
    stack.provider.configure({"region": "us-east-1"})
    assert stack.read(kind, identity, outputs) == outputs | {"port": 6380}
    assert stack.ledger[0]["outputs"]["port"] == 6380
    stack.delete(kind, identity, outputs)
    assert stack.ledger == []


def test_node_group_has_its_nodes_in_the_api_server(
    stack: Stack, kubectl: Callable[[], list[Properties]]
) -> None:
    vpc, subnets = network(stack)
    role, outputs = stack.create(ROLE, assumeRolePolicy=TRUST)
    cluster, made = stack.create(
        "eks/cluster:Cluster",
        name="it",
        roleArn=outputs["arn"],
        version="1.36",
        vpcConfig={"subnetIds": subnets},
    )
    assert made["certificateAuthority"] == {"data": "Q0E="}
    assert made["vpcConfig"]["vpcId"] == vpc
    template, _ = stack.create(
        "ec2/launchTemplate:LaunchTemplate", userData="a3ViZWxldDogY29uZmlnOiB7bWF4UG9kczogMTEwfQ=="
    )
    kind = "eks/nodeGroup:NodeGroup"
    inputs: Properties = {
        "clusterName": cluster,
        "nodeGroupNamePrefix": "general-",
        "nodeRoleArn": outputs["arn"],
        "subnetIds": subnets,
        "instanceTypes": ["m6i.xlarge"],
        "launchTemplate": {"id": template, "version": "1"},
        "scalingConfig": {"minSize": 2, "desiredSize": 3, "maxSize": 5},
    }
    identity, group = stack.create(kind, **inputs)
    nodes = kubectl()
    assert {node["metadata"]["labels"]["topology.kubernetes.io/zone"] for node in nodes} == {
        "us-east-1b",
        "us-east-1c",
    }
    assert nodes[0]["status"]["capacity"] == {
        "cpu": "4",
        "memory": "16Gi",
        "ephemeral-storage": "50Gi",
        "pods": "110",
    }
    assert group["resources"][0]["autoscalingGroups"][0]["name"].startswith("eks-general-")
    grown = inputs | {"scalingConfig": {"minSize": 4, "desiredSize": 3, "maxSize": 5}}
    group = stack.update(kind, identity, group, inputs, grown)
    assert len(kubectl()) == 4
    stack.delete(kind, identity, group)
    assert kubectl() == []
    stack.delete("eks/cluster:Cluster", cluster, made)
    stack.delete(ROLE, role, outputs)


def test_mended_moto_forgets_a_deleted_cache(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    application = import_module("moto.server").DomainDispatcherApplication
    caches = import_module("moto.elasticache.models").ElastiCacheBackend
    monkeypatch.setattr(application, "__call__", application.__call__)
    monkeypatch.setattr(import_module("moto.rds.models"), "uuid", import_module("uuid"))
    monkeypatch.setattr(caches, "delete_replication_group", caches.delete_replication_group)
    mend()
    kind = "elasticache/replicationGroup:ReplicationGroup"
    for _ in range(2):  # the same name is free again
        identity, outputs = stack.create(
            kind, replicationGroupId="again", description="d", nodeType="cache.t4g.micro", numCacheClusters=1
        )
        stack.delete(kind, identity, outputs)
        assert stack.read(kind, identity, outputs) is None


def test_what_names_a_region_lives_there(stack: Stack, moto_url: str) -> None:
    key, outputs = stack.create("kms/key:Key", region="us-west-2")
    assert outputs["arn"] == f"arn:aws:kms:us-west-2:123456789012:key/{key}"
    _, vault = stack.create("backup/vault:Vault", name="copies", region="us-west-2")
    assert vault["arn"].startswith("arn:aws:backup:us-west-2:")
    here, there = (
        {one["KeyId"] for one in client(moto_url, "kms", region).list_keys()["Keys"]}
        for region in ("us-east-1", "us-west-2")
    )
    assert key in there - here
    stack.delete("kms/key:Key", key, outputs)
    state = client(moto_url, "kms", "us-west-2").describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
    assert state == "PendingDeletion"


@pytest.mark.parametrize("emptied", [True, False])
def test_a_bucket_goes_with_its_versions_or_not_at_all(stack: Stack, moto_url: str, *, emptied: bool) -> None:
    name = f"intendly-test-{emptied}".lower()
    bucket, outputs = stack.create(
        "s3/bucket:Bucket", bucket=name, objectLockEnabled=True, forceDestroy=emptied
    )
    s3 = client(moto_url, "s3")
    for body in (b"old", b"new"):
        s3.put_object(Bucket=name, Key="postgresql/full/x", Body=body)
    s3.delete_object(Bucket=name, Key="postgresql/full/x")
    if emptied:
        stack.delete("s3/bucket:Bucket", bucket, outputs)
        assert name not in {one["Name"] for one in s3.list_buckets()["Buckets"]}
    else:
        with pytest.raises(StandInError, match="BucketNotEmpty"):
            stack.delete("s3/bucket:Bucket", bucket, outputs)


def test_a_certificate_wants_a_proof_for_each_of_its_names(stack: Stack) -> None:
    kind = "acm/certificate:Certificate"
    names = {"domainName": "app.example.com", "subjectAlternativeNames": ["www.example.com"]}
    _, outputs = stack.create(kind, **names, validationMethod="DNS")
    options = outputs["domainValidationOptions"]
    assert [one["domainName"] for one in options] == ["app.example.com", "www.example.com"]
    assert options[0]["resourceRecordName"].endswith(".app.example.com.")
    _, again = stack.create(kind, domainName="app.example.com", validationMethod="DNS")
    assert again["domainValidationOptions"] == options[:1]


def test_a_host_is_served_by_one_distribution(stack: Stack) -> None:
    inputs = {
        "origins": [{"originId": "site", "domainName": "site.s3.us-east-1.amazonaws.com"}],
        "defaultCacheBehavior": {"targetOriginId": "site", "viewerProtocolPolicy": "redirect-to-https"},
        "aliases": ["app.example.com"],
        "enabled": True,
    }
    _, outputs = stack.create("cloudfront/distribution:Distribution", **inputs)
    assert outputs["domainName"].endswith(".cloudfront.net")
    with pytest.raises(StandInError, match="CNAMEAlreadyExists"):
        stack.create("cloudfront/distribution:Distribution", **inputs)
