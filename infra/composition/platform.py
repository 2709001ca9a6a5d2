"""What the applications run on: namespaces, storage, secrets in the cluster, the way in, certificates."""

from dataclasses import dataclass

from components.access import Access, AccessArgs
from components.certificates import Certificates, CertificatesArgs
from components.cluster_autoscaler import ClusterAutoscaler, ClusterAutoscalerArgs
from components.external_secrets import ExternalSecrets, ExternalSecretsArgs
from components.load_balancer import LoadBalancer, LoadBalancerArgs
from components.logs import Logs, LogsArgs
from components.monitoring.definitions import MonitoringDefinitions
from components.network_policies import NetworkPolicies, NetworkPoliciesArgs
from components.platform_secrets import PlatformSecrets, PlatformSecretsArgs
from components.quota import Quota
from components.storage_class import DefaultStorage
from components.traefik import Traefik, TraefikArgs
from infra.addresses import addresses
from infra.composition.data_stores import DataStores
from infra.composition.foundation import Foundation
from infra.quota import quota
from infra.settings import StackSettings


@dataclass(frozen=True, kw_only=True)
class Platform:
    """Made before monitoring and applications."""

    access: Access
    policies: NetworkPolicies
    quota: Quota
    storage: DefaultStorage
    logs: Logs
    autoscaler: ClusterAutoscaler
    monitoring_definitions: MonitoringDefinitions
    secrets: PlatformSecrets
    certificates: Certificates
    balancer: LoadBalancer
    traefik: Traefik


def platform(settings: StackSettings, base: Foundation, data: DataStores) -> Platform:
    """Register the platform."""
    access = Access(
        "access", AccessArgs(kubernetes_version=settings.cluster.kubernetes_version), base.platform
    )
    policies = NetworkPolicies("network-policies", policies_args(settings, access), base.platform)
    definitions = MonitoringDefinitions(
        "monitoring-definitions",
        namespace=access.monitoring,
        chart_repository=settings.chart_repositories.prometheus_community,
        opts=base.platform,
    )
    balancer = LoadBalancer("load-balancer", load_balancer_args(settings, base), base.aws)
    traefik = Traefik(
        "traefik",
        TraefikArgs(
            namespace=policies.traefik,
            replicas=settings.ingress.replicas,
            balancer_host=balancer.dns_name,
            chart_repository=settings.chart_repositories.traefik,
            monitoring_definitions=definitions,
        ),
        base.platform,
    )
    return Platform(
        access=access,
        policies=policies,
        quota=Quota("quota", quota(settings, access.intendly), base.platform),
        storage=DefaultStorage("storage", base.platform),
        logs=Logs("logs", logs_args(settings, base, access), base.platform),
        autoscaler=ClusterAutoscaler(
            "cluster-autoscaler", autoscaler_args(settings, base, definitions), base.platform
        ),
        monitoring_definitions=definitions,
        secrets=_secrets(settings, base, data, policies, definitions),
        certificates=Certificates(
            "certificates", certificates_args(settings, base, access, definitions), base.platform
        ),
        balancer=balancer,
        traefik=traefik,
    )


def policies_args(settings: StackSettings, access: Access) -> NetworkPoliciesArgs:
    """What network policies take from settings and namespaces."""
    return NetworkPoliciesArgs(
        intendly=access.intendly,
        traefik=access.traefik,
        external_secrets=access.external_secrets,
        monitoring=access.monitoring,
        addresses=addresses(settings),
    )


def logs_args(settings: StackSettings, base: Foundation, access: Access) -> LogsArgs:
    """What logging takes from settings, foundation and namespaces."""
    return LogsArgs(
        namespace=access.logging,
        environment=settings.environment,
        cluster_name=base.cluster.name,
        region=settings.account.region,
        role_name=f"{settings.prefix}-fluent-bit",
        key_arn=base.key.arn,
        applications_retention_days=settings.logs.applications_retention_days,
        platform_retention_days=settings.logs.platform_retention_days,
        chart_repository=settings.chart_repositories.eks,
    )


def autoscaler_args(
    settings: StackSettings, base: Foundation, definitions: MonitoringDefinitions
) -> ClusterAutoscalerArgs:
    """What the cluster autoscaler takes from settings and foundation."""
    return ClusterAutoscalerArgs(
        cluster_name=base.cluster.name,
        kubernetes_version=settings.cluster.kubernetes_version,
        account_id=settings.account.id,
        region=settings.account.region,
        role_name=f"{settings.prefix}-cluster-autoscaler",
        chart_repository=settings.chart_repositories.autoscaler,
        monitoring_definitions=definitions,
    )


def load_balancer_args(settings: StackSettings, base: Foundation) -> LoadBalancerArgs:
    """What the load balancer takes from settings and foundation."""
    return LoadBalancerArgs(
        prefix=settings.prefix,
        vpc_id=base.network.vpc_id,
        subnet_ids=list(base.network.public_subnet_ids.values()),
        cluster_security_group_id=base.cluster.security_group_id,
        autoscaling_group_names=base.cluster.autoscaling_group_names,
        access_cidrs=settings.ingress.access_cidrs,
        deletion_protection=settings.ingress.deletion_protection,
    )


def certificates_args(
    settings: StackSettings, base: Foundation, access: Access, definitions: MonitoringDefinitions
) -> CertificatesArgs:
    """What cert-manager takes from settings, foundation and namespaces."""
    return CertificatesArgs(
        namespace=access.cert_manager,
        cluster_name=base.cluster.name,
        role_name=f"{settings.prefix}-cert-manager",
        region=settings.account.region,
        zone_id=settings.hosts.zone_id,
        issuer=settings.certificates.issuer,
        email=settings.certificates.email,
        chart_repository=settings.chart_repositories.jetstack,
        monitoring_definitions=definitions,
    )


def _secrets(
    settings: StackSettings,
    base: Foundation,
    data: DataStores,
    policies: NetworkPolicies,
    definitions: MonitoringDefinitions,
) -> PlatformSecrets:
    names = data.secrets.names
    operator = ExternalSecrets(
        "external-secrets",
        ExternalSecretsArgs(
            namespace=policies.external_secrets,
            reader_namespaces=[policies.intendly, policies.monitoring],
            cluster_name=base.cluster.name,
            role_name=f"{settings.prefix}-external-secrets",
            region=settings.account.region,
            secret_arns=[
                data.secrets.database_secret_arn,
                data.secrets.cache_secret_arn,
                data.secrets.grafana_secret_arn,
                _secret_arn(settings, names.alertmanager_receivers),
            ],
            key_arn=base.key.arn,
            chart_repository=settings.chart_repositories.external_secrets,
            monitoring_definitions=definitions,
        ),
        base.platform,
    )
    return PlatformSecrets(
        "platform-secrets",
        PlatformSecretsArgs(
            store_name=operator.store_name,
            application_namespace=policies.intendly,
            monitoring_namespace=policies.monitoring,
            # By ARN, so that each waits for its secret.
            database_secret=data.secrets.database_secret_arn,
            cache_secret=data.secrets.cache_secret_arn,
            grafana_secret=data.secrets.grafana_secret_arn,
            receivers_secret=names.alertmanager_receivers,
        ),
        base.platform,
    )


def _secret_arn(settings: StackSettings, name: str) -> str:
    """ARN of a secret that a person makes; Secrets Manager appends a hyphen and six characters to the name."""
    account = settings.account
    return f"arn:aws:secretsmanager:{account.region}:{account.id}:secret:{name}-??????"
