"""EKS's add-ons."""

import re
from collections.abc import Iterator

from infra.settings.rules.versions import PROXY_MAY_LAG, minor
from policies.graph import Graph, Node
from policies.kubernetes import NETWORK_POLICY
from policies.node_groups import groups
from policies.reach import CLUSTER
from policies.rule import Rule, Scene, Severity, rule

ADDON = "aws:eks/addon:Addon"

NETWORK = "vpc-cni"
ADDONS = (
    NETWORK,
    "kube-proxy",
    "coredns",
    "eks-pod-identity-agent",
    "aws-ebs-csi-driver",
    "eks-node-monitoring-agent",
    "metrics-server",
)
"""What the platform stands on: network, names, identities, volumes, repair, figures for autoscalers."""

EXACT = re.compile(r"v\d+\.\d+\.\d+-eksbuild\.\d+")


def _addons(cluster: Node, graph: Graph) -> dict[str, Node]:
    return {str(one.at("addonName")): one for one in graph.users(cluster, "clusterName", ADDON)}


@rule("addons-pinned", CLUSTER, source="EKS best practices, cluster upgrades")
def pinned(cluster: Node, scene: Scene) -> Iterator[str]:
    """Each add-on is there in an exact version: nothing changes unasked, and nodes find their network when they start.

    Whether EKS has a build for the cluster's version is known to its API alone (`describe-addon-versions`); that
    kube-proxy is of a fitting minor version is decided here.
    """
    found = _addons(cluster, scene.graph)
    yield from (f"the add-on {name} is missing" for name in ADDONS if name not in found)
    for name, addon in found.items():
        version = str(addon.at("addonVersion"))
        if not EXACT.fullmatch(version):
            yield f"{name} has no exact version such as v1.2.3-eksbuild.4"
        elif name == "kube-proxy":
            lag = minor(str(cluster.at("version"))) - minor(version)
            if not 0 <= lag <= PROXY_MAY_LAG:
                yield f"{name} {version} does not fit version {cluster.at('version')} of the cluster"
    network = found.get(NETWORK)
    for group in groups(cluster, scene.graph) if network else ():
        if network and network.urn not in group.dependencies:
            yield f"{group.name} does not wait for {NETWORK}: its nodes would not become Ready"


def _network_addons(graph: Graph) -> Iterator[Node]:
    return (addon for addon in graph.of(ADDON) if addon.at("addonName") == NETWORK)


@rule("addons-network-policy", _network_addons, severity=Severity.CRITICAL, source="CIS-EKS 4.3.1")
def network_policy(addon: Node, scene: Scene) -> Iterator[str]:
    """The API server takes every NetworkPolicy; without this switch nobody enforces any."""
    policies = scene.graph.of(NETWORK_POLICY)
    # A text: the add-on's schema refuses a boolean.
    if policies and addon.document("configurationValues").at("enableNetworkPolicy") != "true":
        yield f'configurationValues.enableNetworkPolicy is not "true", and {len(policies)} policies are nothing'


RULES: tuple[Rule, ...] = (pinned, network_policy)
