"""Cases of `policies/rules/nodes.py` and `policies/rules/addons.py`."""

from policies.rules import addons, nodes
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft

group = "aws:eks/nodeGroup:NodeGroup"
template = "aws:ec2/launchTemplate:LaunchTemplate"
addon = "aws:eks/addon:Addon"
ingress_rule = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"


@violates(nodes.metadata_v2)
def pods_get_the_nodes_role(draft: Draft) -> None:
    draft.set(draft.node(template), "metadataOptions", "httpPutResponseHopLimit", to=2)


@violates(nodes.metadata_v2)
def the_old_metadata_service_answers(draft: Draft) -> None:
    draft.unset(draft.node(template), "metadataOptions", "httpTokens")


@spares(nodes.metadata_v2)
def tags_are_in_the_metadata(draft: Draft) -> None:
    draft.set(draft.node(template), "metadataOptions", "instanceMetadataTags", to="enabled")


@violates(nodes.no_ssh)
def a_key_opens_the_nodes(draft: Draft) -> None:
    draft.set(draft.node(group), "remoteAccess", to={"ec2SshKey": "operations"})


@violates(nodes.no_ssh)
def the_template_names_a_key(draft: Draft) -> None:
    draft.set(draft.node(template), "keyName", to="operations")


@violates(nodes.no_ssh)
def port_22_is_open_to_the_network(draft: Draft) -> None:
    owner = draft.node("aws:ec2/securityGroup:SecurityGroup", "endpoints-access")
    draft.add(
        ingress_rule,
        "ssh",
        {"ipProtocol": "tcp", "fromPort": 20, "toPort": 30, "cidrIpv4": "10.20.0.0/16"},
        {"securityGroupId": [owner]},
    )


@spares(nodes.no_ssh)
def port_2222_is_another_port(draft: Draft) -> None:
    owner = draft.node("aws:ec2/securityGroup:SecurityGroup", "endpoints-access")
    draft.add(
        ingress_rule,
        "near",
        {"ipProtocol": "tcp", "fromPort": 2222, "toPort": 2222, "cidrIpv4": "10.20.0.0/16"},
        {"securityGroupId": [owner]},
    )


@violates(nodes.disk_encrypted)
def the_disk_is_readable(draft: Draft) -> None:
    draft.set(draft.node(template), "blockDeviceMappings", 0, "ebs", "encrypted", to="false")


@violates(nodes.disk_encrypted)
def the_disk_is_of_the_old_kind(draft: Draft) -> None:
    draft.set(draft.node(template), "blockDeviceMappings", 0, "ebs", "volumeType", to="gp2")


@spares(nodes.disk_encrypted)
def the_disk_is_larger(draft: Draft) -> None:
    draft.set(draft.node(template), "blockDeviceMappings", 0, "ebs", "volumeSize", to=60)


@violates(nodes.update_bounded)
def an_update_takes_half_of_the_nodes(draft: Draft) -> None:
    draft.set(draft.node(group), "updateConfig", "maxUnavailablePercentage", to=50)


@violates(nodes.update_bounded)
def broken_nodes_stay(draft: Draft) -> None:
    draft.unset(draft.node(group), "nodeRepairConfig")


@violates(nodes.update_bounded)
def each_update_undoes_the_autoscaler(draft: Draft) -> None:
    draft.options(draft.node(group), ignore_changes=())


@spares(nodes.update_bounded)
def an_update_takes_node_by_node(draft: Draft) -> None:
    draft.set(draft.node(group), "updateConfig", to={"maxUnavailable": 1})


@violates(nodes.version_matches)
def nodes_lag_behind_without_a_word(draft: Draft) -> None:
    draft.set(draft.node(group), "version", to="1.35")


@violates(nodes.version_matches)
def nodes_are_ahead_of_the_cluster(draft: Draft) -> None:
    draft.set(draft.node(group), "version", to="1.37")


@spares(nodes.version_matches)
def the_machine_image_is_pinned(draft: Draft) -> None:
    draft.set(draft.node(group), "releaseVersion", to="1.36.0-20261101")


@violates(addons.pinned)
def an_addon_has_no_exact_version(draft: Draft) -> None:
    draft.set(draft.node(addon, "cluster-platform-coredns"), "addonVersion", to="v1.14.3")


@violates(addons.pinned)
def an_addon_is_left_to_aws(draft: Draft) -> None:
    draft.remove(draft.node(addon, "cluster-platform-eks-node-monitoring-agent"))


@violates(addons.pinned)
def kube_proxy_is_ahead_of_the_cluster(draft: Draft) -> None:
    draft.set(draft.node(addon, "cluster-nodes-kube-proxy"), "addonVersion", to="v1.37.0-eksbuild.1")


@violates(addons.pinned)
def nodes_do_not_wait_for_their_network(draft: Draft) -> None:
    network = draft.node(addon, "cluster-nodes-vpc-cni")
    draft.remove(network)
    draft.add(
        addon,
        "late-network",
        network.properties.raw,
        {"clusterName": [draft.node("aws:eks/cluster:Cluster")]},
    )


@spares(addons.pinned)
def an_addon_has_a_newer_build(draft: Draft) -> None:
    draft.set(draft.node(addon, "cluster-platform-coredns"), "addonVersion", to="v1.14.3-eksbuild.30")


@violates(addons.network_policy)
def nobody_enforces_network_policies(draft: Draft) -> None:
    draft.set(draft.node(addon, "cluster-nodes-vpc-cni"), "configurationValues", to="{}")


@violates(addons.network_policy)
def the_switch_is_no_text(draft: Draft) -> None:
    network = draft.node(addon, "cluster-nodes-vpc-cni")
    draft.set(network, "configurationValues", to='{"enableNetworkPolicy": true}')


@spares(addons.network_policy)
def policies_are_enforced_without_prefixes(draft: Draft) -> None:
    network = draft.node(addon, "cluster-nodes-vpc-cni")
    draft.set(network, "configurationValues", to='{"enableNetworkPolicy": "true"}')
