"""The cluster: control plane, access, add-ons, node groups, provider."""

import base64
import json
from dataclasses import replace

import pulumi
import pytest

from components.access_entries import Members
from components.addons import AddonVersions
from components.cluster import Cluster, ClusterArgs, kubeconfig
from components.node_group import NodeGroupSettings, ami_type
from tests.support.recorder import Recorder
from tests.unit.conftest import Deploy

CLUSTER = "aws:eks/cluster:Cluster"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
ADDON = "aws:eks/addon:Addon"
ENTRY = "aws:eks/accessEntry:AccessEntry"
POLICY = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
IDENTITY = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
PROVIDER = "pulumi:providers:kubernetes"

KEY = "arn:aws:kms:us-east-1:111111111111:key/data"
ROLE = "arn:aws:iam::111111111111:role"
DEPLOYER = "arn:aws:iam::111111111111:role/intendly-deployer"
GENERAL = NodeGroupSettings(
    instance_type="m6i.xlarge", min_size=5, max_size=20, desired_size=8, disk_size_gib=50, max_pods=110
)
ARGS = ClusterArgs(
    name="intendly-test-eks",
    region="us-east-1",
    version="1.36",
    support="extended",
    service_cidr="172.20.0.0/16",
    control_plane_subnet_ids=["subnet-cp1", "subnet-cp2"],
    node_subnet_ids=["subnet-n1", "subnet-n2"],
    public_access_cidrs=[],
    key_arn=KEY,
    log_retention_days=90,
    deletion_protection=True,
    zonal_shift=True,
    protect=True,
    deployer_role_arn=DEPLOYER,
    members={
        "operator": Members(group="intendly-operators", role_arns=[f"{ROLE}/people/operator"]),
        "auditor": Members(group="intendly-auditors", role_arns=[f"{ROLE}/auditor"]),
    },
    addons=AddonVersions(
        vpc_cni="v1.22.4-eksbuild.3",
        coredns="v1.14.3-eksbuild.23",
        kube_proxy="v1.36.0-eksbuild.25",
        pod_identity_agent="v1.3.10-eksbuild.3",
        ebs_csi_driver="v1.63.1-eksbuild.1",
        node_monitoring_agent="v1.6.5-eksbuild.1",
        metrics_server="v0.8.1-eksbuild.10",
    ),
    node_groups={"general": GENERAL},
    tags={"Project": "intendly", "Environment": "test"},
)


def built(deploy: Deploy, args: ClusterArgs = ARGS) -> Recorder:
    return deploy(lambda: Cluster("cluster", args))


def test_the_control_plane_is_what_was_asked_for(deploy: Deploy) -> None:
    cluster = built(deploy).only(CLUSTER)
    assert cluster["name"] == "intendly-test-eks"
    assert cluster["version"] == "1.36"
    assert cluster["upgradePolicy"] == {"supportType": "EXTENDED"}
    assert cluster["kubernetesNetworkConfig"] == {"ipFamily": "ipv4", "serviceIpv4Cidr": "172.20.0.0/16"}
    assert cluster["vpcConfig"]["subnetIds"] == ["subnet-cp1", "subnet-cp2"]
    assert cluster["zonalShiftConfig"] == {"enabled": True}
    assert cluster["bootstrapSelfManagedAddons"] is False


def test_kubernetes_secrets_are_encrypted_with_the_stacks_key(deploy: Deploy) -> None:
    assert built(deploy).only(CLUSTER)["encryptionConfig"] == {
        "provider": {"keyArn": KEY},
        "resources": ["secrets"],
    }


def test_only_access_entries_let_anybody_in(deploy: Deploy) -> None:
    assert built(deploy).only(CLUSTER)["accessConfig"] == {
        "authenticationMode": "API",
        "bootstrapClusterCreatorAdminPermissions": False,
    }


def test_all_logs_go_to_a_group_that_was_there_first(deploy: Deploy) -> None:
    recorder = built(deploy)
    cluster, logs = recorder.only(CLUSTER), recorder.only(LOG_GROUP)
    assert set(cluster["enabledClusterLogTypes"]) == {
        "api",
        "audit",
        "authenticator",
        "controllerManager",
        "scheduler",
    }
    assert logs["name"] == "/aws/eks/intendly-test-eks/cluster"
    assert logs["retentionInDays"] == 90
    assert logs["kmsKeyId"] == KEY
    assert recorder.follows(cluster, logs)


