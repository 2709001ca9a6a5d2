"""The Kubernetes cluster, its add-ons and its nodes."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from infra.settings.base import Settings
from infra.settings.machines import InstanceType
from infra.settings.types import AddonVersion, KubernetesVersion, NodeGroupName, RestrictedCidr

LOG_RETENTIONS: Final = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731)
"""The retentions that CloudWatch Logs takes, up to two years, in days."""


def _log_retention(days: int) -> int:
    if days not in LOG_RETENTIONS:
        raise ValueError("CloudWatch Logs takes certain numbers of days only")
    return days


# No Literal: to Python true is 1, so a Literal of numbers takes it.
LogRetentionDays = Annotated[
    int, Field(json_schema_extra={"enum": list(LOG_RETENTIONS)}), AfterValidator(_log_retention)
]


class AddonsSettings(Settings):
    """Exact versions of EKS add-ons, as ``aws eks describe-addon-versions`` lists them for the cluster's version.

    The defaults were seen in use on 1.36 between July and October 2026 (metrics-server: on 1.35).
    """

    vpc_cni: AddonVersion = Field(
        default="v1.22.4-eksbuild.3", title="vpc-cni", description="Pod addresses and network policies."
    )
    coredns: AddonVersion = Field(
        default="v1.14.3-eksbuild.23", title="coredns", description="Names in the cluster."
    )
    kube_proxy: AddonVersion = Field(
        default="v1.36.0-eksbuild.25", title="kube-proxy", description="Service addresses on nodes."
    )
    pod_identity_agent: AddonVersion = Field(
        default="v1.3.10-eksbuild.3", title="eks-pod-identity-agent", description="AWS credentials of pods."
    )
    ebs_csi_driver: AddonVersion = Field(
        default="v1.63.1-eksbuild.1", title="aws-ebs-csi-driver", description="Volumes of pods."
    )
    node_monitoring_agent: AddonVersion = Field(
        default="v1.7.0-eksbuild.1",
        title="eks-node-monitoring-agent",
        description="What node repair acts on.",
    )
    metrics_server: AddonVersion = Field(
        default="v0.8.1-eksbuild.10", title="metrics-server", description="What autoscaling of pods acts on."
    )


class NodeGroupSettings(Settings):
    """One managed node group, spread over all zones. A change of type or disk is made by adding a second group."""

    instance_type: InstanceType = Field(
        title="Instance type", description="EC2 type of every node of the group."
    )
    min_size: int = Field(ge=1, le=450, title="Fewest nodes", description="Nodes that always run.")
    max_size: int = Field(
        ge=1,
        le=450,
        title="Most nodes",
        description="Nodes that autoscaling may reach (EKS: at most 450 a group).",
    )
    desired_size: int = Field(
        ge=1,
        le=450,
        title="Nodes at creation",
        description="Nodes when the group is created; from then on autoscaling decides.",
    )
    disk_size_gib: int = Field(
        default=50, ge=20, le=1000, title="Disk", description="Root volume of a node, in GiB."
    )
    max_pods: int = Field(
        default=110,
        ge=16,
        le=110,
        title="Pods a node",
        description="Most pods of a node, system pods included (EKS: at most 110 below 30 vCPU).",
    )
    kubernetes_version: KubernetesVersion | None = Field(
        default=None,
        title="Nodes' version",
        description="Minor version of the group's nodes: the cluster's, or the one before while the control plane goes "
        "first; left out, it follows the cluster's.",
    )


class ClusterSettings(Settings):
    """The EKS cluster."""

    kubernetes_version: KubernetesVersion = Field(
        default="1.36",
        title="Kubernetes version",
        description="Minor version of control plane and nodes; goes up one minor at a time.",
    )
    support: Literal["extended", "standard"] = Field(
        default="extended",
        title="Support after the version's standard end",
        description="extended: costs 0.60 USD an hour instead of 0.10; standard: AWS upgrades the control plane.",
    )
    public_access_cidrs: Annotated[tuple[RestrictedCidr, ...], Field(strict=False, max_length=40)] = Field(
        default=(),
        title="Who reaches the API server from outside",
        description="Ranges of offices or VPNs; empty: the endpoint is private only.",
    )
    control_plane_log_retention_days: LogRetentionDays = Field(
        default=90, title="Control plane's logs", description="How long CloudWatch keeps them, in days."
    )
    deletion_protection: bool = Field(
        default=True, title="Deletion protection", description="AWS refuses to delete the cluster while true."
    )
    addons: AddonsSettings = Field(
        default_factory=AddonsSettings, title="Add-ons", description="Exact versions of EKS add-ons."
    )
    node_groups: Annotated[
        Mapping[NodeGroupName, NodeGroupSettings], Field(strict=False, min_length=1, max_length=10)
    ] = Field(title="Node groups", description="Managed node groups by name.")
