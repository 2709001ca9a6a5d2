"""Cases of `policies/rules/placement.py`."""

from policies import reach
from policies.rules import placement
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft

subnet = "aws:ec2/subnet:Subnet"
flow_log = "aws:ec2/flowLog:FlowLog"
security_group = "aws:ec2/securityGroup:SecurityGroup"
ingress_rule = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"


@violates(placement.flow_logs)
def only_refused_traffic_is_written_down(draft: Draft) -> None:
    draft.set(draft.node(flow_log), "trafficType", to="REJECT")


@violates(placement.flow_logs)
def nobody_writes_down_who_speaks_to_whom(draft: Draft) -> None:
    draft.remove(draft.node(flow_log))


@spares(placement.flow_logs)
def flows_are_summed_up_each_minute(draft: Draft) -> None:
    draft.set(draft.node(flow_log), "maxAggregationInterval", to=60)


@violates(placement.no_public_placement)
def the_data_subnets_get_a_way_to_the_internet(draft: Draft) -> None:
    draft.add(
        reach.ROUTE,
        "shortcut",
        {"destinationCidrBlock": "0.0.0.0/0"},
        {
            "routeTableId": [draft.node(reach.ROUTE_TABLE, "network-data")],
            "gatewayId": [draft.node(reach.INTERNET_GATEWAY)],
        },
    )


@violates(placement.no_public_placement)
def a_subnet_of_the_nodes_gives_public_addresses(draft: Draft) -> None:
    draft.set(draft.node(subnet, "network-nodes-use1-az1"), "mapPublicIpOnLaunch", to=True)


@violates(placement.no_public_placement)
def nodes_ask_for_public_addresses_themselves(draft: Draft) -> None:
    template = draft.node("aws:ec2/launchTemplate:LaunchTemplate")
    draft.set(template, "networkInterfaces", to=[{"associatePublicIpAddress": "true"}])


@spares(placement.no_public_placement)
def a_subnet_of_the_load_balancer_gives_public_addresses(draft: Draft) -> None:
    draft.set(draft.node(subnet, "network-public-use1-az1"), "mapPublicIpOnLaunch", to=True)


@violates(placement.rules_one_style)
def a_rule_inside_the_group_fights_the_ones_outside(draft: Draft) -> None:
    inside = {"protocol": "tcp", "fromPort": 5432, "toPort": 5432, "cidrBlocks": ["10.20.0.0/19"]}
    draft.set(draft.node(security_group, "database-access"), "ingress", to=[inside])


@spares(placement.rules_one_style)
def a_second_rule_is_written_as_the_first(draft: Draft) -> None:
    draft.add(
        ingress_rule,
        "second",
        {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "cidrIpv4": "10.20.0.0/16"},
        {"securityGroupId": [draft.node(security_group, "endpoints-access")]},
    )


@violates(placement.zones_spread)
def two_zones_share_one_name(draft: Draft) -> None:
    for kind in ("data", "public", "nodes"):
        draft.set(draft.node(subnet, f"network-{kind}-use1-az4"), "availabilityZoneId", to="use1-az2")


@violates(placement.zones_spread)
def a_nat_gateway_serves_another_zone_too(draft: Draft) -> None:
    draft.set(draft.node(subnet, "network-public-use1-az4"), "availabilityZoneId", to="use1-az5")


@spares(placement.zones_spread)
def a_zone_is_another_one_throughout(draft: Draft) -> None:
    for kind in ("data", "public", "nodes", "control-plane"):
        draft.set(draft.node(subnet, f"network-{kind}-use1-az4"), "availabilityZoneId", to="use1-az6")


@violates(placement.address_capacity)
def the_blocks_are_not_kept_whole(draft: Draft) -> None:
    draft.remove(draft.node(placement.RESERVATION, "network-blocks-use1-az1"))


@violates(placement.address_capacity)
def what_is_kept_is_too_small(draft: Draft) -> None:
    reservation = draft.node(placement.RESERVATION, "network-blocks-use1-az2")
    draft.set(reservation, "cidrBlock", to="10.20.48.0/22")


@violates(placement.address_capacity)
def the_nodes_are_not_told_how_many_pods_they_take(draft: Draft) -> None:
    draft.unset(draft.node("aws:ec2/launchTemplate:LaunchTemplate"), "userData")


@spares(placement.address_capacity)
def fewer_blocks_are_kept_but_still_enough(draft: Draft) -> None:
    reservation = draft.node(placement.RESERVATION, "network-blocks-use1-az2")
    draft.set(reservation, "cidrBlock", to="10.20.48.0/21")
