"""What runs on the platform: monitoring, the applications, and the API's ways in."""

from collections.abc import Mapping
from dataclasses import dataclass

from components.applications import Applications, ApplicationsArgs, ConnectionArgs
from components.ingress import ApiIngress, ApiIngressArgs
from components.monitoring.stack import Monitoring, MonitoringArgs
from components.monitoring.values import StackValuesArgs
from infra import arguments
from infra.composition.data_stores import DataStores
from infra.composition.foundation import Foundation
from infra.composition.platform import Platform
from infra.settings import StackSettings


@dataclass(frozen=True, kw_only=True)
class Workloads:
    """Made last."""

    monitoring: Monitoring
    applications: Applications
    api: ApiIngress


def workloads(
    settings: StackSettings,
    backend_config: Mapping[str, str],
    base: Foundation,
    data: DataStores,
    platform: Platform,
) -> Workloads:
    """Register monitoring, applications and the API's Ingresses."""
    monitoring = Monitoring("monitoring", monitoring_args(settings, base, platform), base.platform)
    applications = Applications(
        "applications", applications_args(settings, backend_config, data, platform), base.platform
    )
    api = ApiIngress(
        "api",
        ApiIngressArgs(
            namespace=platform.policies.intendly,
            ingress_class=platform.traefik.ingress_class,
            host=settings.hosts.api,
            issuer_name=platform.certificates.issuer_name,
            relayer_service=applications.relayer_service,
            websocket_service=applications.websocket_service,
            client_requests_per_second=settings.ingress.client_requests_per_second,
            client_connections=settings.ingress.client_connections,
            websocket_requests_per_second=settings.ingress.websocket_requests_per_second,
            websocket_connections_per_client=settings.ingress.websocket_connections_per_client,
        ),
        base.platform,
    )
    return Workloads(monitoring=monitoring, applications=applications, api=api)


def monitoring_args(settings: StackSettings, base: Foundation, platform: Platform) -> MonitoringArgs:
    """What monitoring takes from settings, foundation and platform."""
    return MonitoringArgs(
        namespace=platform.policies.monitoring,
        monitoring_definitions=platform.monitoring_definitions,
        stack=StackValuesArgs(
            cluster_name=base.cluster.name,
            host=settings.hosts.monitoring,
            storage_class=platform.storage.storage_class,
            node_exporter_namespace=platform.access.node_exporter,
            grafana_secret=platform.secrets.grafana,
            receivers_secret=platform.secrets.receivers,
            sizes=arguments.monitoring_sizes(settings.monitoring),
            notifications=arguments.notifications(settings.monitoring),
        ),
        ingress_class=platform.traefik.ingress_class,
        issuer_name=platform.certificates.issuer_name,
        chart_repository=settings.chart_repositories.prometheus_community,
        client_requests_per_second=settings.ingress.monitoring_requests_per_second,
        client_connections=settings.ingress.monitoring_connections,
    )


def applications_args(
    settings: StackSettings, backend_config: Mapping[str, str], data: DataStores, platform: Platform
) -> ApplicationsArgs:
    """What the applications take from settings, data stores and platform."""
    wanted = settings.applications
    return ApplicationsArgs(
        namespace=platform.policies.intendly,
        image=wanted.image,
        config=backend_config,
        connections=ConnectionArgs(
            database_host=data.database.address,
            database_name=data.database.database_name,
            database_secret=platform.secrets.database,
            cache_secret=platform.secrets.cache,
            rpc_url=settings.chain.rpc_url,
            chain_id=settings.chain.id,
            contract_address=settings.chain.contract_address,
        ),
        relayer=arguments.backend(wanted.backend_relayer),
        coordinator=arguments.backend(wanted.backend_coordinator),
        websocket=arguments.backend(wanted.websocket_server),
        websocket_max_connections=wanted.websocket_server.max_connections,
    )
