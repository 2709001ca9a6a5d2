"""The endpoints of AWS's services."""

from dataclasses import replace

from components.network_endpoints import NetworkEndpoints, NetworkEndpointsArgs
from tests.support.recorder import Recorder
from tests.unit.conftest import Deploy

ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"

ARGS = NetworkEndpointsArgs(
    prefix="intendly-test",
    region="us-east-1",
    vpc_id="vpc-1",
    cidr="10.20.0.0/16",
    subnet_ids=["subnet-a", "subnet-b"],
    route_table_ids=["rtb-a", "rtb-b"],
    interfaces=True,
)


def built(deploy: Deploy, args: NetworkEndpointsArgs = ARGS) -> Recorder:
    return deploy(lambda: NetworkEndpoints("endpoints", args))


def test_s3_is_reached_by_routes_from_every_table(deploy: Deploy) -> None:
    gateway = built(deploy).named(ENDPOINT, "endpoints-s3")
    assert gateway["vpcEndpointType"] == "Gateway"
    assert gateway["serviceName"] == "com.amazonaws.us-east-1.s3"
    assert gateway["routeTableIds"] == ["rtb-a", "rtb-b"]


def test_the_other_services_answer_under_their_own_names_in_every_zone(deploy: Deploy) -> None:
    interfaces = [one for one in built(deploy).all(ENDPOINT) if one["vpcEndpointType"] == "Interface"]
    services = {one["serviceName"].removeprefix("com.amazonaws.us-east-1.") for one in interfaces}
    assert services == {"ecr.api", "ecr.dkr", "sts", "secretsmanager", "logs"}
    for one in interfaces:
        assert one["privateDnsEnabled"] is True
        assert one["subnetIds"] == ["subnet-a", "subnet-b"]
        assert one["securityGroupIds"] == ["endpoints-access-id"]


def test_the_vpc_alone_reaches_them_by_https_alone(deploy: Deploy) -> None:
    recorder = built(deploy)
    rule = recorder.only("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    assert rule["securityGroupId"] == "endpoints-access-id"
    assert rule["cidrIpv4"] == "10.20.0.0/16"
    assert (rule["ipProtocol"], rule["fromPort"], rule["toPort"]) == ("tcp", 443, 443)
    assert recorder.all("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule") == []


def test_without_interfaces_s3_alone_is_left(deploy: Deploy) -> None:
    recorder = built(deploy, replace(ARGS, interfaces=False))
    assert [one.name for one in recorder.all(ENDPOINT)] == ["endpoints-s3"]
    assert recorder.all("aws:ec2/securityGroup:SecurityGroup") == []


def test_every_child_belongs_to_the_component(deploy: Deploy) -> None:
    recorder = built(deploy)
    component = recorder.only("intendly:network:NetworkEndpoints")
    assert {one.parent for one in recorder.registrations if one is not component} == {component.urn}
    assert recorder.outputs[component.urn] == {}
