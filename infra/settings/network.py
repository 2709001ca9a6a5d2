"""Address ranges, zones, ways out, host names."""

from typing import Annotated, Literal

from pydantic import Field

from infra.settings.base import Settings
from infra.settings.cluster import LogRetentionDays
from infra.settings.types import AvailabilityZoneId, Hostname, ServiceCidr, VpcCidr, ZoneId


class NetworkSettings(Settings):
    """The VPC. Its subnets follow from the range and the zones' ids, never from their order."""

    cidr: VpcCidr = Field(
        title="VPC range", description="Private /16 of the VPC; a change replaces everything."
    )
    service_cidr: ServiceCidr = Field(
        default="172.20.0.0/16",
        title="Service range",
        description="Range of Kubernetes services, outside the VPC; a change replaces the cluster.",
    )
    zones: Annotated[tuple[AvailabilityZoneId, ...], Field(strict=False, min_length=1, max_length=6)] = Field(
        title="Zones",
        description="Ids (not names) of the availability zones in use. EKS needs two or more.",
    )
    control_plane_zones: Annotated[tuple[AvailabilityZoneId, ...], Field(strict=False, max_length=6)] = Field(
        default=(),
        title="Control plane's zones",
        description="Those that the cluster was created in, once zones has more: EKS refuses to change them. "
        "Empty: all of zones.",
    )
    nat_gateways: Literal["perZone", "single"] = Field(
        default="perZone",
        title="NAT gateways",
        description="perZone: one in each zone, so that a zone's failure cuts off no other; single: one, cheaper.",
    )
    interface_endpoints: bool = Field(
        default=True,
        title="Interface endpoints",
        description="Reach ECR, STS, Secrets Manager and logs within AWS, also without NAT: "
        "5 at 7.30 USD a zone and month, 110 in three zones. Without them these calls go through NAT.",
    )
    flow_log_retention_days: LogRetentionDays = Field(
        default=90,
        title="Flow logs",
        description="How long CloudWatch keeps the record of all connections, in days.",
    )


class HostsSettings(Settings):
    """Public names, all within one adopted Route53 zone."""

    api: Hostname = Field(
        title="API host", description="Name under which relayer and WebSocket server are reached."
    )
    app: Hostname = Field(title="Web app's host", description="Name of the static web application.")
    monitoring: Hostname = Field(title="Monitoring host", description="Name under which /grafana is reached.")
    zone_id: ZoneId = Field(
        title="Hosted zone",
        description="Id of the existing public Route53 zone that holds the names; it is adopted, never made.",
    )
