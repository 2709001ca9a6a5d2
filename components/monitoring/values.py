"""Values of the chart kube-prometheus-stack, as pure functions."""

from dataclasses import dataclass

import pulumi

from components import kubernetes_names as names
from components.helm import Values
from components.monitoring.routes import NotificationArgs, alertmanager_config
from components.quantities import cpu, memory

RETENTION_SHARE = 0.76
"""Share of the volume that samples may fill: more, and KubePersistentVolumeFillingUp warns at 15 % left."""

DAY_S = 86_400


@dataclass(frozen=True, kw_only=True)
class MonitoringSizes:
    """How much is kept, and on how many pods."""

    retention_days: int
    prometheus_replicas: int
    prometheus_storage_gib: int
    prometheus_cpu_request_millicores: int
    prometheus_memory_request_mib: int
    prometheus_memory_limit_mib: int
    alertmanager_replicas: int
    alertmanager_storage_gib: int


@dataclass(frozen=True, kw_only=True)
class StackValuesArgs:
    """What the chart's values are made of."""

    cluster_name: pulumi.Input[str]
    host: str
    """Host that Grafana is reached at, under `/grafana`."""
    storage_class: pulumi.Input[str]
    node_exporter_namespace: pulumi.Input[str]
    grafana_secret: pulumi.Input[str]
    receivers_secret: pulumi.Input[str]
    sizes: MonitoringSizes
    notifications: NotificationArgs


def stack_values(args: StackValuesArgs) -> Values:
    """Everything that differs from the chart's defaults."""
    return {
        # The operator's definitions are a release of their own, which upgrades them.
        "crds": {"enabled": False},
        **_default_rules(),
        **_exporters(args.node_exporter_namespace),
        "prometheus": _prometheus(args),
        "alertmanager": _alertmanager(args),
        "grafana": _grafana(args),
    }


def _default_rules() -> Values:
    """The chart's own alerts, without those that nobody here could mend, or that double the manual's."""
    return {
        # Parts of the control plane that AWS runs and Prometheus cannot reach.
        "kubeEtcd": {"enabled": False},
        "kubeControllerManager": {"enabled": False},
        "kubeScheduler": {"enabled": False},
        # Its metrics listen on the loopback address.
        "kubeProxy": {"enabled": False},
        # AWS's to mend: no page.
        "customRules": {"KubeAPIErrorBudgetBurn": {"severity": "warning"}},
        "defaultRules": {
            # They live 45 days there and are renewed late: the default warns at 7 days, every time.
            "kubeletServerCertificateExpiration": {"warning": 3 * DAY_S, "critical": DAY_S},
            "disabled": {
                # With its inhibition it would mute every info alert.
                "InfoInhibitor": True,
                # People and nodes come with tokens: nobody could act on it.
                "KubeClientCertificateExpiration": True,
                # Overcommitment is normal under an autoscaler.
                "KubeCPUOvercommit": True,
                "KubeMemoryOvercommit": True,
                "CPUThrottlingHigh": True,
                # HighCPUUsage and HighMemoryUsage say the same.
                "NodeCPUHighUsage": True,
                "NodeMemoryHighUtilization": True,
            },
        },
        "nodeExporter": {
            "operatingSystems": {"aix": {"enabled": False}, "darwin": {"enabled": False}},
        },
    }


def _exporters(node_exporter_namespace: pulumi.Input[str]) -> Values:
    return {
        "prometheus-node-exporter": {
            # It needs the host, which the namespace `monitoring` refuses.
            "namespaceOverride": node_exporter_namespace,
            "priorityClassName": "system-node-critical",
            "tolerations": [{"operator": "Exists"}],
            "resources": _resources("20m", "32Mi", "96Mi"),
        },
        "kube-state-metrics": {"resources": _resources("20m", "96Mi", "256Mi")},
        "prometheusOperator": {
            "resources": _resources("50m", "128Mi", "256Mi"),
            "prometheusConfigReloader": {"resources": _resources("10m", "32Mi", "64Mi")},
        },
    }


