"""Ways from a VPC to AWS's own services that do not lead over the internet."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import ec2, vpc

HTTPS = 443

INTERFACE_SERVICES = ("ecr.api", "ecr.dkr", "sts", "secretsmanager", "logs")
"""What nodes and pods call all day: images of add-ons, credentials, secrets, logs."""


@dataclass(frozen=True, kw_only=True)
class NetworkEndpointsArgs:
    """What the endpoints need."""

    prefix: str
    """Start of the names, such as `intendly-staging`."""
    region: str
    vpc_id: pulumi.Input[str]
    cidr: str
    """The VPC's range: whoever has an address of it may use the endpoints."""
    subnet_ids: Sequence[pulumi.Input[str]]
    """One a zone, where the interface endpoints' addresses lie."""
    route_table_ids: Sequence[pulumi.Input[str]]
    """Tables that get S3's route."""
    interfaces: bool
    """Whether to have the interface endpoints, which are paid by the hour and zone. S3's gateway costs nothing."""


class NetworkEndpoints(pulumi.ComponentResource):
    """S3's gateway, and interface endpoints under the services' own names: callers need not know of them."""

    def __init__(
        self, name: str, args: NetworkEndpointsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("intendly:network:NetworkEndpoints", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        ec2.VpcEndpoint(
            f"{name}-s3",
            vpc_id=args.vpc_id,
            service_name=f"com.amazonaws.{args.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=args.route_table_ids,
            tags=self._tags("s3"),
            opts=self._child,
        )
        if args.interfaces:
            self._interfaces()
        self.register_outputs({})

    def _tags(self, role: str) -> dict[str, str]:
        return {"Name": f"{self._args.prefix}-{role}"}

    def _interfaces(self) -> None:
        args = self._args
        group = self._group()
        for service in INTERFACE_SERVICES:
            role = service.replace(".", "-")
            ec2.VpcEndpoint(
                f"{self._name}-{role}",
                vpc_id=args.vpc_id,
                service_name=f"com.amazonaws.{args.region}.{service}",
                vpc_endpoint_type="Interface",
                # The service's public name then resolves to the endpoint, everywhere in the VPC.
                private_dns_enabled=True,
                subnet_ids=args.subnet_ids,
                security_group_ids=[group.id],
                tags=self._tags(role),
                opts=self._child,
            )

    def _group(self) -> ec2.SecurityGroup:
        """Lets the VPC in: a node calls ECR before the cluster's own group says anything about it."""
        group = ec2.SecurityGroup(
            f"{self._name}-access",
            description="Callers of AWS services",
            vpc_id=self._args.vpc_id,
            tags=self._tags("endpoints"),
            opts=self._child,
        )
        vpc.SecurityGroupIngressRule(
            f"{self._name}-access-vpc",
            security_group_id=group.id,
            description="Everything in the VPC",
            cidr_ipv4=self._args.cidr,
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            opts=self._child,
        )
        return group
