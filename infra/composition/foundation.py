"""What everything stands on: providers, budget, encryption key, network, cluster."""

from dataclasses import dataclass

import pulumi
import pulumi_random as random

from components.addons import AddonVersions
from components.aws_provider import aws_provider
from components.budget import Budget, BudgetArgs
from components.cluster import Cluster, ClusterArgs
from components.data_key import DataKey, DataKeyArgs
from components.flow_logs import FlowLogs, FlowLogsArgs
from components.name_tags import name_tags
from components.network import Network, NetworkArgs
from components.network_endpoints import NetworkEndpoints, NetworkEndpointsArgs
from infra import arguments
from infra.settings import StackSettings


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """Made first; everything else uses it."""

    key: DataKey
    network: Network
    cluster: Cluster
    aws: pulumi.ResourceOptions
    """For components that are made of AWS resources alone."""
    platform: pulumi.ResourceOptions
    """For components that also make objects in the cluster."""


def foundation(settings: StackSettings) -> Foundation:
    """Register providers, budget, key, network and cluster."""
    account = settings.account
    providers: list[pulumi.ProviderResource] = [
        aws_provider("aws", account_id=account.id, region=account.region, tags=arguments.tags(settings)),
        random.Provider("random"),
    ]
    names = [name_tags(settings.prefix)]
    aws = pulumi.ResourceOptions(providers=providers, transformations=names)
    Budget("budget", budget_args(settings), aws)
    key = DataKey(
        "data-key",
        DataKeyArgs(
            prefix=settings.prefix,
            account_id=account.id,
            region=account.region,
            protect=settings.is_production,
        ),
        aws,
    )
    network = Network(
        "network",
        NetworkArgs(
            prefix=settings.prefix,
            cidr=settings.network.cidr,
            zone_ids=settings.network.zones,
            nat_gateways=settings.network.nat_gateways,
        ),
        aws,
    )
    _network_extras(settings, key, network, aws)
    cluster = Cluster("cluster", cluster_args(settings, key, network), aws)
    platform = pulumi.ResourceOptions(providers=[*providers, cluster.provider], transformations=names)
    return Foundation(key=key, network=network, cluster=cluster, aws=aws, platform=platform)


def budget_args(settings: StackSettings) -> BudgetArgs:
    """What the budget takes from settings."""
    return BudgetArgs(
        name=settings.prefix,
        environment=settings.environment,
        monthly_usd=settings.budget.monthly_usd,
        emails=settings.budget.emails,
    )


def _network_extras(
    settings: StackSettings, key: DataKey, network: Network, aws: pulumi.ResourceOptions
) -> None:
    """Register what nothing else waits for: ways to AWS's services, and the record of connections."""
    NetworkEndpoints(
        "endpoints",
        NetworkEndpointsArgs(
            prefix=settings.prefix,
            region=settings.account.region,
            vpc_id=network.vpc_id,
            cidr=settings.network.cidr,
            subnet_ids=list(network.node_subnet_ids.values()),
            route_table_ids=list(network.node_route_table_ids.values()),
            interfaces=settings.network.interface_endpoints,
        ),
        aws,
    )
    FlowLogs(
        "flow-logs",
        FlowLogsArgs(
            prefix=settings.prefix,
            account_id=settings.account.id,
            region=settings.account.region,
            vpc_id=network.vpc_id,
            key_arn=key.arn,
            retention_days=settings.network.flow_log_retention_days,
        ),
        aws,
    )


def cluster_args(settings: StackSettings, key: DataKey, network: Network) -> ClusterArgs:
    """What the cluster takes from settings, key and network."""
    cluster = settings.cluster
    return ClusterArgs(
        name=f"{settings.prefix}-eks",
        region=settings.account.region,
        version=cluster.kubernetes_version,
        support=cluster.support,
        service_cidr=settings.network.service_cidr,
        control_plane_subnet_ids=[
            network.control_plane_subnet_ids[zone]
            for zone in settings.network.control_plane_zones or settings.network.zones
        ],
        node_subnet_ids=list(network.node_subnet_ids.values()),
        public_access_cidrs=cluster.public_access_cidrs,
        key_arn=key.arn,
        log_retention_days=cluster.control_plane_log_retention_days,
        deletion_protection=cluster.deletion_protection,
        zonal_shift=settings.is_production,
        protect=settings.is_production,
        deployer_role_arn=arguments.deployer_role_arn(settings),
        members=arguments.members(settings.access),
        addons=AddonVersions(**cluster.addons.model_dump()),
        node_groups=arguments.node_groups(settings),
        tags=arguments.tags(settings),
    )
