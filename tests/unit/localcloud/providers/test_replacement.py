"""What a preview says of a change: the facts of the provider's plans, one row each."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from localcloud.providers.catalogue import entries
from localcloud.providers.wire import UNKNOWN, Properties
from tests.unit.localcloud.providers.conftest import Stack

RDS = "rds/instance:Instance"
CACHE = "elasticache/replicationGroup:ReplicationGroup"
CLUSTER = "eks/cluster:Cluster"
GROUP = "eks/nodeGroup:NodeGroup"
BALANCER = "lb/loadBalancer:LoadBalancer"

REPLACING = {
    RDS: "engine dbName username storageEncrypted kmsKeyId availabilityZone snapshotIdentifier restoreToPointInTime"
    " timezone characterSetName backupTarget",
    "rds/parameterGroup:ParameterGroup": "name family description",
    "rds/subnetGroup:SubnetGroup": "name",
    CACHE: "replicationGroupId subnetGroupName port atRestEncryptionEnabled kmsKeyId snapshotName snapshotArns"
    " networkType dataTieringEnabled nodeGroupConfigurations",
    "elasticache/user:User": "userId userName",
    "elasticache/userGroup:UserGroup": "userGroupId",
    "elasticache/parameterGroup:ParameterGroup": "name family description",
    "elasticache/subnetGroup:SubnetGroup": "name",
    CLUSTER: "name roleArn bootstrapSelfManagedAddons",
    GROUP: "nodeGroupName clusterName nodeRoleArn subnetIds amiType capacityType instanceTypes diskSize remoteAccess",
    "eks/addon:Addon": "addonName clusterName namespaceConfig",
    "eks/accessEntry:AccessEntry": "clusterName principalArn type",
    "eks/podIdentityAssociation:PodIdentityAssociation": "clusterName namespace serviceAccount",
    "ec2/vpc:Vpc": "cidrBlock instanceTenancy",
    "ec2/subnet:Subnet": "vpcId cidrBlock availabilityZone availabilityZoneId",
    "ec2/natGateway:NatGateway": "subnetId allocationId connectivityType",
    "ec2/securityGroup:SecurityGroup": "name description vpcId",
    "ec2/launchTemplate:LaunchTemplate": "name",
    BALANCER: "name internal loadBalancerType",
    "lb/targetGroup:TargetGroup": "name port protocol targetType vpcId ipAddressType protocolVersion",
    "lb/listener:Listener": "loadBalancerArn",
    "autoscaling/attachment:Attachment": "autoscalingGroupName lbTargetGroupArn elb",
    "secretsmanager/secret:Secret": "name",
    "kms/key:Key": "keyUsage multiRegion customerMasterKeySpec",
    "kms/alias:Alias": "name",
    "route53/record:Record": "name zoneId",
    "cloudwatch/logGroup:LogGroup": "name logGroupClass",
    "sns/topic:Topic": "name fifoTopic",
    "iam/role:Role": "name path",
    "s3/bucket:Bucket": "bucket objectLockEnabled bucketNamespace",
    "ec2/vpcEndpoint:VpcEndpoint": "serviceName vpcEndpointType vpcId serviceRegion",
    "ec2/flowLog:FlowLog": "vpcId subnetId eniId trafficType logDestination logDestinationType logFormat iamRoleArn"
    " maxAggregationInterval",
    "ec2/subnetCidrReservation:SubnetCidrReservation": "subnetId cidrBlock reservationType description",
    "backup/vault:Vault": "name kmsKeyArn",
    "backup/vaultLockConfiguration:VaultLockConfiguration": "backupVaultName minRetentionDays maxRetentionDays"
    " changeableForDays",
    "backup/plan:Plan": "name",
    "backup/selection:Selection": "planId name iamRoleArn resources notResources conditions selectionTags",
    "budgets/budget:Budget": "name accountId",
    "acm/certificate:Certificate": "domainName subjectAlternativeNames validationMethod keyAlgorithm",
    "acm/certificateValidation:CertificateValidation": "certificateArn validationRecordFqdns",
    "route53/zone:Zone": "name",
    "cloudfront/distribution:Distribution": "staging",
    "s3/bucketPolicy:BucketPolicy": "bucket",
}
IN_PLACE = {
    RDS: "identifier allocatedStorage engineVersion instanceClass multiAz port parameterGroupName dbSubnetGroupName",
    CACHE: "nodeType numCacheClusters parameterGroupName userGroupIds authToken transitEncryptionMode",
    "elasticache/user:User": "passwords accessString",
    CLUSTER: "version vpcConfig deletionProtection enabledClusterLogTypes",
    GROUP: "version releaseVersion labels taints scalingConfig nodeRepairConfig updateConfig",
    "eks/addon:Addon": "addonVersion configurationValues",
    "eks/podIdentityAssociation:PodIdentityAssociation": "roleArn",
    "ec2/route:Route": "natGatewayId gatewayId",
    "ec2/routeTableAssociation:RouteTableAssociation": "routeTableId",
    "ec2/launchTemplate:LaunchTemplate": "userData instanceType",
    BALANCER: "enableDeletionProtection enableCrossZoneLoadBalancing",
    "lb/targetGroup:TargetGroup": "healthCheck deregistrationDelay",
    "secretsmanager/secret:Secret": "kmsKeyId recoveryWindowInDays",
    "kms/alias:Alias": "targetKeyId",
    "route53/record:Record": "type records ttl",
    "cloudwatch/logGroup:LogGroup": "kmsKeyId retentionInDays",
    "iam/role:Role": "assumeRolePolicy",
    "ec2/vpcEndpoint:VpcEndpoint": "subnetIds securityGroupIds routeTableIds privateDnsEnabled",
    "s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": "rule",
    "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "rules",
    "backup/vault:Vault": "forceDestroy",
    "backup/plan:Plan": "rules",
    "backup/restoreTestingPlan:RestoreTestingPlan": "scheduleExpression recoveryPointSelection",
    "budgets/budget:Budget": "limitAmount notifications costFilters",
    "cloudfront/distribution:Distribution": "aliases priceClass defaultRootObject comment origins",
    "cloudfront/originAccessControl:OriginAccessControl": "name signingBehavior",
    "cloudfront/cachePolicy:CachePolicy": "name maxTtl",
    "cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": "name comment",
}


def rows(table: dict[str, str]) -> list[tuple[str, str]]:
    return [(kind, name) for kind, names in table.items() for name in names.split()]


@pytest.mark.parametrize(("kind", "name"), rows(REPLACING))
def test_replaces(stack: Stack, kind: str, name: str) -> None:
    assert stack.replaces(kind, {name: "old"}, {name: "new"}) == {name: True}
    assert stack.replaces(kind, {name: "old"}, {name: UNKNOWN}) == {name: True}


@pytest.mark.parametrize("kind", REPLACING)
def test_nothing_else_replaces(kind: str) -> None:
    """Apart from prefixes of names, and from parts of a property, which have tests of their own."""
    whole = {name for name in entries()[f"aws:{kind}"].replaces.split() if not re.search(r"\.|Prefix$", name)}
    assert whole == set(REPLACING[kind].split())


@pytest.mark.parametrize("kind", entries())
def test_another_region_replaces_anything(stack: Stack, kind: str) -> None:
    kind = kind.removeprefix("aws:")
    assert stack.replaces(kind, {"region": "us-east-1"}, {"region": "us-west-2"}) == {"region": True}


@pytest.mark.parametrize(("kind", "name"), rows(IN_PLACE))
def test_changes_in_place(stack: Stack, kind: str, name: str) -> None:
    assert stack.replaces(kind, {name: "old"}, {name: "new"}) == {name: False}


CONDITIONAL: list[tuple[str, Properties, Properties, bool]] = [
    (CACHE, {"engine": "valkey"}, {"engine": "redis"}, True),
    (CACHE, {"engine": "redis"}, {"engine": "valkey"}, False),
    (CACHE, {"engineVersion": "8.2"}, {"engineVersion": "8.0"}, True),
    (CACHE, {"engineVersion": "8.2"}, {"engineVersion": "9.0"}, False),
    (BALANCER, {"subnets": ["a", "b"]}, {"subnets": ["a"]}, True),
    (BALANCER, {"subnets": ["a"]}, {"subnets": ["b", "a"]}, False),
    (BALANCER, {}, {"securityGroups": ["a"]}, True),
    (BALANCER, {"securityGroups": ["a"]}, {"securityGroups": ["b"]}, False),
    (BALANCER, {"secondaryIpsAutoAssignedPerSubnet": 2}, {"secondaryIpsAutoAssignedPerSubnet": 1}, True),
    (BALANCER, {"secondaryIpsAutoAssignedPerSubnet": 1}, {"secondaryIpsAutoAssignedPerSubnet": 2}, False),
    (CLUSTER, {"encryptionConfig": {"resources": ["secrets"]}}, {}, True),
    (CLUSTER, {}, {"encryptionConfig": {"resources": ["secrets"]}}, False),
    (CLUSTER, {"vpcConfig": {"subnetIds": ["a"]}}, {"vpcConfig": {"subnetIds": ["b"]}}, False),
    (GROUP, {"launchTemplate": {"id": "a"}}, {"launchTemplate": {"id": "b"}}, True),
    (GROUP, {"launchTemplate": {"version": "1"}}, {"launchTemplate": {"version": "2"}}, False),
]


@pytest.mark.parametrize(("kind", "olds", "news", "replaced"), CONDITIONAL)
def test_replaces_only_under_its_condition(
    stack: Stack, kind: str, olds: Properties, news: Properties, *, replaced: bool
) -> None:
    common = {"loadBalancerType": "network"} if kind == BALANCER else {}
    assert list(stack.replaces(kind, common | olds, common | news).values()) == [replaced]


@pytest.mark.parametrize(("old", "replaced"), [("7.0", True), ("7.1", False), ("8.2", False)])
def test_cache_takes_tls_in_place_from_7_0_5_on(stack: Stack, old: str, *, replaced: bool) -> None:
    olds: Properties = {"engineVersion": old, "transitEncryptionEnabled": False}
    assert stack.replaces(CACHE, olds, olds | {"transitEncryptionEnabled": True}) == {
        "transitEncryptionEnabled": replaced
    }


@pytest.mark.parametrize(
    ("name", "replaced"),
    [
        ("accessConfig.bootstrapClusterCreatorAdminPermissions", True),
        ("accessConfig.authenticationMode", False),
        ("kubernetesNetworkConfig.serviceIpv4Cidr", True),
        ("kubernetesNetworkConfig.ipFamily", True),
    ],
)
def test_cluster_replaces_by_nested_property(stack: Stack, name: str, *, replaced: bool) -> None:
    block, member = name.split(".")
    assert stack.replaces(CLUSTER, {block: {member: "a"}}, {block: {member: "b"}}) == {name: replaced}


def test_order_of_sets_layout_of_json_and_filled_in_values_are_no_change(stack: Stack) -> None:
    assert stack.replaces("lb/targetGroup:TargetGroup", {"x": ["b", "a"]}, {"x": ["a", "b"]}) == {}
    assert (
        stack.replaces("iam/role:Role", {"assumeRolePolicy": '{"a":1}'}, {"assumeRolePolicy": '{ "a": 1 }'})
        == {}
    )
    assert stack.replaces(RDS, {"kmsKeyId": "arn"}, {}) == {}


def test_every_property_of_the_table_is_one_of_the_sdk() -> None:
    """A misspelt property in the table would never replace anything."""
    sdk = Path(str(import_module("pulumi_aws").__file__)).parent
    for kind, entry in entries().items():
        file = re.sub("([A-Z])", r"_\1", kind.removeprefix("aws:").partition(":")[0]).lower()
        text = (
            sdk / f"{file}.py"
        ).read_text()  # read, not imported: importing a part breaks the SDK's lazy modules
        known = {name.replace("_", "") for name in re.findall(r'__props__\.__dict__\["(\w+)"\]', text)}
        paths = (*entry.replaces.split(), *entry.rules, *entry.defaults, *entry.outputs)
        used = {path.partition(".")[0] for path in paths} - {"id"}
        assert {path for path in used if path.lower() not in known} == set(), kind
