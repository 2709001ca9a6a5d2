"""Where in AWS's price API each item of the price list is: attributes as AWS names them.

Written from the API's documentation and from others' programs, and tried against a fake only: who has an account and
sees a filter find nothing corrects it here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Query:
    """One question for one item."""

    item: str
    service: str
    """AWS's service code."""
    filters: Mapping[str, str]
    per: str
    """As the price list has it: ``hour``, ``month``, ``gib-month``."""
    kind_from: str = ""
    """Attribute that tells kinds apart; empty where the item has one price."""
    kind: str = ""
    """The kind where no attribute tells it."""


def queries(region: str) -> tuple[Query, ...]:
    """The questions for a region."""
    code = REGION_CODES.get(region, "")
    prefixed = f"{code}-" if code and region != "us-east-1" else ""
    return tuple(
        Query(
            item=query.item,
            service=query.service,
            filters={
                **{
                    name: value.format(region=region, code=code, prefixed=prefixed)
                    for name, value in query.filters.items()
                },
                **({} if query.service == "AmazonRoute53" else {"regionCode": region}),
            },
            per=query.per,
            kind_from=query.kind_from,
            kind=query.kind,
        )
        for query in _QUERIES
    )


REGION_CODES: Final = {"us-east-1": "USE1", "us-east-2": "USE2", "us-west-2": "USW2", "eu-west-1": "EU"}
"""How usage types name regions; us-east-1 is left out of most."""

_EC2: Final = {
    "operatingSystem": "Linux",
    "tenancy": "Shared",
    "preInstalledSw": "NA",
    "capacitystatus": "Used",
}
_POSTGRES: Final = {"databaseEngine": "PostgreSQL", "productFamily": "Database Instance"}
_GP3: Final = {"volumeType": "General Purpose-GP3", "productFamily": "Database Storage"}

_QUERIES: Final = (
    Query(
        item="ebs.volume",
        service="AmazonEC2",
        filters={"productFamily": "Storage", "volumeApiName": "gp3"},
        per="gib-month",
        kind="gp3",
    ),
    Query(item="ec2.instance", service="AmazonEC2", filters=_EC2, per="hour", kind_from="instanceType"),
    Query(
        item="ec2.nat-gateway",
        service="AmazonEC2",
        filters={"productFamily": "NAT Gateway", "usagetype": "{prefixed}NatGateway-Hours"},
        per="hour",
    ),
    Query(
        item="ec2.public-address",
        service="AmazonVPC",
        filters={"usagetype": "{prefixed}PublicIPv4:InUseAddress"},
        per="hour",
    ),
    Query(
        item="eks.cluster",
        service="AmazonEKS",
        filters={"usagetype": "{code}-AmazonEKS-Hours:perCluster"},
        per="hour",
    ),
    *(
        Query(
            item=f"elasticache.{engine.lower()}",
            service="AmazonElastiCache",
            filters={"productFamily": "Cache Instance", "cacheEngine": engine},
            per="hour",
            kind_from="instanceType",
        )
        for engine in ("Redis", "Valkey")
    ),
    Query(
        item="elb.balancer",
        service="AWSELB",
        filters={
            "productFamily": "Load Balancer-Network",
            "usagetype": "{prefixed}LoadBalancerUsage",
        },
        per="hour",
        kind="network",
    ),
    Query(item="kms.key", service="awskms", filters={"usagetype": "{region}-KMS-Keys"}, per="month"),
    *(
        Query(
            item=f"rds.{copies}",
            service="AmazonRDS",
            filters={**_POSTGRES, "deploymentOption": deployment},
            per="hour",
            kind_from="instanceType",
        )
        for copies, deployment in (("multiAz", "Multi-AZ"), ("single", "Single-AZ"))
    ),
    *(
        Query(
            item=f"rds.storage.{copies}",
            service="AmazonRDS",
            filters={**_GP3, "databaseEngine": "PostgreSQL", "deploymentOption": deployment},
            per="gib-month",
            kind="gp3",
        )
        for copies, deployment in (("multiAz", "Multi-AZ"), ("single", "Single-AZ"))
    ),
    Query(item="route53.zone", service="AmazonRoute53", filters={"usagetype": "HostedZone"}, per="month"),
    Query(
        item="secretsmanager.secret",
        service="AWSSecretsManager",
        filters={"usagetype": "{code}-AWSSecretsManager-Secrets"},
        per="month",
    ),
    Query(
        item="vpc.interface-endpoint",
        service="AmazonVPC",
        filters={"productFamily": "VpcEndpoint", "usagetype": "{prefixed}VpcEndpoint-Hours"},
        per="hour",
    ),
)
