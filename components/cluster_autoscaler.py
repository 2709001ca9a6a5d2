"""The cluster autoscaler: more nodes when pods find no room, fewer when nodes stand idle."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from components import kubernetes_names as names
from components.helm import Values, release
from components.pod_identity import PodIdentity, PodIdentityArgs
from components.versions import CLUSTER_AUTOSCALER, CLUSTER_AUTOSCALER_IMAGES

SERVICE_ACCOUNT = "cluster-autoscaler"
"""The chart's name for it, with the release's name as the objects' own."""

READ_ACTIONS = (
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeAutoScalingInstances",
    "autoscaling:DescribeLaunchConfigurations",
    "autoscaling:DescribeScalingActivities",
    "ec2:DescribeImages",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeLaunchTemplateVersions",
    "ec2:GetInstanceTypesFromInstanceRequirements",
)
"""AWS lets none of them be narrowed to a resource. Source: the autoscaler's README for AWS."""

CHANGE_ACTIONS = ("autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup")
"""What makes and ends nodes."""


def autoscaler_image(kubernetes_version: str) -> str:
    """The image's tag for a cluster's minor version: it simulates that version's scheduler.

    Raises:
        ValueError: no image is pinned for the version.
    """
    tag = CLUSTER_AUTOSCALER_IMAGES.get(kubernetes_version)
    if tag is None:
        known = ", ".join(CLUSTER_AUTOSCALER_IMAGES)
        raise ValueError(
            f"no cluster autoscaler is pinned for Kubernetes {kubernetes_version}; known: {known}"
        )
    return tag


def cluster_autoscaler_values(
    *, cluster_name: pulumi.Input[str], region: str, kubernetes_version: str
) -> Values:
    """Values of the chart: two pods of which one leads, monitored, and passing Pod Security `restricted`.

    Groups are discovered by the tags that EKS puts on every managed node group, so a group added to the settings
    is scaled from its first minute on. Among groups that would hold the pods, the one that wastes least is taken;
    groups of equal nodes are kept equally large.

    Args:
        cluster_name: the cluster whose groups it looks for.
        region: where it asks AWS.
        kubernetes_version: the cluster's minor version.
    """
    return {
        # Without it everything would be called cluster-autoscaler-aws-cluster-autoscaler.
        "fullnameOverride": SERVICE_ACCOUNT,
        # The chart's own image may be of another minor version.
        "image": {"tag": autoscaler_image(kubernetes_version)},
        "awsRegion": region,
        "autoDiscovery": {"clusterName": cluster_name},
        "replicaCount": 2,
        "extraArgs": {
            "v": 2,
            "expander": "least-waste",
            "balance-similar-node-groups": True,
            # Otherwise CoreDNS, or any pod with an emptyDir (Traefik, Grafana), would hold its node for ever.
            "skip-nodes-with-system-pods": False,
            "skip-nodes-with-local-storage": False,
        },
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": {"app.kubernetes.io/instance": CLUSTER_AUTOSCALER.name}},
            }
        ],
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 65534,
            "runAsGroup": 65534,
            "fsGroup": 65534,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containerSecurityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        # The chart would put the monitor into `monitoring`, beside no Service of its own.
        "serviceMonitor": {
            "enabled": True,
            "namespace": names.SYSTEM_NAMESPACE,
            "interval": "30s",
            "selector": {"release": "kube-prometheus-stack"},
        },
        "resources": {"requests": {"cpu": "50m", "memory": "256Mi"}, "limits": {"memory": "512Mi"}},
    }


def autoscaler_policy(cluster_name: str, *, account_id: str, region: str) -> str:
    """IAM policy, as JSON: look at groups, and resize those that EKS tagged as this cluster's own, nothing else."""
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                _allow(READ_ACTIONS, "*"),
                _allow(
                    ("eks:DescribeNodegroup",),
                    f"arn:aws:eks:{region}:{account_id}:nodegroup/{cluster_name}/*/*",
                ),
                {
                    **_allow(CHANGE_ACTIONS, f"arn:aws:autoscaling:{region}:{account_id}:autoScalingGroup:*"),
                    "Condition": {
                        "StringEquals": {
                            "aws:ResourceTag/k8s.io/cluster-autoscaler/enabled": "true",
                            f"aws:ResourceTag/k8s.io/cluster-autoscaler/{cluster_name}": "owned",
                        }
                    },
                },
            ],
        }
    )


def _allow(actions: Sequence[str], resource: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource}


@dataclass(frozen=True, kw_only=True)
class ClusterAutoscalerArgs:
    """What the autoscaler needs."""

    cluster_name: pulumi.Input[str]
    kubernetes_version: str
    """The cluster's minor version; the image follows it."""
    account_id: str
    region: str
    role_name: str
    """Name of the IAM role that its pods take."""
    chart_repository: str
    """URL of the chart repository."""
    monitoring_definitions: pulumi.Resource
    """The Prometheus Operator's resource definitions: the chart's ServiceMonitor needs them to be there."""


class ClusterAutoscaler(pulumi.ComponentResource):
    """The autoscaler in `kube-system`, with permissions for this cluster's node groups alone.

    A node group spans all zones, so it cannot be told in which zone a node is wanted: a pod whose volume lives in
    a full zone waits until another pod of that zone goes, or until the group has grown there by chance.
    """

    def __init__(
        self, name: str, args: ClusterAutoscalerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("intendly:cluster:ClusterAutoscaler", name, None, opts)
        identity = PodIdentity(
            f"{name}-identity",
            PodIdentityArgs(
                cluster_name=args.cluster_name,
                namespace=names.SYSTEM_NAMESPACE,
                service_account=SERVICE_ACCOUNT,
                role_name=args.role_name,
                policy=pulumi.Output.from_input(args.cluster_name).apply(
                    lambda cluster: autoscaler_policy(cluster, account_id=args.account_id, region=args.region)
                ),
            ),
            pulumi.ResourceOptions(parent=self),
        )
        release(
            f"{name}-release",
            CLUSTER_AUTOSCALER,
            namespace=names.SYSTEM_NAMESPACE,
            repository=args.chart_repository,
            values=cluster_autoscaler_values(
                cluster_name=args.cluster_name,
                region=args.region,
                kubernetes_version=args.kubernetes_version,
            ),
            # Credentials reach a pod only when the association exists before the pod.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[identity, args.monitoring_definitions]),
        )
        self.register_outputs({})
