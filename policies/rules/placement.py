"""Where things lie: subnets, zones, addresses, and who writes down what the network lets through."""

from collections.abc import Iterator
from ipaddress import IPv4Network

from infra.settings.rules.network import BLOCK_ADDRESSES, EDGE_BLOCKS, blocks_of
from policies.graph import Graph, Node
from policies.node_groups import max_pods, pods_allowed, templates
from policies.reach import (
    BALANCER,
    CACHE_SUBNETS,
    CLUSTER,
    DATABASE_SUBNETS,
    NAT_GATEWAY,
    NODE_GROUP,
    SUBNET,
    SUBNET_KEYS,
    gateways,
    is_public,
    subnets,
    zone,
)
from policies.rule import PRODUCTION, Level, Rule, Scene, Severity, rule

VPC = "aws:ec2/vpc:Vpc"
FLOW_LOG = "aws:ec2/flowLog:FlowLog"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup"
OLD_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
NEW_RULES = (
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
)
RESERVATION = "aws:ec2/subnetCidrReservation:SubnetCidrReservation"

ZONES = 3
ZONES_ELSEWHERE = 2
"""How many zones must hold what has to outlive one: in production, and in other environments."""

INTERFACES = 15
"""Network interfaces of a node at most; each takes a single address beside its blocks (EC2 user guide)."""


@rule(
    "network-flow-logs",
    VPC,
    level=Level.PRODUCTION,
    severity=Severity.MEDIUM,
    source="CKV2_AWS_11, CIS-AWS 3.9",
)
def flow_logs(vpc: Node, scene: Scene) -> Iterator[str]:
    """After a break-in the first question is who spoke to whom, and only what was written down then answers it."""
    logs = scene.graph.users(vpc, "vpcId", FLOW_LOG)
    whole = [log for log in logs if log.at("trafficType") == "ALL"]
    if not whole:
        yield "no flow log takes all its traffic"
    for log in whole:
        kept = scene.graph.sources(log, "logDestination", LOG_GROUP)
        if not any(group.at("retentionInDays") for group in kept):
            yield f"{log.name} writes to no log group of the program that keeps it for a time"


@rule(
    "network-no-public-placement",
    NODE_GROUP,
    CLUSTER,
    DATABASE_SUBNETS,
    CACHE_SUBNETS,
    SUBNET,
    severity=Severity.CRITICAL,
    source="CKV_AWS_130, EKS best practices",
)
def no_public_placement(node: Node, scene: Scene) -> Iterator[str]:
    """Nodes and data have no public address and no road from the internet; NAT and load balancer alone stand there."""
    if node.type == SUBNET:
        if node.at("mapPublicIpOnLaunch") is not False and not _stands_outside(node, scene.graph):
            yield "mapPublicIpOnLaunch is not false, and it is no subnet of NAT gateway or load balancer"
        return
    for subnet in subnets(node, scene.graph):
        if is_public(subnet, scene.graph):
            yield f"it lies in {subnet.name}, which has a route to the internet gateway"
    for template in templates(node, scene.graph):
        for interface in template.records("networkInterfaces"):
            if interface.at("associatePublicIpAddress") in (True, "true"):
                yield "its launch template gives public addresses"


def _stands_outside(subnet: Node, graph: Graph) -> bool:
    return any(graph.users(subnet, SUBNET_KEYS[kind], kind) for kind in (NAT_GATEWAY, BALANCER))


@rule(
    "network-rules-one-style",
    SECURITY_GROUP,
    severity=Severity.HIGH,
    source="AWSGuard security-group-no-rule-management-conflicts",
)
def rules_one_style(group: Node, scene: Scene) -> Iterator[str]:
    """A group's rules are written in one way only: of two ways each update deletes what the other wrote."""
    graph = scene.graph
    ways = {
        "inside the group": any(group.at(way) for way in ("ingress", "egress")),
        "as SecurityGroupRule": bool(graph.users(group, "securityGroupId", OLD_RULE)),
        "as ingress and egress rules": bool(graph.users(group, "securityGroupId", *NEW_RULES)),
    }
    used = [way for way, there in ways.items() if there]
    if len(used) > 1:
        yield f"its rules are written {' and '.join(used)}"


@rule(
    "network-zones-spread",
    NODE_GROUP,
    DATABASE_SUBNETS,
    CACHE_SUBNETS,
    level=Level.PRODUCTION,
    source="EKS best practices, AWS REL10",
)
def zones_spread(node: Node, scene: Scene) -> Iterator[str]:
    """A zone may fail: the others must hold nodes, data and a way out that does not lead through it."""
    found = subnets(node, scene.graph)
    wanted = ZONES if scene.environment == PRODUCTION else ZONES_ELSEWHERE
    zones = {zone(subnet) for subnet in found}
    if len(zones) < wanted:
        yield f"it lies in {len(zones)} zones, fewer than {wanted}"
    for subnet in found if node.type == NODE_GROUP else ():
        exits = {
            zone(outer)
            for gateway in gateways(subnet, scene.graph, NAT_GATEWAY)
            for outer in subnets(gateway, scene.graph)
        }
        if exits != {zone(subnet)}:
            yield f"{subnet.name} does not leave by a NAT gateway of its own zone"


def _nodes_subnets(graph: Graph) -> Iterator[Node]:
    return (subnet for subnet in graph.of(SUBNET) if graph.users(subnet, "subnetIds", NODE_GROUP))


@rule("network-address-capacity", _nodes_subnets, source="EKS best practices, prefix mode")
def address_capacity(subnet: Node, scene: Scene) -> Iterator[str]:
    """With prefix delegation a pod takes its address from a whole block of 16; nodes fail when no whole one is free.

    A reservation keeps the blocks whole, for single addresses would lie all over them; it must hold what all node
    groups take at their largest, during an update.
    """
    graph = scene.graph
    blocks = nodes = 0
    for group in graph.users(subnet, "subnetIds", NODE_GROUP):
        pods = max_pods(group, graph)
        if not 0 < pods <= pods_allowed(group):
            yield f"{group.name}: its user data does not set maxPods to 1 to {pods_allowed(group)}"
            continue
        there = blocks_of(group.at("scalingConfig", "maxSize"), pods, len(subnets(group, graph)))
        blocks += there.blocks
        nodes += there.nodes
    kept = [
        IPv4Network(one.at("cidrBlock"))
        for one in graph.users(subnet, "subnetId", RESERVATION)
        if one.at("reservationType") == "prefix"
    ]
    reserved = sum(one.num_addresses for one in kept)
    whole = reserved // BLOCK_ADDRESSES - EDGE_BLOCKS * len(kept)
    if blocks > whole:
        yield f"its nodes need {blocks} whole blocks of {BLOCK_ADDRESSES} addresses, {max(whole, 0)} are kept for them"
    single = IPv4Network(subnet.at("cidrBlock")).num_addresses - reserved
    if nodes * INTERFACES > single:
        yield f"its nodes need {nodes * INTERFACES} single addresses, {single} lie outside the reservation"


RULES: tuple[Rule, ...] = (
    flow_logs,
    no_public_placement,
    rules_one_style,
    zones_spread,
    address_capacity,
)