def test_the_api_is_private_unless_ranges_are_named(deploy: Deploy) -> None:
    config = built(deploy).only(CLUSTER)["vpcConfig"]
    assert (config["endpointPrivateAccess"], config["endpointPublicAccess"]) == (True, False)
    assert "publicAccessCidrs" not in config
    named = built(deploy, replace(ARGS, public_access_cidrs=["192.0.2.0/24"])).only(CLUSTER)["vpcConfig"]
    assert (named["endpointPrivateAccess"], named["endpointPublicAccess"]) == (True, True)
    assert named["publicAccessCidrs"] == ["192.0.2.0/24"]


@pytest.mark.parametrize("guarded", [True, False])
def test_both_guards_against_deletion_follow_the_arguments(deploy: Deploy, *, guarded: bool) -> None:
    args = replace(ARGS, protect=guarded, deletion_protection=guarded)
    cluster = built(deploy, args).only(CLUSTER)
    assert cluster.protect is guarded
    assert cluster["deletionProtection"] is guarded


def test_the_cluster_waits_for_its_roles_permissions(deploy: Deploy) -> None:
    recorder = built(deploy)
    policy = recorder.named(ATTACHMENT, "cluster-control-plane-AmazonEKSClusterPolicy")
    assert recorder.follows(recorder.only(CLUSTER), policy)


def test_the_deployer_administers_before_the_provider_is_used(deploy: Deploy) -> None:
    recorder = built(deploy)
    association = recorder.only(POLICY)
    assert association["principalArn"] == DEPLOYER
    assert association["policyArn"].endswith("cluster-access-policy/AmazonEKSClusterAdminPolicy")
    assert association["accessScope"] == {"type": "cluster"}
    assert recorder.follows(association, recorder.named(ENTRY, "cluster-deployer"))
    assert recorder.follows(recorder.only(PROVIDER), association)


def test_people_enter_as_groups_and_hold_no_access_policy(deploy: Deploy) -> None:
    recorder = built(deploy)
    operator = recorder.named(ENTRY, "cluster-operator-people-operator")
    assert operator["principalArn"] == f"{ROLE}/people/operator"
    assert operator["kubernetesGroups"] == ["intendly-operators"]
    assert recorder.named(ENTRY, "cluster-auditor-auditor")["kubernetesGroups"] == ["intendly-auditors"]
    assert len(recorder.all(POLICY)) == 1


def test_the_addons_are_the_pinned_ones_and_win_conflicts(deploy: Deploy) -> None:
    addons = {one["addonName"]: one for one in built(deploy).all(ADDON)}
    assert {name: addon["addonVersion"] for name, addon in addons.items()} == {
        "vpc-cni": "v1.22.4-eksbuild.3",
        "kube-proxy": "v1.36.0-eksbuild.25",
        "eks-pod-identity-agent": "v1.3.10-eksbuild.3",
        "coredns": "v1.14.3-eksbuild.23",
        "aws-ebs-csi-driver": "v1.63.1-eksbuild.1",
        "metrics-server": "v0.8.1-eksbuild.10",
        "eks-node-monitoring-agent": "v1.6.5-eksbuild.1",
    }
    for addon in addons.values():
        assert addon["resolveConflictsOnCreate"] == addon["resolveConflictsOnUpdate"] == "OVERWRITE"


def test_the_network_addon_enforces_policies_and_delegates_prefixes_in_text_values(deploy: Deploy) -> None:
    [addon] = [one for one in built(deploy).all(ADDON) if one["addonName"] == "vpc-cni"]
    assert json.loads(addon["configurationValues"]) == {
        "enableNetworkPolicy": "true",
        "env": {"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"},
    }


@pytest.mark.parametrize(
    ("addon", "before_nodes"),
    [
        ("vpc-cni", True),
        ("kube-proxy", True),
        ("eks-pod-identity-agent", True),
        ("coredns", False),
        ("aws-ebs-csi-driver", False),
        ("metrics-server", False),
        ("eks-node-monitoring-agent", False),
    ],
)
def test_what_nodes_need_precedes_them_and_what_needs_nodes_follows(
    deploy: Deploy, addon: str, *, before_nodes: bool
) -> None:
    recorder = built(deploy)
    nodes = recorder.only(NODE_GROUP)
    [found] = [one for one in recorder.all(ADDON) if one["addonName"] == addon]
    assert recorder.follows(nodes, found) is before_nodes
    assert recorder.follows(found, nodes) is not before_nodes


@pytest.mark.parametrize(
    ("account", "policy", "addon"),
    [
        ("aws-node", "AmazonEKS_CNI_Policy", "vpc-cni"),
        ("ebs-csi-controller-sa", "AmazonEBSCSIDriverPolicy", "aws-ebs-csi-driver"),
    ],
)
def test_addons_find_their_own_permissions_ready(
    deploy: Deploy, account: str, policy: str, addon: str
) -> None:
    recorder = built(deploy)
    [identity] = [one for one in recorder.all(IDENTITY) if one["serviceAccount"] == account]
    [attachment] = [one for one in recorder.all(ATTACHMENT) if one["policyArn"].endswith(f"/{policy}")]
    [found] = [one for one in recorder.all(ADDON) if one["addonName"] == addon]
    assert identity["namespace"] == "kube-system"
    assert identity["roleArn"].endswith(f"/{attachment['role']}")
    assert recorder.follows(found, identity)


