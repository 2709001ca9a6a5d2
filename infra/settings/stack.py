"""All settings of a stack."""

from pydantic import Field

from infra.settings.access import AccessSettings
from infra.settings.account import AccountSettings, TagsSettings
from infra.settings.applications import ApplicationsSettings
from infra.settings.backups import BackupsSettings, StorageSettings
from infra.settings.base import Settings
from infra.settings.budget import BudgetSettings
from infra.settings.cache import CacheSettings
from infra.settings.chain import ChainSettings, ChartRepositoriesSettings
from infra.settings.cluster import ClusterSettings
from infra.settings.database import DatabaseSettings
from infra.settings.edge import CertificatesSettings, IngressSettings, SecretsSettings
from infra.settings.jobs import JobsSettings
from infra.settings.logs import LogsSettings
from infra.settings.monitoring import MonitoringSettings
from infra.settings.network import HostsSettings, NetworkSettings
from infra.settings.types import Environment
from infra.settings.web import WebApplicationSettings


class StackSettings(Settings):
    """The ``intendly:`` namespace of a stack file."""

    environment: Environment = Field(
        title="Environment",
        description="Part of every name: intendly-<environment>. production has stricter rules.",
    )
    account: AccountSettings = Field(title="Account", description="AWS account and region.")
    tags: TagsSettings = Field(
        default_factory=TagsSettings, title="Tags", description="Tags of every AWS resource."
    )
    hosts: HostsSettings = Field(title="Hosts", description="Public names.")
    network: NetworkSettings = Field(title="Network", description="VPC, zones and ways out.")
    cluster: ClusterSettings = Field(title="Cluster", description="EKS cluster, add-ons and nodes.")
    access: AccessSettings = Field(
        default_factory=AccessSettings, title="Access", description="Who may enter, and what they may do."
    )
    database: DatabaseSettings = Field(
        default_factory=DatabaseSettings, title="Database", description="PostgreSQL on RDS."
    )
    cache: CacheSettings = Field(
        default_factory=CacheSettings, title="Cache", description="Cache and queues on ElastiCache."
    )
    storage: StorageSettings = Field(
        default_factory=StorageSettings, title="Storage", description="The bucket of dumps."
    )
    backups: BackupsSettings = Field(
        default_factory=BackupsSettings, title="Backups", description="The database's recovery points."
    )
    secrets: SecretsSettings = Field(
        default_factory=SecretsSettings,
        title="Secrets",
        description="How secrets are kept, never their values.",
    )
    ingress: IngressSettings = Field(
        default_factory=IngressSettings, title="Ingress", description="Load balancer and ingress controller."
    )
    certificates: CertificatesSettings = Field(
        default_factory=CertificatesSettings, title="Certificates", description="Certificates of the hosts."
    )
    web_application: WebApplicationSettings = Field(
        default_factory=WebApplicationSettings,
        title="Web application",
        description="The static site on S3 and CloudFront.",
    )
    monitoring: MonitoringSettings = Field(title="Monitoring", description="Metrics and alerts.")
    logs: LogsSettings = Field(
        default_factory=LogsSettings, title="Logs", description="How long pods' logs are kept."
    )
    applications: ApplicationsSettings = Field(title="Applications", description="Image and applications.")
    chain: ChainSettings = Field(
        default_factory=ChainSettings, title="Chain", description="The network on which intents settle."
    )
    chart_repositories: ChartRepositoriesSettings = Field(
        default_factory=ChartRepositoriesSettings,
        title="Chart repositories",
        description="Where charts come from.",
    )
    jobs: JobsSettings = Field(
        default_factory=JobsSettings, title="Jobs", description="When recurring work runs."
    )
    budget: BudgetSettings = Field(
        default_factory=BudgetSettings, title="Budget", description="What the stack may cost."
    )

    @property
    def prefix(self) -> str:
        """How the names of AWS resources begin."""
        return f"intendly-{self.environment}"

    @property
    def is_production(self) -> bool:
        """Whether the rules of production hold."""
        return self.environment == "production"
