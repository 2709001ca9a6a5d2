"""The EKS add-ons of a cluster, in the order in which nodes need them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import eks

from components.pod_identity import PodIdentity, PodIdentityArgs

CNI_POLICY = "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"
EBS_CSI_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"

CONFIGURATION = {
    "vpc-cni": json.dumps(
        # The add-on's schema takes texts, also for what is true or a number.
        {
            "enableNetworkPolicy": "true",
            "env": {"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"},
        }
    )
}
"""Configuration values by add-on, where they differ from the add-on's own. An unknown key fails at creation."""


@dataclass(frozen=True, kw_only=True)
class AddonVersions:
    """Exact versions (`v1.22.4-eksbuild.3`); only `describe-addon-versions` for the cluster's version is authority."""

    vpc_cni: str
    coredns: str
    kube_proxy: str
    pod_identity_agent: str
    ebs_csi_driver: str
    node_monitoring_agent: str
    metrics_server: str


@dataclass(frozen=True, kw_only=True)
class AddonsArgs:
    """The cluster and what to put on it."""

    cluster_name: pulumi.Input[str]
    physical_prefix: str
    """Start of the roles' names: the cluster's name."""
    versions: AddonVersions
    nodes: Sequence[pulumi.Resource] = ()
    """Node groups that what runs on nodes waits for."""


class NodeAddons(pulumi.ComponentResource):
    """What must be there before the first node: network, service addresses, credentials for pods.

    Without the association of `aws-node` nodes stay NotReady; with the CNI after the nodes, prefixes and network
    policies reach new nodes only; and `aws-node` finds the API server through kube-proxy. All are DaemonSets,
    which are content without nodes.
    """

    def __init__(self, name: str, args: AddonsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("intendly:cluster:NodeAddons", name, None, opts)
        network = PodIdentity(
            f"{name}-aws-node",
            PodIdentityArgs(
                cluster_name=args.cluster_name,
                namespace="kube-system",
                service_account="aws-node",
                role_name=f"{args.physical_prefix}-aws-node",
                managed_policy_arns=[CNI_POLICY],
            ),
            pulumi.ResourceOptions(parent=self),
        )
        versions = {
            "vpc-cni": args.versions.vpc_cni,
            "kube-proxy": args.versions.kube_proxy,
            "eks-pod-identity-agent": args.versions.pod_identity_agent,
        }
        _add(name, args.cluster_name, versions, pulumi.ResourceOptions(parent=self, depends_on=[network]))
        self.register_outputs({})


class PlatformAddons(pulumi.ComponentResource):
    """What needs nodes to run on: names, disks, metrics, and the agent that tells node repair what it sees."""

    def __init__(self, name: str, args: AddonsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("intendly:cluster:PlatformAddons", name, None, opts)
        disks = PodIdentity(
            f"{name}-ebs-csi",
            PodIdentityArgs(
                cluster_name=args.cluster_name,
                namespace="kube-system",
                service_account="ebs-csi-controller-sa",
                role_name=f"{args.physical_prefix}-ebs-csi",
                managed_policy_arns=[EBS_CSI_POLICY],
            ),
            pulumi.ResourceOptions(parent=self),
        )
        versions = {
            "coredns": args.versions.coredns,
            "aws-ebs-csi-driver": args.versions.ebs_csi_driver,
            "metrics-server": args.versions.metrics_server,
            "eks-node-monitoring-agent": args.versions.node_monitoring_agent,
        }
        after: list[pulumi.Resource] = [disks, *args.nodes]
        _add(name, args.cluster_name, versions, pulumi.ResourceOptions(parent=self, depends_on=after))
        self.register_outputs({})


def _add(
    name: str, cluster_name: pulumi.Input[str], versions: Mapping[str, str], opts: pulumi.ResourceOptions
) -> None:
    for addon, version in versions.items():
        eks.Addon(
            f"{name}-{addon}",
            cluster_name=cluster_name,
            addon_name=addon,
            addon_version=version,
            configuration_values=CONFIGURATION.get(addon),
            # What is set by hand on an add-on's own objects goes; PRESERVE is refused at creation.
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            opts=opts,
        )
