"""What exists in AWS and in no state can be imported, and a preview of an update keeps what AWS computed."""

import pytest

from localcloud.providers.server import StandInError
from localcloud.providers.wire import DEFAULTS, UNKNOWN, Secret
from tests.unit.localcloud.providers.conftest import Stack
from tests.unit.localcloud.providers.test_lifecycle import network

CLUSTER = "eks/cluster:Cluster"
ROUTE = "ec2/route:Route"
EIP = "ec2/eip:Eip"
VERSION = "secretsmanager/secretVersion:SecretVersion"


def cluster_inputs(name: str, subnets: list[str], **changed: object) -> dict[str, object]:
    return {
        "name": name,
        "roleArn": "arn:aws:iam::123456789012:role/it",
        "vpcConfig": {"subnetIds": subnets, "endpointPrivateAccess": True, **changed},
    }


def test_an_import_gives_inputs_with_their_defaults(stack: Stack) -> None:
    identity, outputs = stack.create("kms/key:Key", description="it")
    found = stack.provider.adopt(stack.request("kms/key:Key", identity=identity))
    assert found is not None
    assert (found[0], found[2]["arn"]) == (identity, outputs["arn"])
    assert found[1]["description"] == "it"
    assert "keyUsage" in found[1][DEFAULTS]


def test_an_import_takes_the_id_that_the_real_provider_takes(stack: Stack) -> None:
    identity, _ = stack.create(
        ROUTE, routeTableId="rtb-1", destinationCidrBlock="0.0.0.0/0", gatewayId="igw-1"
    )
    found = stack.provider.adopt(stack.request(ROUTE, identity="rtb-1_0.0.0.0/0"))
    assert found is not None
    assert found[0] == identity


def test_an_imported_secrets_value_is_read_and_stays_secret(stack: Stack) -> None:
    """Else the next update would replace it."""
    secret, _ = stack.create("secretsmanager/secret:Secret", name="it")
    value = Secret("s3cret")
    identity, _ = stack.create(VERSION, secretId=secret, secretString=value)
    found = stack.provider.adopt(stack.request(VERSION, identity=identity))
    assert found is not None
    _, inputs, outputs = found
    assert inputs["secretString"] == outputs["secretString"] == value
    assert "s3cret" not in (stack.folder / "aws.json").read_text()


def test_what_does_not_exist_cannot_be_imported(stack: Stack) -> None:
    stack.create(EIP, domain="vpc")
    assert stack.provider.adopt(stack.request(EIP, identity="eipalloc-other")) is None
    assert stack.provider.adopt(stack.request("kms/key:Key", identity="")) is None


def test_a_preview_of_an_update_keeps_what_aws_computed(stack: Stack) -> None:
    _, subnets = network(stack)
    olds = stack.checked(CLUSTER, cluster_inputs("previewed", subnets))
    identity, outputs = stack.provider.create(stack.request(CLUSTER, inputs=olds))
    news = stack.checked(CLUSTER, cluster_inputs("previewed", subnets, endpointPublicAccess=True), olds=olds)
    request = stack.request(CLUSTER, identity=identity, outputs=outputs, olds=olds, inputs=news, preview=True)
    shown = stack.provider.update(request)["vpcConfig"]
    assert shown["clusterSecurityGroupId"] == outputs["vpcConfig"]["clusterSecurityGroupId"]
    assert shown["endpointPublicAccess"] is True


def test_a_preview_of_a_creation_leaves_unknown_what_aws_will_compute(stack: Stack) -> None:
    """Of a half-made stack the subnets are known already, and the cluster's security group is not."""
    inputs = stack.checked(CLUSTER, cluster_inputs("planned", ["subnet-1", "subnet-2"]))
    _, shown = stack.provider.create(stack.request(CLUSTER, inputs=inputs, preview=True))
    assert shown["vpcConfig"]["clusterSecurityGroupId"] == UNKNOWN
    assert shown["vpcConfig"]["subnetIds"] == ["subnet-1", "subnet-2"]


def test_a_cluster_stays_in_the_zones_of_its_creation(stack: Stack) -> None:
    vpc, subnets = network(stack)
    identity, outputs = stack.create(CLUSTER, **cluster_inputs("zoned", subnets))
    third, _ = stack.create(
        "ec2/subnet:Subnet", vpcId=vpc, cidrBlock="10.30.9.0/24", availabilityZoneId="use1-az4"
    )
    olds, news = cluster_inputs("zoned", subnets), cluster_inputs("zoned", [*subnets, third])
    with pytest.raises(StandInError, match="zones of the creation"):
        stack.update(CLUSTER, identity, outputs, olds, news)
    same, _ = stack.create(
        "ec2/subnet:Subnet", vpcId=vpc, cidrBlock="10.30.8.0/24", availabilityZoneId="use1-az1"
    )
    stack.update(CLUSTER, identity, outputs, olds, cluster_inputs("zoned", [same, subnets[1]]))
