"""A stack's network: one VPC, four kinds of subnets in each zone, ways in and out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Literal

import pulumi
from pulumi_aws import ec2

from components.subnets import ZoneSubnets, zone_subnets

INTERNET = "0.0.0.0/0"

ZONES_MIN = 2
"""EKS and RDS refuse subnets of one zone."""


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """What a network needs."""

    prefix: str
    """Start of the physical names, such as `intendly-staging`."""
    cidr: str
    """The VPC's range, a /16 (see components.subnets)."""
    zone_ids: Sequence[str]
    """Zone ids such as `use1-az1`; two at least, since EKS and RDS refuse fewer. Never `use1-az3`."""
    nat_gateways: Literal["perZone", "single"]
    """`single` saves money: the first zone's gateway serves all, and its failure cuts all off."""


class Network(pulumi.ComponentResource):
    """VPC, subnets, internet and NAT gateways, route tables, and a default security group that grants nothing."""

    vpc_id: pulumi.Output[str]
    public_subnet_ids: Mapping[str, pulumi.Output[str]]
    """By zone id: for the load balancer and NAT only."""
    node_subnet_ids: Mapping[str, pulumi.Output[str]]
    """By zone id: out through NAT. Half of each holds nothing but whole blocks of pods' addresses."""
    node_route_table_ids: Mapping[str, pulumi.Output[str]]
    """By zone id: the tables of the nodes' subnets."""
    data_subnet_ids: Mapping[str, pulumi.Output[str]]
    """By zone id: no way to the internet."""
    control_plane_subnet_ids: Mapping[str, pulumi.Output[str]]
    """By zone id: the cluster's own interfaces, no way to the internet."""

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(args)
        super().__init__("intendly:network:Network", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self._plan = {zone_id: zone_subnets(args.cidr, zone_id) for zone_id in args.zone_ids}
        vpc = ec2.Vpc(
            f"{name}-vpc",
            cidr_block=args.cidr,
            # Nodes cannot register, private zones and endpoints do not resolve without both.
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags=self._tags("vpc"),
            opts=self._child,
        )
        self.vpc_id = vpc.id
        ec2.DefaultSecurityGroup(
            f"{name}-default",
            vpc_id=vpc.id,
            ingress=[],
            egress=[],
            tags=self._tags("closed"),
            opts=self._child,
        )
        self.public_subnet_ids = self._public()
        self.node_subnet_ids, self.node_route_table_ids = self._nodes()
        self.data_subnet_ids = self._isolated("data", lambda zone: zone.data)
        self.control_plane_subnet_ids = self._isolated("control-plane", lambda zone: zone.control_plane)
        self.register_outputs(
            {
                "vpc_id": self.vpc_id,
                "public_subnet_ids": self.public_subnet_ids,
                "node_subnet_ids": self.node_subnet_ids,
                "node_route_table_ids": self.node_route_table_ids,
                "data_subnet_ids": self.data_subnet_ids,
                "control_plane_subnet_ids": self.control_plane_subnet_ids,
            }
        )

    def _tags(self, role: str) -> dict[str, str]:
        return {"Name": f"{self._args.prefix}-{role}"}

    def _subnets(
        self, role: str, cidr: Callable[[ZoneSubnets], IPv4Network], tags: Mapping[str, str]
    ) -> dict[str, pulumi.Output[str]]:
        return {
            zone_id: ec2.Subnet(
                f"{self._name}-{role}-{zone_id}",
                vpc_id=self.vpc_id,
                availability_zone_id=zone_id,
                cidr_block=str(cidr(zone)),
                # What needs a public address (NAT, load balancer) brings its own.
                map_public_ip_on_launch=False,
                tags={**self._tags(f"{role}-{zone_id}"), **tags},
                opts=self._child,
            ).id
            for zone_id, zone in self._plan.items()
        }

    def _public(self) -> dict[str, pulumi.Output[str]]:
        """Public subnets, out through the internet gateway."""
        subnets = self._subnets("public", lambda zone: zone.public, {"kubernetes.io/role/elb": "1"})
        gateway = ec2.InternetGateway(
            f"{self._name}-internet", vpc_id=self.vpc_id, tags=self._tags("internet"), opts=self._child
        )
        table = self._route_table("public")
        route = ec2.Route(
            f"{self._name}-public",
            route_table_id=table.id,
            destination_cidr_block=INTERNET,
            gateway_id=gateway.id,
            opts=self._child,
        )
        return {
            zone_id: self._routed(f"public-{zone_id}", subnet_id, table, route)
            for zone_id, subnet_id in subnets.items()
        }

    def _nodes(self) -> tuple[dict[str, pulumi.Output[str]], dict[str, pulumi.Output[str]]]:
        """Subnets of nodes, each out through a NAT gateway, and their route tables."""
        subnets = self._subnets("nodes", lambda zone: zone.nodes, {"kubernetes.io/role/internal-elb": "1"})
        first = self._args.zone_ids[0]
        nat_zones = self._args.zone_ids if self._args.nat_gateways == "perZone" else [first]
        gateways = {zone_id: self._nat_gateway(zone_id) for zone_id in nat_zones}
        routed: dict[str, pulumi.Output[str]] = {}
        tables: dict[str, pulumi.Output[str]] = {}
        for zone_id, subnet_id in subnets.items():
            table = self._route_table(f"nodes-{zone_id}")
            tables[zone_id] = table.id
            route = ec2.Route(
                f"{self._name}-nodes-{zone_id}",
                route_table_id=table.id,
                destination_cidr_block=INTERNET,
                nat_gateway_id=gateways.get(zone_id, gateways[first]),
                opts=self._child,
            )
            blocks = self._reservation(zone_id, subnet_id)
            routed[zone_id] = self._routed(f"nodes-{zone_id}", subnet_id, table, route, blocks)
        return routed, tables

    def _reservation(self, zone_id: str, subnet_id: pulumi.Output[str]) -> ec2.SubnetCidrReservation:
        """Without it single addresses scatter over the subnet until no whole block is free, and pods wait."""
        return ec2.SubnetCidrReservation(
            f"{self._name}-blocks-{zone_id}",
            subnet_id=subnet_id,
            cidr_block=str(self._plan[zone_id].blocks),
            reservation_type="prefix",
            opts=self._child,
        )

    def _isolated(
        self, role: str, cidr: Callable[[ZoneSubnets], IPv4Network]
    ) -> dict[str, pulumi.Output[str]]:
        """Subnets that reach the VPC and nothing else."""
        table = self._route_table(role)
        return {
            zone_id: self._routed(f"{role}-{zone_id}", subnet_id, table)
            for zone_id, subnet_id in self._subnets(role, cidr, {}).items()
        }

    def _route_table(self, role: str) -> ec2.RouteTable:
        return ec2.RouteTable(
            f"{self._name}-{role}", vpc_id=self.vpc_id, tags=self._tags(role), opts=self._child
        )

    def _routed(
        self,
        role: str,
        subnet_id: pulumi.Output[str],
        table: ec2.RouteTable,
        *needs: ec2.Route | ec2.SubnetCidrReservation,
    ) -> pulumi.Output[str]:
        """The subnet's id, known once it is ready: what is placed there waits for that, and goes before."""
        association = ec2.RouteTableAssociation(
            f"{self._name}-{role}", route_table_id=table.id, subnet_id=subnet_id, opts=self._child
        )
        return pulumi.Output.all(subnet_id, association.id, *[need.id for need in needs]).apply(_first)

    def _nat_gateway(self, zone_id: str) -> pulumi.Output[str]:
        tags = self._tags(f"nat-{zone_id}")
        address = ec2.Eip(f"{self._name}-nat-{zone_id}", domain="vpc", tags=tags, opts=self._child)
        return ec2.NatGateway(
            f"{self._name}-nat-{zone_id}",
            allocation_id=address.allocation_id,
            subnet_id=self.public_subnet_ids[zone_id],
            tags=tags,
            opts=self._child,
        ).id


def _first(values: Sequence[str]) -> str:
    return values[0]


def _check(args: NetworkArgs) -> None:
    zone_ids = list(args.zone_ids)
    if len(set(zone_ids)) != len(zone_ids):
        raise ValueError(f"zone_ids names a zone twice: {zone_ids}")
    if len(zone_ids) < ZONES_MIN:
        raise ValueError(f"zone_ids needs {ZONES_MIN} zones at least (EKS, RDS): {zone_ids}")
    if "use1-az3" in zone_ids:
        raise ValueError("zone_ids names use1-az3, where EKS refuses to place a control plane")
