"""Settings of a stack, turned into what components take: one function for each that needs more than a line."""

from collections.abc import Mapping

from components import kubernetes_names as names
from components.access_entries import Members
from components.application import Autoscaling
from components.applications import BackendArgs
from components.monitoring.routes import NotificationArgs
from components.monitoring.values import MonitoringSizes
from components.node_group import NodeGroupSettings
from components.pod_template import Sizing
from infra.settings import StackSettings
from infra.settings.access import AccessSettings
from infra.settings.applications import ApplicationSettings
from infra.settings.monitoring import MonitoringSettings

PROJECT = "intendly"


def tags(settings: StackSettings) -> dict[str, str]:
    """Tags of everything that can carry them; constant, since a changed tag touches every resource."""
    return {
        "Project": PROJECT,
        "Environment": settings.environment,
        "ManagedBy": "pulumi",
        "Owner": settings.tags.owner,
        "CostCenter": settings.tags.cost_center,
        "Repository": settings.tags.repository,
    }


def deployer_role_arn(settings: StackSettings) -> str:
    """The role that runs updates, and that the Kubernetes provider's tokens are got for."""
    return settings.account.deployer_role_arn


def members(access: AccessSettings) -> Mapping[str, Members]:
    """People's roles by what they are."""
    return {
        "operator": Members(group=names.OPERATOR_GROUP, role_arns=access.operator_role_arns),
        "on-call": Members(group=names.ON_CALL_GROUP, role_arns=access.on_call_role_arns),
        "auditor": Members(group=names.AUDITOR_GROUP, role_arns=access.auditor_role_arns),
    }


def node_groups(settings: StackSettings) -> Mapping[str, NodeGroupSettings]:
    """Node groups by name."""
    return {
        name: NodeGroupSettings(
            instance_type=group.instance_type,
            min_size=group.min_size,
            max_size=group.max_size,
            desired_size=group.desired_size,
            disk_size_gib=group.disk_size_gib,
            max_pods=group.max_pods,
            kubernetes_version=group.kubernetes_version,
        )
        for name, group in settings.cluster.node_groups.items()
    }


def backend(application: ApplicationSettings) -> BackendArgs:
    """What operators change of one application. Settings have seen to it that one of the two is there."""
    scaling = application.autoscaling
    return BackendArgs(
        command=application.command,
        replicas=application.min_pods
        if scaling is None
        else Autoscaling(
            min_replicas=scaling.min_replicas,
            max_replicas=scaling.max_replicas,
            cpu_percent=scaling.cpu_percent,
            memory_percent=scaling.memory_percent,
        ),
        sizing=Sizing(
            cpu_request_millicores=application.cpu_request_millicores,
            memory_request_mib=application.memory_request_mib,
            memory_limit_mib=application.memory_limit_mib,
            heap_mib=application.heap_mib,
        ),
        database_pool_max=application.database_pool_max,
    )


def monitoring_sizes(monitoring: MonitoringSettings) -> MonitoringSizes:
    """How much monitoring keeps, and on how many pods."""
    return MonitoringSizes(
        retention_days=monitoring.retention_days,
        prometheus_replicas=monitoring.prometheus_replicas,
        prometheus_storage_gib=monitoring.prometheus_storage_gib,
        prometheus_cpu_request_millicores=monitoring.prometheus_cpu_request_millicores,
        prometheus_memory_request_mib=monitoring.prometheus_memory_request_mib,
        prometheus_memory_limit_mib=monitoring.prometheus_memory_limit_mib,
        alertmanager_replicas=monitoring.alertmanager_replicas,
        alertmanager_storage_gib=monitoring.alertmanager_storage_gib,
    )


def notifications(monitoring: MonitoringSettings) -> NotificationArgs:
    """Whom Alertmanager notifies, and by which mail relay."""
    return NotificationArgs(
        slack_channel=monitoring.slack_channel,
        email_to=monitoring.email_to,
        email_from=monitoring.smtp.sender,
        smtp_host=monitoring.smtp.host,
        smtp_port=monitoring.smtp.port,
        smtp_username=monitoring.smtp.username,
    )
