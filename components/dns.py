"""Names: public ones in an adopted zone, and the private zone in which people find the database."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import route53

PRIVATE_ZONE = "internal"
"""The private zone's name. The region's own zones (`ec2.internal`) are more specific and go on resolving."""

DATABASE_TTL_S = 30
"""Seconds for which a client may keep the database's name: a restored database is found half a minute later."""


@dataclass(frozen=True, kw_only=True)
class PublicName:
    """A host, and what it leads to: a balancer or a distribution, whose addresses AWS answers itself."""

    host: str
    dns_name: pulumi.Input[str]
    zone_id: pulumi.Input[str]
    """Hosted zone of `dns_name`, not ours."""
    ipv6: bool
    """Whether it has IPv6 addresses too: the distribution has, the balancer has not."""


@dataclass(frozen=True, kw_only=True)
class PublicNamesArgs:
    """The zone and what to put into it."""

    zone_id: str
    """An existing zone: a new one is not delegated, and every certificate would wait for it."""
    names: Mapping[str, PublicName]
    """By role, such as `api`: logical names follow from it."""


class PublicNames(pulumi.ComponentResource):
    """One alias record for each host, two where the target speaks IPv6."""

    def __init__(self, name: str, args: PublicNamesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("intendly:network:PublicNames", name, None, opts)
        for role, public in args.names.items():
            for kind in ("A", "AAAA") if public.ipv6 else ("A",):
                route53.Record(
                    f"{name}-{role}-{kind.lower()}",
                    zone_id=args.zone_id,
                    name=public.host,
                    type=kind,
                    aliases=[
                        route53.RecordAliasArgs(
                            name=public.dns_name,
                            zone_id=public.zone_id,
                            # There is nowhere else to send clients to: an answer is better than none.
                            evaluate_target_health=False,
                        )
                    ],
                    opts=pulumi.ResourceOptions(parent=self),
                )
        self.register_outputs({})


@dataclass(frozen=True, kw_only=True)
class PrivateNamesArgs:
    """The network, and the database in it."""

    vpc_id: pulumi.Input[str]
    environment: str
    database_address: pulumi.Input[str]


class PrivateNames(pulumi.ComponentResource):
    """The zone `internal` of the VPC, with `<environment>-db.internal` for people and their tools.

    Applications take the real address, whose name the database's certificate carries.
    """

    database: pulumi.Output[str]

    def __init__(self, name: str, args: PrivateNamesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("intendly:network:PrivateNames", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        zone = route53.Zone(
            f"{name}-zone",
            name=PRIVATE_ZONE,
            comment=f"Names within the network of {args.environment}",
            vpcs=[route53.ZoneVpcArgs(vpc_id=args.vpc_id)],
            opts=child,
        )
        record = route53.Record(
            f"{name}-database",
            zone_id=zone.zone_id,
            name=f"{args.environment}-db.{PRIVATE_ZONE}",
            type="CNAME",
            ttl=DATABASE_TTL_S,
            records=[args.database_address],
            opts=child,
        )
        self.database = record.name
        self.register_outputs({"database": self.database})
