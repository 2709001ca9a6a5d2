"""The EKS cluster: control plane, access, add-ons, nodes, and the provider that speaks to its API."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_aws import cloudwatch, eks

from components.access_entries import Members, admit_to_groups, grant_administrator, role_name
from components.addons import AddonsArgs, AddonVersions, NodeAddons, PlatformAddons
from components.iam_roles import service_role
from components.node_group import NodeGroup, NodeGroupArgs, NodeGroupSettings

LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")

CLUSTER_POLICY = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"
NODE_POLICIES = (
    # Carries eks-auth:AssumeRoleForPodIdentity. The CNI's permissions are `aws-node`'s own.
    "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
    "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
)


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    """What a cluster needs."""

    name: str
    """Physical name, such as `intendly-staging-eks`: 100 characters at most, and never changed."""
    region: str
    version: str
    """Kubernetes minor version. Up one minor at a time."""
    support: Literal["standard", "extended"]
    """At the end of standard support: upgraded by AWS, or six times the price for a year more."""
    service_cidr: str
    """Addresses of Services: private, outside the VPC, /12 to /24, never changed."""
    control_plane_subnet_ids: Sequence[pulumi.Input[str]]
    """In two zones at least; later changes must stay in the same zones."""
    node_subnet_ids: Sequence[pulumi.Input[str]]
    public_access_cidrs: Sequence[str]
    """Who may reach the API from the internet; nobody if empty."""
    key_arn: pulumi.Input[str]
    """Encrypts Kubernetes Secrets and the log group. It can never be taken away again."""
    log_retention_days: int
    deletion_protection: bool
    """AWS refuses to delete the cluster until an update has switched this off."""
    zonal_shift: bool
    """Let AWS move traffic out of a zone in trouble. Node repair stops meanwhile."""
    protect: bool
    """The engine refuses to destroy or replace it."""
    deployer_role_arn: str
    """The role that runs this program: administrator, and what the provider's token is got for."""
    members: Mapping[str, Members]
    """People's roles by what they are, such as `operator`: each enters as a member of a Kubernetes group."""
    addons: AddonVersions
    node_groups: Mapping[str, NodeGroupSettings]
    """By name. What would replace a group is done by a second one; then the first is removed."""
    tags: Mapping[str, str]
    """For instances and their disks, which a provider's default tags do not reach."""