def _prometheus(args: StackValuesArgs) -> Values:
    sizes = args.sizes
    any_namespace = {
        # Without these Prometheus sees only what carries the release's label; ours would be ignored silently.
        f"{kind}SelectorNilUsesHelmValues": False
        for kind in ("serviceMonitor", "podMonitor", "probe", "rule", "scrapeConfig")
    }
    return {
        "podDisruptionBudget": _budget(sizes.prometheus_replicas),
        "prometheusSpec": {
            "replicas": sizes.prometheus_replicas,
            "podAntiAffinity": "hard",
            "scrapeInterval": "30s",
            "evaluationInterval": "30s",
            "retention": f"{sizes.retention_days}d",
            "retentionSize": f"{int(sizes.prometheus_storage_gib * RETENTION_SHARE)}GiB",
            "externalLabels": {"cluster": args.cluster_name},
            "resources": _resources(
                cpu(sizes.prometheus_cpu_request_millicores),
                memory(sizes.prometheus_memory_request_mib),
                memory(sizes.prometheus_memory_limit_mib),
            ),
            **any_namespace,
            "topologySpreadConstraints": [
                {
                    "maxSkew": 1,
                    "topologyKey": "topology.kubernetes.io/zone",
                    "whenUnsatisfiable": "ScheduleAnyway",
                    "labelSelector": {"matchLabels": {"app.kubernetes.io/name": "prometheus"}},
                }
            ],
            "storageSpec": _volume(args.storage_class, sizes.prometheus_storage_gib),
        },
    }


def _alertmanager(args: StackValuesArgs) -> Values:
    replicas = args.sizes.alertmanager_replicas
    return {
        "podDisruptionBudget": _budget(replicas),
        "alertmanagerSpec": {
            "replicas": replicas,
            "podAntiAffinity": "hard",
            "secrets": [args.receivers_secret],
            "resources": _resources("20m", "64Mi", "128Mi"),
            "storage": _volume(args.storage_class, args.sizes.alertmanager_storage_gib),
        },
        "config": alertmanager_config(args.notifications, names.RECEIVERS_SECRET),
    }


def _grafana(args: StackValuesArgs) -> Values:
    """No volume: dashboards and data sources are provisioned. No Ingress either: ours is a resource."""
    return {
        "defaultDashboardsEditable": False,
        # The chart's own role reads every Secret of the cluster.
        "rbac": {"namespaced": True},
        "serviceMonitor": {"path": "/grafana/metrics"},
        "admin": {"existingSecret": args.grafana_secret},
        "grafana.ini": {
            "server": {"root_url": f"https://{args.host}/grafana", "serve_from_sub_path": True},
            "security": {"cookie_secure": True},
            "analytics": {"check_for_updates": False, "reporting_enabled": False},
        },
        "sidecar": {
            "dashboards": {
                "searchNamespace": names.MONITORING_NAMESPACE,
                "folderAnnotation": "grafana_folder",
                "provider": {"foldersFromFilesStructure": True},
            }
        },
        "resources": _resources("100m", "256Mi", "512Mi"),
    }


def _budget(replicas: int) -> Values:
    """All but one stay; a single pod has no budget, or its node could never be drained."""
    return {"enabled": True, "minAvailable": replicas - 1} if replicas > 1 else {"enabled": False}


def _volume(storage_class: pulumi.Input[str], gib: int) -> Values:
    return {
        "volumeClaimTemplate": {
            "spec": {
                "storageClassName": storage_class,
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": f"{gib}Gi"}},
            }
        }
    }


def _resources(cpu_request: str, memory_request: str, memory_limit: str) -> Values:
    return {
        "requests": {"cpu": cpu_request, "memory": memory_request},
        "limits": {"memory": memory_limit},
    }
