"""One managed node group with its launch template."""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import ec2, eks

NODE_USER_DATA = """\
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="//"

--//
Content-Type: application/node.eks.aws

apiVersion: node.eks.aws/v1alpha1
kind: NodeConfig
spec:
  kubelet:
    config:
      maxPods: {max_pods}
--//--
"""
"""AL2023's node configuration. Its nodeadm does not know of prefix delegation and would stop at 58 pods on an
xlarge; EKS merges the rest (cluster, certificate) since the template names no image."""

_GRAVITON = re.compile(r"(a1|[a-z]+\d+g[a-z]*)[.-].*")


@dataclass(frozen=True, kw_only=True)
class NodeGroupSettings:
    """Size and kind of one group's nodes. A change of instance type replaces the group: new nodes first."""

    instance_type: str
    min_size: int
    max_size: int
    desired_size: int
    """Nodes at creation; from then on the autoscaler's."""
    disk_size_gib: int
    max_pods: int
    """Pods a node takes, host-network ones included. AWS recommends 110 below 30 vCPU, else 250."""
    kubernetes_version: str | None = None
    """Minor version of the nodes where it is not the cluster's: during an upgrade the control plane goes first."""


@dataclass(frozen=True, kw_only=True)
class NodeGroupArgs:
    """Where a group lives and what it consists of."""

    group: str
    """Its name in settings and the start of its physical name."""
    cluster_name: pulumi.Input[str]
    physical_prefix: str
    """Start of the launch template's and the instances' names: the cluster's name."""
    cluster_version: str
    """Nodes have it too, unless their settings hold them back. AWS refuses the next upgrade of a cluster while a
    group lags behind."""
    role_arn: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    tags: Mapping[str, str]
    """For instances, volumes and interfaces: a provider's default tags do not reach them."""
    settings: NodeGroupSettings
    after: Sequence[pulumi.Resource]
    """What nodes need to become Ready: add-ons and the role's permissions."""


class NodeGroup(pulumi.ComponentResource):
    """Nodes that EKS manages: AL2023, encrypted gp3 disks, metadata out of reach of pods, repair switched on."""

    autoscaling_group_name: pulumi.Output[str]

    def __init__(self, name: str, args: NodeGroupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("intendly:cluster:NodeGroup", name, None, opts)
        template = _launch_template(name, args, self)
        settings = args.settings
        group = eks.NodeGroup(
            f"{name}-group",
            cluster_name=args.cluster_name,
            # A replacement needs a name of its own beside the old one's.
            node_group_name_prefix=f"{args.group}-",
            node_role_arn=args.role_arn,
            subnet_ids=args.subnet_ids,
            version=settings.kubernetes_version or args.cluster_version,
            ami_type=ami_type(settings.instance_type),
            capacity_type="ON_DEMAND",
            instance_types=[settings.instance_type],
            launch_template=eks.NodeGroupLaunchTemplateArgs(
                id=template.id,
                # The number: AWS stores it and "$Latest" would differ for ever.
                version=template.latest_version.apply(str),
            ),
            scaling_config=eks.NodeGroupScalingConfigArgs(
                min_size=settings.min_size,
                max_size=settings.max_size,
                desired_size=settings.desired_size,
            ),
            update_config=eks.NodeGroupUpdateConfigArgs(max_unavailable_percentage=33),
            node_repair_config=eks.NodeGroupNodeRepairConfigArgs(enabled=True),
            tags={"Name": f"{args.physical_prefix}-{args.group}"},
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=args.after,
                # The autoscaler owns it; each update would undo its work.
                ignore_changes=["scalingConfig.desiredSize"],
            ),
        )
        self.autoscaling_group_name = group.resources.apply(_autoscaling_group_name)
        self.register_outputs({"autoscaling_group_name": self.autoscaling_group_name})


def ami_type(instance_type: str) -> str:
    """The AL2023 image for an instance type: Arm for Graviton families (`m7g`, `t4g`), x86 for the others."""
    architecture = "ARM_64" if _GRAVITON.fullmatch(instance_type) else "x86_64"
    return f"AL2023_{architecture}_STANDARD"


def user_data(max_pods: int) -> str:
    """The node configuration, as a launch template takes it (base64)."""
    return base64.b64encode(NODE_USER_DATA.format(max_pods=max_pods).encode()).decode()


def _autoscaling_group_name(resources: Sequence[eks.outputs.NodeGroupResource]) -> str:
    groups = resources[0].autoscaling_groups
    if not groups or groups[0].name is None:
        raise ValueError("EKS reported a node group without an autoscaling group")
    return groups[0].name


def _launch_template(name: str, args: NodeGroupArgs, parent: pulumi.Resource) -> ec2.LaunchTemplate:
    physical = f"{args.physical_prefix}-{args.group}"
    tags = {**args.tags, "Name": physical}
    return ec2.LaunchTemplate(
        f"{name}-template",
        name=physical,
        description=f"Nodes of group {args.group}",
        user_data=user_data(args.settings.max_pods),
        metadata_options=ec2.LaunchTemplateMetadataOptionsArgs(
            http_endpoint="enabled",
            http_tokens="required",
            # One hop ends at the node: a pod cannot take the node's role.
            http_put_response_hop_limit=1,
        ),
        block_device_mappings=[
            ec2.LaunchTemplateBlockDeviceMappingArgs(
                device_name="/dev/xvda",
                ebs=ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
                    volume_size=args.settings.disk_size_gib,
                    volume_type="gp3",
                    # The AWS-managed key: a key of our own must name the autoscaling service's role, which a
                    # new account does not have yet.
                    encrypted="true",
                    delete_on_termination="true",
                ),
            )
        ],
        tag_specifications=[
            ec2.LaunchTemplateTagSpecificationArgs(resource_type=kind, tags=tags)
            for kind in ("instance", "volume", "network-interface")
        ],
        opts=pulumi.ResourceOptions(parent=parent),
    )
