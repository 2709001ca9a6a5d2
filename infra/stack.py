"""The whole stack: the one place that knows the order of its parts, and what it tells the world."""

from collections.abc import Mapping
from typing import Any

from infra.composition.data_stores import DataStores, data_stores
from infra.composition.edge import Edge, edge
from infra.composition.foundation import Foundation, foundation
from infra.composition.platform import Platform, platform
from infra.composition.safekeeping import backup_outputs, safekeeping
from infra.composition.workloads import workloads
from infra.settings import StackSettings


def build(settings: StackSettings, backend_config: Mapping[str, str]) -> Mapping[str, Any]:
    """Register every resource of a stack.

    Data flows one way: each part takes only what stands above it.

    Args:
        settings: the stack's settings.
        backend_config: content of ConfigMap `backend-config`, plain environment variables.

    Returns:
        The stack's outputs by name. None of them is a secret, nor opens anything: a secret's ARN, never its value.
    """
    base = foundation(settings)
    data = data_stores(settings, base)
    kept = safekeeping(settings, base, data)
    services = platform(settings, base, data)
    workloads(settings, backend_config, base, data, services)
    public = edge(settings, base, data, services)
    return {
        **outputs(settings, base, data, services, public),
        "backups": backup_outputs(settings, kept),
    }


def outputs(
    settings: StackSettings, base: Foundation, data: DataStores, services: Platform, public: Edge
) -> Mapping[str, Any]:
    """What operators' commands read of a stack."""
    return {
        "environment": settings.environment,
        "account": {"id": settings.account.id, "region": settings.account.region},
        "image": settings.applications.image,
        "cluster": {
            "name": base.cluster.name,
            "arn": base.cluster.arn,
            "endpoint": base.cluster.endpoint,
            "certificateAuthority": base.cluster.certificate_authority,
            "version": settings.cluster.kubernetes_version,
            "region": settings.account.region,
        },
        "endpoints": {
            "api": f"https://{settings.hosts.api}",
            "websocket": f"wss://{settings.hosts.api}/ws",
            "web": f"https://{settings.hosts.app}",
            "monitoring": f"https://{settings.hosts.monitoring}/grafana",
        },
        "loadBalancer": {"dnsName": services.balancer.dns_name},
        "database": {
            "identifier": data.database.identifier,
            "address": data.database.address,
            "port": data.database.port,
            "name": data.database.database_name,
            "privateName": public.private_names.database,
            "masterSecretArn": data.database.master_secret_arn,
            "applicationSecretArn": data.secrets.database_secret_arn,
            "monitoringSecretArn": data.secrets.monitoring_secret_arn,
        },
        "webApplication": {"bucket": public.web.bucket, "distributionId": public.web.distribution_id},
        "githubRoles": public.github_roles,
        "cache": {
            "replicationGroupId": data.cache.replication_group_id,
            "address": data.cache.primary_endpoint,
            "port": data.cache.port,
        },
    }
