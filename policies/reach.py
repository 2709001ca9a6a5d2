"""Where things lie in the network, and where their packets can go: subnets, routes, zones."""

from collections.abc import Iterator

from policies.graph import Graph, Node

SUBNET = "aws:ec2/subnet:Subnet"
ROUTE = "aws:ec2/route:Route"
ROUTE_TABLE = "aws:ec2/routeTable:RouteTable"
TABLE_ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
INTERNET_GATEWAY = "aws:ec2/internetGateway:InternetGateway"
NAT_GATEWAY = "aws:ec2/natGateway:NatGateway"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
CLUSTER = "aws:eks/cluster:Cluster"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
DATABASE = "aws:rds/instance:Instance"
DATABASE_SUBNETS = "aws:rds/subnetGroup:SubnetGroup"
CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
CACHE_SUBNETS = "aws:elasticache/subnetGroup:SubnetGroup"

SUBNET_KEYS = {
    NODE_GROUP: "subnetIds",
    DATABASE_SUBNETS: "subnetIds",
    CACHE_SUBNETS: "subnetIds",
    CLUSTER: "vpcConfig",
    BALANCER: "subnets",
    NAT_GATEWAY: "subnetId",
}
"""Which property of a type says where it lies."""


def subnets(node: Node, graph: Graph) -> tuple[Node, ...]:
    """The subnets that a resource of `SUBNET_KEYS` lies in; for a store, those of its subnet group."""
    if node.type == DATABASE:
        return _of_group(node, graph, "dbSubnetGroupName")
    if node.type == CACHE:
        return _of_group(node, graph, "subnetGroupName")
    return graph.sources(node, SUBNET_KEYS[node.type], SUBNET)


def _of_group(store: Node, graph: Graph, key: str) -> tuple[Node, ...]:
    groups = graph.sources(store, key, DATABASE_SUBNETS, CACHE_SUBNETS)
    return tuple(subnet for group in groups for subnet in subnets(group, graph))


def routes(subnet: Node, graph: Graph) -> Iterator[Node]:
    """The routes of a subnet's tables, and the tables themselves, whose routes may be written inside."""
    for association in graph.users(subnet, "subnetId", TABLE_ASSOCIATION):
        for table in graph.sources(association, "routeTableId", ROUTE_TABLE):
            yield table
            yield from graph.users(table, "routeTableId", ROUTE)


def gateways(subnet: Node, graph: Graph, kind: str) -> Iterator[Node]:
    """The gateways of a type that a subnet's packets leave by."""
    key = "natGatewayId" if kind == NAT_GATEWAY else "gatewayId"
    for route in routes(subnet, graph):
        yield from graph.sources(route, "routes" if route.type == ROUTE_TABLE else key, kind)


def is_public(subnet: Node, graph: Graph) -> bool:
    """Whether what has a public address there is reached from the internet."""
    return any(gateways(subnet, graph, INTERNET_GATEWAY))


def zone(subnet: Node) -> str:
    """A subnet's zone, by id or by name."""
    return str(subnet.at("availabilityZoneId") or subnet.at("availabilityZone"))
