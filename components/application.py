"""One backend application: Deployment, Service, account, disruption budget and, where asked for, autoscaler."""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.apps.v1 import (
    Deployment,
    DeploymentInitArgs,
    DeploymentSpecArgs,
    DeploymentStrategyArgs,
    RollingUpdateDeploymentArgs,
)
from pulumi_kubernetes.autoscaling.v2 import (
    CrossVersionObjectReferenceArgs,
    HorizontalPodAutoscaler,
    HorizontalPodAutoscalerBehaviorArgs,
    HorizontalPodAutoscalerInitArgs,
    HorizontalPodAutoscalerSpecArgs,
    HPAScalingPolicyArgs,
    HPAScalingRulesArgs,
    MetricSpecArgs,
    MetricTargetArgs,
    ResourceMetricSourceArgs,
)
from pulumi_kubernetes.core.v1 import (
    Service,
    ServiceAccount,
    ServiceAccountInitArgs,
    ServiceInitArgs,
    ServicePortArgs,
    ServiceSpecArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs
from pulumi_kubernetes.policy.v1 import (
    PodDisruptionBudget,
    PodDisruptionBudgetInitArgs,
    PodDisruptionBudgetSpecArgs,
)

from components import ports
from components.named import name_of
from components.pod_template import PodArgs, app_labels, object_labels, pod_template

PROGRESS_DEADLINE_S = 300
"""Seconds a rollout may stand still before it counts as failed: the manual waits as long."""

KEPT_REVISIONS = 10
"""Revisions that a rollback can go back to."""

MAX_SURGE = "25%"
"""Pods above the wanted number during a rollout, rounded up; the wanted number itself never falls short."""

SCALE_DOWN_DELAY_S = 300
"""Seconds of low load before pods go: trading comes in waves."""


@dataclass(frozen=True, kw_only=True)
class Autoscaling:
    """Bounds and targets of an autoscaler; percentages are of the requests."""

    min_replicas: int
    max_replicas: int
    cpu_percent: int
    memory_percent: int


@dataclass(frozen=True, kw_only=True)
class ApplicationArgs:
    """One application. Its name is the component's name, and that of its Deployment."""

    namespace: pulumi.Input[str]
    pod: PodArgs
    service_name: str
    keeps_clients: bool
    """Whether a client inside the cluster must keep reaching the same pod, by its address."""
    replicas: int | Autoscaling


class Application(pulumi.ComponentResource):
    """A Deployment and what it needs beside it."""

    service_name: pulumi.Output[str]
    """Name of the Service; who uses it waits until pods stand behind it."""
    deployment_name: pulumi.Output[str]

    def __init__(self, name: str, args: ApplicationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("intendly:applications:Application", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        app = args.pod.app

        def metadata(object_name: str) -> ObjectMetaArgs:
            return ObjectMetaArgs(name=object_name, namespace=args.namespace, labels=object_labels(app))

        account = ServiceAccount(
            f"{name}-account",
            ServiceAccountInitArgs(metadata=metadata(app), automount_service_account_token=False),
            child,
        )
        deployment = Deployment(
            f"{name}-deployment",
            DeploymentInitArgs(metadata=metadata(app), spec=deployment_spec(args)),
            pulumi.ResourceOptions(parent=self, depends_on=[account]),
        )
        service = Service(
            f"{name}-service",
            ServiceInitArgs(metadata=metadata(args.service_name), spec=service_spec(args)),
            child,
        )
        PodDisruptionBudget(
            f"{name}-disruption-budget",
            PodDisruptionBudgetInitArgs(metadata=metadata(app), spec=disruption_budget_spec(app)),
            child,
        )
        self.deployment_name = name_of(deployment, app)
        self.service_name = name_of(service, args.service_name)
        if isinstance(args.replicas, Autoscaling):
            HorizontalPodAutoscaler(
                f"{name}-autoscaler",
                HorizontalPodAutoscalerInitArgs(
                    metadata=metadata(f"{app}-hpa"),
                    spec=autoscaler_spec(self.deployment_name, args.replicas),
                ),
                child,
            )
        self.register_outputs(
            {
                "service_name": self.service_name,
                "deployment_name": self.deployment_name,
            }
        )


def deployment_spec(args: ApplicationArgs) -> DeploymentSpecArgs:
    """A rollout that never has fewer pods than wanted, and that a rollback can undo.

    With an autoscaler the number of replicas is left out: an update would otherwise set it back.
    """
    return DeploymentSpecArgs(
        replicas=None if isinstance(args.replicas, Autoscaling) else args.replicas,
        selector=LabelSelectorArgs(match_labels=app_labels(args.pod.app)),
        strategy=DeploymentStrategyArgs(
            type="RollingUpdate",
            rolling_update=RollingUpdateDeploymentArgs(max_unavailable=0, max_surge=MAX_SURGE),
        ),
        progress_deadline_seconds=PROGRESS_DEADLINE_S,
        revision_history_limit=KEPT_REVISIONS,
        template=pod_template(args.pod),
    )


def service_spec(args: ApplicationArgs) -> ServiceSpecArgs:
    """The application's own port under its own number, and the metrics for Prometheus."""
    return ServiceSpecArgs(
        type="ClusterIP",
        selector=app_labels(args.pod.app),
        session_affinity="ClientIP" if args.keeps_clients else "None",
        ports=[
            ServicePortArgs(name="http", port=args.pod.port, target_port="http", protocol="TCP"),
            ServicePortArgs(name="metrics", port=ports.METRICS_PORT, target_port="metrics", protocol="TCP"),
        ],
    )


def disruption_budget_spec(app: str) -> PodDisruptionBudgetSpecArgs:
    """One pod at a time may be evicted, whatever the number: always satisfiable, so a node can be drained.

    A pod that is not healthy protects nobody and may go at any time.
    """
    return PodDisruptionBudgetSpecArgs(
        selector=LabelSelectorArgs(match_labels=app_labels(app)),
        max_unavailable=1,
        unhealthy_pod_eviction_policy="AlwaysAllow",
    )


def autoscaler_spec(
    deployment_name: pulumi.Input[str], scaling: Autoscaling
) -> HorizontalPodAutoscalerSpecArgs:
    """Up as fast as the defaults allow, down slowly: two pods a minute after five quiet minutes."""
    return HorizontalPodAutoscalerSpecArgs(
        scale_target_ref=CrossVersionObjectReferenceArgs(
            api_version="apps/v1", kind="Deployment", name=deployment_name
        ),
        min_replicas=scaling.min_replicas,
        max_replicas=scaling.max_replicas,
        metrics=[_utilization("cpu", scaling.cpu_percent), _utilization("memory", scaling.memory_percent)],
        behavior=HorizontalPodAutoscalerBehaviorArgs(
            scale_down=HPAScalingRulesArgs(
                stabilization_window_seconds=SCALE_DOWN_DELAY_S,
                policies=[HPAScalingPolicyArgs(type="Pods", value=2, period_seconds=60)],
            )
        ),
    )


def _utilization(resource: str, percent: int) -> MetricSpecArgs:
    return MetricSpecArgs(
        type="Resource",
        resource=ResourceMetricSourceArgs(
            name=resource, target=MetricTargetArgs(type="Utilization", average_utilization=percent)
        ),
    )