def test_nodes_wait_for_the_networks_permissions_and_their_own(deploy: Deploy) -> None:
    recorder = built(deploy)
    nodes = recorder.only(NODE_GROUP)
    [network] = [one for one in recorder.all(IDENTITY) if one["serviceAccount"] == "aws-node"]
    own = [one for one in recorder.all(ATTACHMENT) if one.name.startswith("cluster-nodes-Amazon")]
    assert {one["policyArn"].rpartition("/")[2] for one in own} == {
        "AmazonEKSWorkerNodePolicy",
        "AmazonEC2ContainerRegistryPullOnly",
    }
    assert all(recorder.follows(nodes, one) for one in [network, *own])


def test_a_node_group_may_be_replaced_and_grown(deploy: Deploy) -> None:
    nodes = built(deploy).only(NODE_GROUP)
    assert nodes["nodeGroupNamePrefix"] == "general-"
    assert "nodeGroupName" not in nodes.inputs
    assert nodes["scalingConfig"] == {"minSize": 5, "maxSize": 20, "desiredSize": 8}
    assert nodes.ignore_changes == ("scalingConfig.desiredSize",)
    assert nodes["updateConfig"] == {"maxUnavailablePercentage": 33}
    assert nodes["nodeRepairConfig"] == {"enabled": True}


def test_a_node_group_has_the_clusters_version_and_names_kind_and_image(deploy: Deploy) -> None:
    nodes = built(deploy).only(NODE_GROUP)
    assert nodes["version"] == "1.36"
    assert nodes["amiType"] == "AL2023_x86_64_STANDARD"
    assert nodes["instanceTypes"] == ["m6i.xlarge"]
    assert nodes["subnetIds"] == ["subnet-n1", "subnet-n2"]
    # EKS refuses each of these beside a launch template.
    assert not {"diskSize", "remoteAccess"} & nodes.inputs.keys()


def test_nodes_may_stay_one_version_behind_while_the_control_plane_goes_first(deploy: Deploy) -> None:
    held = replace(GENERAL, kubernetes_version="1.35")
    recorder = built(deploy, replace(ARGS, node_groups={"general": held, "second": GENERAL}))
    assert recorder.only(CLUSTER)["version"] == "1.36"
    assert recorder.named(NODE_GROUP, "cluster-general-group")["version"] == "1.35"
    assert recorder.named(NODE_GROUP, "cluster-second-group")["version"] == "1.36"


def test_the_control_plane_is_upgraded_before_nodes_and_addons(deploy: Deploy) -> None:
    recorder = built(deploy)
    control_plane = recorder.only(CLUSTER)
    assert recorder.follows(recorder.only(NODE_GROUP), control_plane)
    assert all(recorder.follows(one, control_plane) for one in recorder.all(ADDON))


def test_nodes_follow_the_templates_number_never_latest(deploy: Deploy) -> None:
    assert built(deploy).only(NODE_GROUP)["launchTemplate"] == {
        "id": "cluster-general-template-id",
        "version": "7",
    }


def test_the_launch_template_keeps_metadata_from_pods_and_encrypts_the_disk(deploy: Deploy) -> None:
    template = built(deploy).only(TEMPLATE)
    assert template["metadataOptions"] == {
        "httpEndpoint": "enabled",
        "httpTokens": "required",
        "httpPutResponseHopLimit": 1,
    }
    [disk] = template["blockDeviceMappings"]
    assert disk["ebs"] == {
        "volumeSize": 50,
        "volumeType": "gp3",
        "encrypted": "true",
        "deleteOnTermination": "true",
    }
    # EKS refuses or loses nodes over each of these.
    assert not {"instanceType", "imageId", "vpcSecurityGroupIds", "keyName"} & template.inputs.keys()


def test_instances_volumes_and_interfaces_carry_the_stacks_tags(deploy: Deploy) -> None:
    tagged = {one["resourceType"]: one["tags"] for one in built(deploy).only(TEMPLATE)["tagSpecifications"]}
    assert tagged.keys() == {"instance", "volume", "network-interface"}
    assert all(tags.items() >= dict(ARGS.tags).items() for tags in tagged.values())