class Cluster(pulumi.ComponentResource):
    """A cluster whose `provider` can be used: it waits for nodes and core add-ons, and goes before them."""

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    endpoint: pulumi.Output[str]
    certificate_authority: pulumi.Output[str]
    """PEM of the API server's authority, base64."""
    security_group_id: pulumi.Output[str]
    """The cluster's own group, which control plane, nodes and pods carry."""
    autoscaling_group_names: Mapping[str, pulumi.Output[str]]
    """By node group."""
    provider: kubernetes.Provider

    def __init__(self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(args)
        super().__init__("intendly:cluster:Cluster", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        cluster = self._control_plane()
        self.name, self.arn, self.endpoint = cluster.name, cluster.arn, cluster.endpoint
        self.certificate_authority = cluster.certificate_authority.data
        self.security_group_id = cluster.vpc_config.apply(_cluster_security_group_id)
        administrator = grant_administrator(f"{name}-deployer", self.name, args.deployer_role_arn, self)
        for kind, members in args.members.items():
            for role_arn in members.role_arns:
                admit_to_groups(
                    f"{name}-{kind}-{role_name(role_arn)}", self.name, role_arn, [members.group], self
                )
        node_groups = self._node_groups()
        self.autoscaling_group_names = {
            group: nodes.autoscaling_group_name for group, nodes in node_groups.items()
        }
        platform = PlatformAddons(f"{name}-platform", self._addons(list(node_groups.values())), self._child)
        self.provider = kubernetes.Provider(
            f"{name}-api",
            kubeconfig=pulumi.Output.all(self.name, self.endpoint, self.certificate_authority).apply(
                lambda known: kubeconfig(*known, region=args.region)
            ),
            # Tells a moved or renewed kubeconfig from another cluster, whose objects would all be replaced.
            cluster_identifier=self.arn,
            enable_server_side_apply=True,
            # Otherwise a field that somebody changed with kubectl is a conflict, and the update fails.
            enable_patch_force=True,
            # Otherwise a changed ConfigMap or Secret with a fixed name is replaced: deleted first.
            enable_config_map_mutable=True,
            enable_secret_mutable=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[administrator, platform]),
        )
        self.register_outputs(
            {
                "name": self.name,
                "arn": self.arn,
                "endpoint": self.endpoint,
                "certificate_authority": self.certificate_authority,
                "security_group_id": self.security_group_id,
                "autoscaling_group_names": self.autoscaling_group_names,
            }
        )

    def _control_plane(self) -> eks.Cluster:
        args = self._args
        logs = cloudwatch.LogGroup(
            f"{self._name}-logs",
            # EKS makes it itself, kept for ever and unencrypted, if it is not there first.
            name=f"/aws/eks/{args.name}/cluster",
            retention_in_days=args.log_retention_days,
            kms_key_id=args.key_arn,
            opts=self._child,
        )
        role = service_role(
            f"{self._name}-control-plane", f"{args.name}-cluster", "eks.amazonaws.com", [CLUSTER_POLICY], self
        )
        return eks.Cluster(
            f"{self._name}-control-plane",
            name=args.name,
            version=args.version,
            role_arn=role.arn,
            upgrade_policy=eks.ClusterUpgradePolicyArgs(support_type=args.support.upper()),
            access_config=eks.ClusterAccessConfigArgs(
                authentication_mode="API", bootstrap_cluster_creator_admin_permissions=False
            ),
            # Network, proxy and DNS come as add-ons; copies that nobody manages would collide with them.
            bootstrap_self_managed_addons=False,
            vpc_config=_vpc_config(args),
            kubernetes_network_config=eks.ClusterKubernetesNetworkConfigArgs(
                ip_family="ipv4", service_ipv4_cidr=args.service_cidr
            ),
            encryption_config=eks.ClusterEncryptionConfigArgs(
                provider=eks.ClusterEncryptionConfigProviderArgs(key_arn=args.key_arn), resources=["secrets"]
            ),
            enabled_cluster_log_types=list(LOG_TYPES),
            deletion_protection=args.deletion_protection,
            zonal_shift_config=eks.ClusterZonalShiftConfigArgs(enabled=args.zonal_shift),
            opts=pulumi.ResourceOptions(
                parent=self, protect=args.protect, depends_on=[logs, *role.permissions]
            ),
        )

    def _addons(self, nodes: Sequence[pulumi.Resource]) -> AddonsArgs:
        return AddonsArgs(
            cluster_name=self.name,
            physical_prefix=self._args.name,
            versions=self._args.addons,
            nodes=nodes,
        )

    def _node_groups(self) -> dict[str, NodeGroup]:
        args = self._args
        before = NodeAddons(f"{self._name}-nodes", self._addons([]), self._child)
        role = service_role(
            f"{self._name}-nodes", f"{args.name}-nodes", "ec2.amazonaws.com", NODE_POLICIES, self
        )
        return {
            group: NodeGroup(
                f"{self._name}-{group}",
                NodeGroupArgs(
                    group=group,
                    cluster_name=self.name,
                    physical_prefix=args.name,
                    cluster_version=args.version,
                    role_arn=role.arn,
                    subnet_ids=args.node_subnet_ids,
                    tags=args.tags,
                    settings=settings,
                    after=[before, *role.permissions],
                ),
                self._child,
            )
            for group, settings in args.node_groups.items()
        }


def kubeconfig(name: str, endpoint: str, certificate: str, *, region: str) -> str:
    """A kubeconfig (JSON) that gets its token from AWS at each use; it holds no secret.

    Nobody is named in it: a token is that of whose credentials the engine runs with, so that a preview has a
    preview's rights and an update the deployer's.

    Args:
        name: the cluster's name.
        endpoint: address of its API.
        certificate: its certificate authority, base64 of PEM.
        region: where `aws eks get-token` asks.
    """
    arguments = ["eks", "get-token", "--cluster-name", name, "--region", region, "--output", "json"]
    user = {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": "aws",
            "args": arguments,
            "interactiveMode": "Never",
        }
    }
    config: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": name, "cluster": {"server": endpoint, "certificate-authority-data": certificate}}
        ],
        "users": [{"name": name, "user": user}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }
    return json.dumps(config)


def _vpc_config(args: ClusterArgs) -> eks.ClusterVpcConfigArgs:
    public = list(args.public_access_cidrs)
    return eks.ClusterVpcConfigArgs(
        subnet_ids=args.control_plane_subnet_ids,
        # Nodes reach the API inside the VPC, whoever else may reach it.
        endpoint_private_access=True,
        endpoint_public_access=bool(public),
        public_access_cidrs=public or None,
    )


def _cluster_security_group_id(config: eks.outputs.ClusterVpcConfig) -> str:
    if config.cluster_security_group_id is None:
        raise ValueError("EKS reported a cluster without its security group")
    return config.cluster_security_group_id


def _check(args: ClusterArgs) -> None:
    if not args.node_groups:
        raise ValueError(f"cluster {args.name} has no node group: nothing could run on it")
    world = [cidr for cidr in args.public_access_cidrs if cidr.endswith("/0")]
    if world:
        raise ValueError(f"public_access_cidrs opens the API of {args.name} to the world: {world}")
