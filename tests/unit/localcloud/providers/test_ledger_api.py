"""What moto does not hold is listed from the ledger, as AWS lists it, and found by the operators' command."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from localcloud.providers.ledger import Ledger
from localcloud.providers.ledger_api import answering
from operations.clients.aws import AwsSession
from operations.clients.aws_finder import AwsFinder, TaggedResource
from tests.unit.localcloud.providers.conftest import ACCOUNT, Stack

EIP, NAT = "ec2/eip:Eip", "ec2/natGateway:NatGateway"
ACCESS = "cloudfront/originAccessControl:OriginAccessControl"


@pytest.fixture
def finder(folder: Path, moto_url: str, monkeypatch: pytest.MonkeyPatch) -> AwsFinder:
    """Over moto's server with the lists of this test's ledger."""
    for name, value in {"AWS_ENDPOINT_URL": moto_url, "AWS_ACCESS_KEY_ID": "a"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    place = {"account": ACCOUNT, "region": "us-east-1"}
    server: Any = import_module("moto.server").DomainDispatcherApplication
    served = answering(server.__call__, Ledger(folder / "aws.json"), place)
    monkeypatch.setattr(server, "__call__", served)
    return AwsFinder(AwsSession("us-east-1"))


def test_resources_are_found_by_all_of_their_tags(stack: Stack, finder: AwsFinder) -> None:
    eip, outputs = stack.create(EIP, domain="vpc", tags={"Name": "it", "role": "nat"})
    nat, _ = stack.create(NAT, subnetId="subnet-1", allocationId=eip, tags={"Name": "gateway"})
    assert finder.tagged({"stack": "test", "role": "nat"}) == [TaggedResource(arn=outputs["arn"], name="it")]
    gateway = f"arn:aws:ec2:us-east-1:{ACCOUNT}:natgateway/{nat}"
    assert TaggedResource(arn=gateway, name="gateway") in finder.tagged({"stack": "test"})
    assert finder.tagged({"stack": "other"}) == []


def test_what_tells_no_arn_is_not_listed_under_anothers(stack: Stack, finder: AwsFinder) -> None:
    role = "arn:aws:iam::222222222222:role/r"
    _, entry = stack.create(
        "eks/accessEntry:AccessEntry", clusterName="c", principalArn=role, tags={"Name": "e"}
    )
    stack.create("ec2/route:Route", routeTableId="rtb-1", destinationCidrBlock="0.0.0.0/0", gatewayId="igw-1")
    assert finder.tagged({"stack": "test"}) == [TaggedResource(arn=entry["accessEntryArn"], name="e")]
    assert finder.tagged({}) == finder.tagged({"stack": "test"})


LISTED = [
    (ACCESS, {"name": "web", "originAccessControlOriginType": "s3", "signingBehavior": "always"}, "{id}"),
    ("cloudfront/cachePolicy:CachePolicy", {"name": "web"}, "{id}"),
    ("cloudfront/responseHeadersPolicy:ResponseHeadersPolicy", {"name": "web"}, "{id}"),
    (
        "ec2/subnetCidrReservation:SubnetCidrReservation",
        {"subnetId": "subnet-1", "cidrBlock": "10.30.0.0/20", "reservationType": "prefix"},
        "subnet-1:{id}",
    ),
    (
        "backup/selection:Selection",
        {"planId": "plan-1", "name": "all", "iamRoleArn": "arn:aws:iam::1:role/r"},
        "plan-1|{id}",
    ),
]


@pytest.mark.parametrize(("kind", "inputs", "wanted"), LISTED, ids=[kind for kind, _, _ in LISTED])
def test_what_carries_no_tags_is_found_in_its_list(
    stack: Stack, finder: AwsFinder, kind: str, inputs: dict[str, str], wanted: str
) -> None:
    assert finder.listed(f"aws:{kind}", inputs) == ""
    if kind == ACCESS:
        inputs = {**inputs, "signingProtocol": "sigv4"}
    identity, _ = stack.create(kind, **inputs)
    listed = finder.listed(f"aws:{kind}", inputs)
    assert listed == wanted.format(id=identity)
    adopted = stack.provider.adopt(stack.request(kind, identity=listed))
    assert adopted is not None, "an import of what was found must find it"
    assert adopted[0] == identity


def test_a_secrets_version_is_found_in_moto(stack: Stack, finder: AwsFinder) -> None:
    kind = "secretsmanager/secretVersion:SecretVersion"
    arn, _ = stack.create("secretsmanager/secret:Secret", name="it/found", recoveryWindowInDays=0)
    assert finder.listed(f"aws:{kind}", {"secretId": arn}) == ""
    identity, _ = stack.create(kind, secretId=arn, secretString="x")
    assert finder.listed(f"aws:{kind}", {"secretId": arn}) == identity