def test_nodes_are_told_how_many_pods_they_take(deploy: Deploy) -> None:
    text = base64.b64decode(built(deploy).only(TEMPLATE)["userData"]).decode()
    assert text.startswith("MIME-Version: 1.0\nContent-Type: multipart/mixed;")
    assert "Content-Type: application/node.eks.aws\n\napiVersion: node.eks.aws/v1alpha1" in text
    assert "      maxPods: 110\n" in text
    assert text.endswith("--//--\n")


@pytest.mark.parametrize(
    ("instance_type", "architecture"),
    [
        ("m6i.xlarge", "x86_64"),
        ("t3.large", "x86_64"),
        ("g6.xlarge", "x86_64"),
        ("c7gn.large", "ARM_64"),
        ("t4g.medium", "ARM_64"),
        ("a1.large", "ARM_64"),
    ],
)
def test_the_image_fits_the_instance_type(instance_type: str, architecture: str) -> None:
    assert ami_type(instance_type) == f"AL2023_{architecture}_STANDARD"


def test_two_groups_live_side_by_side(deploy: Deploy) -> None:
    second = replace(GENERAL, instance_type="m7g.xlarge")
    recorder = built(deploy, replace(ARGS, node_groups={"general": GENERAL, "arm": second}))
    component = recorder.only("intendly:cluster:Cluster")
    assert recorder.outputs[component.urn]["autoscaling_group_names"] == {
        "general": "eks-cluster-general-group",
        "arm": "eks-cluster-arm-group",
    }
    assert {one["name"] for one in recorder.all(TEMPLATE)} == {
        "intendly-test-eks-general",
        "intendly-test-eks-arm",
    }


def test_kubernetes_objects_come_after_nodes_and_addons_and_go_before_them(deploy: Deploy) -> None:
    recorder = built(deploy)
    provider = recorder.only(PROVIDER)
    assert all(recorder.follows(provider, one) for one in recorder.all(ADDON))
    assert recorder.follows(provider, recorder.only(NODE_GROUP))


def test_the_provider_patches_in_place_and_knows_its_cluster(deploy: Deploy) -> None:
    provider = built(deploy).only(PROVIDER)
    assert provider["clusterIdentifier"].endswith("cluster/intendly-test-eks")
    switches = (
        "enableServerSideApply",
        "enablePatchForce",
        "enableConfigMapMutable",
        "enableSecretMutable",
    )
    for switch in switches:
        assert provider[switch] == "true"


def test_the_kubeconfig_asks_aws_for_a_token_of_whoever_runs_the_engine() -> None:
    config = json.loads(kubeconfig("intendly-test-eks", "https://api", "Y2E=", region="us-east-1"))
    [cluster], [user] = config["clusters"], config["users"]
    assert cluster["cluster"] == {"server": "https://api", "certificate-authority-data": "Y2E="}
    command = user["user"]["exec"]
    assert command["apiVersion"] == "client.authentication.k8s.io/v1"
    assert " ".join([command["command"], *command["args"]]) == (
        "aws eks get-token --cluster-name intendly-test-eks --region us-east-1 --output json"
    )
    assert config["current-context"] == config["contexts"][0]["name"]


def test_outputs_say_where_the_api_is_and_are_no_kubeconfig(deploy: Deploy) -> None:
    recorder = built(deploy)
    outputs = recorder.outputs[recorder.only("intendly:cluster:Cluster").urn]
    assert outputs["endpoint"].startswith("https://cluster-control-plane.")
    assert outputs["security_group_id"] == "sg-cluster"
    assert not [key for key, value in outputs.items() if "get-token" in str(value)]


def test_the_provider_reaches_every_child(deploy: Deploy) -> None:
    """Default providers are off: a child without `parent` would have none at all."""

    def program() -> None:
        import pulumi_aws as aws  # noqa: PLC0415 - the one test that needs it

        provider = aws.Provider("aws", region="us-east-1")
        Cluster("cluster", ARGS, pulumi.ResourceOptions(providers=[provider]))

    recorder = deploy(program)
    ours = [one for one in recorder.registrations if one.type.startswith("aws:")]
    assert ours
    assert [one.name for one in ours if "::aws" not in one.provider] == []


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (replace(ARGS, node_groups={}), "has no node group"),
        (replace(ARGS, public_access_cidrs=["192.0.2.0/24", "0.0.0.0/0"]), "to the world"),
        (
            replace(ARGS, deployer_role_arn="arn:aws:sts::111111111111:assumed-role/intendly-deployer/me"),
            "is no IAM role's ARN",
        ),
        (
            replace(ARGS, members={"operator": Members(group="x", role_arns=["operator"])}),
            "'operator' is no IAM role's ARN",
        ),
    ],
)
def test_arguments_that_cannot_work_are_refused(deploy: Deploy, args: ClusterArgs, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        built(deploy, args)
