"""The network component."""

from dataclasses import replace
from typing import Literal

import pytest

from components.network import Network, NetworkArgs
from tests.support.recorder import Recorder, Registration
from tests.unit.conftest import Deploy

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
ROUTE = "aws:ec2/route:Route"
TABLE = "aws:ec2/routeTable:RouteTable"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
NAT = "aws:ec2/natGateway:NatGateway"
RESERVATION = "aws:ec2/subnetCidrReservation:SubnetCidrReservation"

ARGS = NetworkArgs(
    prefix="intendly-test",
    cidr="10.20.0.0/16",
    zone_ids=["use1-az1", "use1-az2", "use1-az4"],
    nat_gateways="perZone",
)


def built(deploy: Deploy, args: NetworkArgs = ARGS) -> Recorder:
    return deploy(lambda: Network("network", args))


def routes_of(recorder: Recorder, subnet: Registration) -> list[Registration]:
    """The routes of the one table that a subnet is associated with."""
    [association] = [one for one in recorder.all(ASSOCIATION) if one["subnetId"] == f"{subnet.name}-id"]
    return [one for one in recorder.all(ROUTE) if one["routeTableId"] == association["routeTableId"]]


def test_the_vpc_resolves_names(deploy: Deploy) -> None:
    vpc = built(deploy).only(VPC)
    assert vpc["cidrBlock"] == "10.20.0.0/16"
    assert vpc["enableDnsHostnames"] is True
    assert vpc["enableDnsSupport"] is True


