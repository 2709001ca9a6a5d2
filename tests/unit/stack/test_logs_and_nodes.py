"""Facts of the whole graph about logs, nodes and the credentials of what looks after them."""

import pytest

from components.traffic.declaration import CLOSED
from tests.support.stacks import STACKS, RecordedStack, recorded

LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
RELEASE = "kubernetes:helm.sh/v3:Release"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
NAMESPACE = "kubernetes:core/v1:Namespace"


@pytest.fixture(params=STACKS)
def stack(request: pytest.FixtureRequest) -> RecordedStack:
    return recorded(request.param)


def test_every_log_group_ends_and_is_encrypted(stack: RecordedStack) -> None:
    key = stack.made.named("aws:kms/key:Key", "data-key-key")
    groups = stack.made.all(LOG_GROUP)
    assert len(groups) >= 4
    for group in groups:
        assert group["retentionInDays"] > 0, group["name"]
        assert group["kmsKeyId"].endswith("key/data-key-key-0123456"), group["name"]
        assert stack.made.follows(group, key)


def test_pods_logs_go_to_groups_of_the_graph(stack: RecordedStack) -> None:
    groups = {one["name"] for one in stack.made.all(LOG_GROUP)}
    [collector] = [one for one in stack.made.all(RELEASE) if one["name"] == "aws-for-fluent-bit"]
    assert collector["values"]["cloudWatchLogs"]["logGroupName"] in groups
    lines = dict(line.split(maxsplit=1) for line in collector["values"]["additionalOutputs"].splitlines()[1:])
    assert lines["log_group_name"] in groups


def test_the_autoscaler_is_of_the_clusters_version(stack: RecordedStack) -> None:
    [release] = [one for one in stack.made.all(RELEASE) if one["name"] == "cluster-autoscaler"]
    version = stack.made.only("aws:eks/cluster:Cluster")["version"]
    assert release["values"]["image"]["tag"].startswith(f"v{version}.")
    assert release["values"]["autoDiscovery"]["clusterName"] == stack.outputs["cluster"]["name"]


def test_each_workload_that_uses_aws_has_a_role_of_its_own(stack: RecordedStack) -> None:
    identities = stack.made.all(ASSOCIATION)
    accounts = {(one["namespace"], one["serviceAccount"]) for one in identities}
    assert {
        ("kube-system", "cluster-autoscaler"),
        ("logging", "fluent-bit"),
        ("external-secrets", "external-secrets"),
        ("cert-manager", "cert-manager"),
    } <= accounts
    assert len(accounts) == len(identities) == len({one["roleArn"] for one in identities})
    namespaces = {one["metadata"]["name"] for one in stack.made.all(NAMESPACE)} | {"kube-system"}
    assert {namespace for namespace, _ in accounts} <= namespaces


def test_no_privileged_namespace_is_one_that_clients_reach(stack: RecordedStack) -> None:
    privileged = {
        one["metadata"]["name"]
        for one in stack.made.all(NAMESPACE)
        if one["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "privileged"
    }
    assert privileged == {"node-exporter", "logging"}
    assert privileged.isdisjoint(CLOSED)


def test_the_one_default_storage_class_is_encrypted_gp3(stack: RecordedStack) -> None:
    [default] = [
        one
        for one in stack.made.all("kubernetes:storage.k8s.io/v1:StorageClass")
        if one["metadata"].get("annotations", {}).get("storageclass.kubernetes.io/is-default-class") == "true"
    ]
    assert default["parameters"] == {"type": "gp3", "encrypted": "true"}
    # EBS volumes live in one zone: a volume made before its pod is scheduled may be in the wrong one.
    assert default["volumeBindingMode"] == "WaitForFirstConsumer"


def test_unhealthy_nodes_are_replaced_and_the_agent_that_sees_them_is_there(stack: RecordedStack) -> None:
    for group in stack.made.all("aws:eks/nodeGroup:NodeGroup"):
        assert group["nodeRepairConfig"] == {"enabled": True}
    addons = {one["addonName"] for one in stack.made.all("aws:eks/addon:Addon")}
    assert "eks-node-monitoring-agent" in addons
