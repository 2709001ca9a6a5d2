"""The cluster autoscaler: its values, its permissions, its order."""

import json
from typing import Any

import pytest

from components.cluster_autoscaler import (
    ClusterAutoscaler,
    ClusterAutoscalerArgs,
    autoscaler_image,
    autoscaler_policy,
    cluster_autoscaler_values,
)
from components.monitoring.definitions import MonitoringDefinitions
from components.versions import CLUSTER_AUTOSCALER_IMAGES
from tests.support.recorder import Recorder
from tests.unit.conftest import Deploy

RELEASE = "kubernetes:helm.sh/v3:Release"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
POLICY = "aws:iam/rolePolicy:RolePolicy"
CLUSTER = "intendly-test-eks"


def autoscaler() -> None:
    definitions = MonitoringDefinitions(
        "definitions", namespace="monitoring", chart_repository="https://charts.example"
    )
    ClusterAutoscaler(
        "cluster-autoscaler",
        ClusterAutoscalerArgs(
            cluster_name=CLUSTER,
            kubernetes_version="1.36",
            account_id="111111111111",
            region="us-east-1",
            role_name="intendly-test-cluster-autoscaler",
            chart_repository="https://autoscaler.example",
            monitoring_definitions=definitions,
        ),
    )


@pytest.fixture
def made(deploy: Deploy) -> Recorder:
    return deploy(autoscaler)


def values() -> dict[str, Any]:
    return cluster_autoscaler_values(cluster_name=CLUSTER, region="us-east-1", kubernetes_version="1.36")


def statements() -> list[dict[str, Any]]:
    text = autoscaler_policy(CLUSTER, account_id="111111111111", region="us-east-1")
    return json.loads(text)["Statement"]


def test_it_is_installed_into_kube_system_after_its_permissions_and_definitions(made: Recorder) -> None:
    found = made.named(RELEASE, "cluster-autoscaler-release")
    assert (found["chart"], found["version"], found["namespace"]) == (
        "cluster-autoscaler",
        "9.59.0",
        "kube-system",
    )
    assert found["repositoryOpts"] == {"repo": "https://autoscaler.example"}
    assert made.follows(found, made.only(ASSOCIATION))
    assert made.follows(found, made.named(RELEASE, "definitions-release"))


def test_the_association_is_for_the_account_that_the_chart_makes(made: Recorder) -> None:
    identity = made.only(ASSOCIATION)
    assert (identity["namespace"], identity["serviceAccount"]) == ("kube-system", "cluster-autoscaler")
    assert values()["fullnameOverride"] == identity["serviceAccount"]
    assert json.loads(made.only(POLICY)["policy"])["Statement"] == statements()


@pytest.mark.parametrize("version", CLUSTER_AUTOSCALER_IMAGES)
def test_the_image_is_of_the_clusters_minor_version(version: str) -> None:
    assert autoscaler_image(version).startswith(f"v{version}.")


def test_a_cluster_without_a_pinned_image_is_refused() -> None:
    with pytest.raises(ValueError, match=r"pinned for Kubernetes 1\.37; known: .*1\.36"):
        autoscaler_image("1.37")


def test_one_of_two_pods_leads_on_whatever_group_wastes_least() -> None:
    made = values()
    assert made["replicaCount"] == 2
    assert made["image"] == {"tag": "v1.36.1"}
    assert made["awsRegion"] == "us-east-1"
    assert made["autoDiscovery"] == {"clusterName": CLUSTER}
    assert made["extraArgs"]["expander"] == "least-waste"
    assert made["extraArgs"]["balance-similar-node-groups"] is True


def test_pods_with_a_scratch_volume_do_not_hold_their_node() -> None:
    arguments = values()["extraArgs"]
    assert arguments["skip-nodes-with-local-storage"] is False
    assert arguments["skip-nodes-with-system-pods"] is False


def test_its_pods_pass_pod_security_restricted() -> None:
    pod, container = values()["securityContext"], values()["containerSecurityContext"]
    assert (pod["runAsNonRoot"], pod["seccompProfile"]) == (True, {"type": "RuntimeDefault"})
    assert container["allowPrivilegeEscalation"] is False
    assert container["capabilities"] == {"drop": ["ALL"]}


def test_prometheus_finds_its_monitor_beside_its_service() -> None:
    monitor = values()["serviceMonitor"]
    assert (monitor["enabled"], monitor["namespace"]) == (True, "kube-system")


def test_it_changes_only_groups_with_the_clusters_tag() -> None:
    changing = [one for one in statements() if "autoscaling:SetDesiredCapacity" in one["Action"]]
    [change] = changing
    assert set(change["Action"]) == {
        "autoscaling:SetDesiredCapacity",
        "autoscaling:TerminateInstanceInAutoScalingGroup",
    }
    assert change["Resource"] == "arn:aws:autoscaling:us-east-1:111111111111:autoScalingGroup:*"
    assert change["Condition"] == {
        "StringEquals": {
            "aws:ResourceTag/k8s.io/cluster-autoscaler/enabled": "true",
            f"aws:ResourceTag/k8s.io/cluster-autoscaler/{CLUSTER}": "owned",
        }
    }


def test_what_no_resource_narrows_only_reads() -> None:
    for statement in statements():
        if statement["Resource"] == "*":
            verbs = {action.partition(":")[2] for action in statement["Action"]}
            assert all(verb.startswith(("Describe", "Get")) for verb in verbs), verbs
    reads = {action for one in statements() for action in one["Action"]}
    assert {"autoscaling:DescribeAutoScalingGroups", "ec2:DescribeInstanceTypes"} <= reads
    [group] = [one for one in statements() if one["Action"] == ["eks:DescribeNodegroup"]]
    assert group["Resource"] == f"arn:aws:eks:us-east-1:111111111111:nodegroup/{CLUSTER}/*/*"