def test_the_default_security_group_grants_nothing(deploy: Deploy) -> None:
    group = built(deploy).only("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
    assert group["vpcId"] == "network-vpc-id"
    assert group["ingress"] == []
    assert group["egress"] == []


def test_each_zone_has_its_four_subnets_by_zone_id(deploy: Deploy) -> None:
    recorder = built(deploy)
    subnets = {one.name: (one["availabilityZoneId"], one["cidrBlock"]) for one in recorder.all(SUBNET)}
    assert len(subnets) == 12
    assert subnets["network-public-use1-az4"] == ("use1-az4", "10.20.195.0/24")
    assert subnets["network-nodes-use1-az4"] == ("use1-az4", "10.20.96.0/19")
    assert subnets["network-data-use1-az4"] == ("use1-az4", "10.20.203.0/24")
    assert subnets["network-control-plane-use1-az4"] == ("use1-az4", "10.20.208.48/28")


def test_a_zone_less_moves_no_other_subnet(deploy: Deploy) -> None:
    def cidrs(zone_ids: list[str]) -> dict[str, str]:
        recorder = built(deploy, replace(ARGS, zone_ids=zone_ids))
        return {one.name: one["cidrBlock"] for one in recorder.all(SUBNET)}

    before, after = cidrs(["use1-az1", "use1-az2", "use1-az4"]), cidrs(["use1-az4", "use1-az2"])
    assert after.items() < before.items()


def test_nobody_gets_a_public_address_by_itself(deploy: Deploy) -> None:
    assert {one["mapPublicIpOnLaunch"] for one in built(deploy).all(SUBNET)} == {False}


def test_load_balancers_find_their_subnets_by_tag(deploy: Deploy) -> None:
    tagged = {
        one.name: {key for key in one["tags"] if key.startswith("kubernetes.io/role/")}
        for one in built(deploy).all(SUBNET)
    }
    assert tagged["network-public-use1-az1"] == {"kubernetes.io/role/elb"}
    assert tagged["network-nodes-use1-az1"] == {"kubernetes.io/role/internal-elb"}
    assert tagged["network-data-use1-az1"] == set()
    assert tagged["network-control-plane-use1-az1"] == set()


def test_public_subnets_go_out_by_the_internet_gateway(deploy: Deploy) -> None:
    recorder = built(deploy)
    for zone_id in ARGS.zone_ids:
        [route] = routes_of(recorder, recorder.named(SUBNET, f"network-public-{zone_id}"))
        assert (route["destinationCidrBlock"], route["gatewayId"]) == ("0.0.0.0/0", "network-internet-id")


@pytest.mark.parametrize(("nat_gateways", "of_zone_four"), [("perZone", "use1-az4"), ("single", "use1-az1")])
def test_nodes_go_out_by_nat(
    deploy: Deploy, nat_gateways: Literal["perZone", "single"], of_zone_four: str
) -> None:
    recorder = built(deploy, replace(ARGS, nat_gateways=nat_gateways))
    [route] = routes_of(recorder, recorder.named(SUBNET, "network-nodes-use1-az4"))
    assert route["natGatewayId"] == f"network-nat-{of_zone_four}-id"
    assert len(recorder.all(NAT)) == {"perZone": 3, "single": 1}[nat_gateways]
    gateway = recorder.named(NAT, f"network-nat-{of_zone_four}")
    assert gateway["subnetId"] == f"network-public-{of_zone_four}-id"


@pytest.mark.parametrize("role", ["data", "control-plane"])
def test_data_and_control_plane_have_no_way_out(deploy: Deploy, role: str) -> None:
    recorder = built(deploy)
    for zone_id in ARGS.zone_ids:
        assert routes_of(recorder, recorder.named(SUBNET, f"network-{role}-{zone_id}")) == []


def test_half_of_each_node_subnet_is_kept_for_whole_blocks(deploy: Deploy) -> None:
    reserved = {one["subnetId"]: one for one in built(deploy).all(RESERVATION)}
    assert set(reserved) == {f"network-nodes-{zone_id}-id" for zone_id in ARGS.zone_ids}
    assert {one["reservationType"] for one in reserved.values()} == {"prefix"}
    assert reserved["network-nodes-use1-az4-id"]["cidrBlock"] == "10.20.112.0/20"


def test_a_subnet_is_handed_on_only_when_its_routes_work(deploy: Deploy) -> None:
    """A node that boots before its route never joins; a gateway that goes before its nodes cuts them off."""

    def program() -> None:
        from pulumi_aws import ec2  # noqa: PLC0415 - only a stand-in for what is placed there

        network = Network("network", ARGS)
        ec2.NetworkInterface("node", subnet_id=network.node_subnet_ids["use1-az4"])

    recorder = deploy(program)
    node = recorder.only("aws:ec2/networkInterface:NetworkInterface")
    assert node["subnetId"] == "network-nodes-use1-az4-id"
    for earlier in (
        recorder.named(ROUTE, "network-nodes-use1-az4"),
        recorder.named(ASSOCIATION, "network-nodes-use1-az4"),
        recorder.named(NAT, "network-nat-use1-az4"),
        recorder.named(ROUTE, "network-public"),
        recorder.named(RESERVATION, "network-blocks-use1-az4"),
    ):
        assert recorder.follows(node, earlier)


def test_every_child_belongs_to_the_component_and_outputs_are_registered(deploy: Deploy) -> None:
    recorder = built(deploy)
    component = recorder.only("intendly:network:Network")
    assert {one.parent for one in recorder.registrations if one is not component} == {component.urn}
    outputs = recorder.outputs[component.urn]
    assert outputs["vpc_id"] == "network-vpc-id"
    tables = {zone_id: f"network-nodes-{zone_id}-id" for zone_id in ARGS.zone_ids}
    assert outputs["node_route_table_ids"] == tables
    assert outputs["data_subnet_ids"] == {zone_id: f"network-data-{zone_id}-id" for zone_id in ARGS.zone_ids}


@pytest.mark.parametrize(
    ("zone_ids", "message"),
    [
        (["use1-az1"], "needs 2 zones at least"),
        (["use1-az1", "use1-az1"], "names a zone twice"),
        (["use1-az1", "use1-az3"], "use1-az3"),
        (["use1-az1", "us-east-1b"], "'us-east-1b' is no zone id"),
    ],
)
def test_zones_that_cannot_work_are_refused(deploy: Deploy, zone_ids: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        built(deploy, replace(ARGS, zone_ids=zone_ids))
