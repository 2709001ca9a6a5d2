"""Nodes: who gets into them, how they are replaced, and whether there can be enough of them."""

from collections.abc import Iterator

from infra.settings.rules.versions import NODES_MAY_LAG, minor
from policies.graph import Graph, Node
from policies.kubernetes import RELEASE
from policies.node_groups import clusters, templates
from policies.reach import NODE_GROUP
from policies.rule import Level, Rule, Scene, Severity, rule
from policies.security_groups import GROUP, INGRESS_RULE, OLD_RULE, openings

SSH = 22
UNAVAILABLE_PERCENT = 33
"""Nodes that an update may take away at once: a third, as if a zone had failed."""


@rule(
    "nodes-metadata-v2",
    NODE_GROUP,
    severity=Severity.CRITICAL,
    source="CKV_AWS_79/341, CIS-AWS 3.0 5.6",
)
def metadata_v2(group: Node, scene: Scene) -> Iterator[str]:
    """A pod that asks the node's metadata gets the node's role; a token that dies after one hop keeps it out."""
    found = templates(group, scene.graph)
    if not found:
        yield "it has no launch template of the program, so AWS's defaults hold"
    for template in found:
        if template.at("metadataOptions", "httpTokens") != "required":
            yield "metadataOptions.httpTokens is not required"
        if template.at("metadataOptions", "httpPutResponseHopLimit") != 1:
            yield "metadataOptions.httpPutResponseHopLimit is not 1"


@rule(
    "nodes-no-ssh", NODE_GROUP, GROUP, OLD_RULE, INGRESS_RULE, source="CKV_AWS_100, EKS best practices, hosts"
)
def no_ssh(node: Node, scene: Scene) -> Iterator[str]:
    """Whoever must get into a node comes by Systems Manager, with a name and a log, not with a key that is passed on."""
    if node.type != NODE_GROUP:
        for opening in openings(node, scene.graph):
            if opening.protocol in ("tcp", "6") and SSH in opening.ports:
                yield f"it opens port {SSH}"
        return
    if node.has("remoteAccess"):
        yield "remoteAccess lets keys in"
    if any(template.has("keyName") for template in templates(node, scene.graph)):
        yield "its launch template names a key"


@rule("nodes-disk-encrypted", NODE_GROUP, source="CIS-AWS 2.2.1, AWSGuard encrypted-volumes")
def disk_encrypted(group: Node, scene: Scene) -> Iterator[str]:
    """Images, logs and memory that pods write lie on the node's disk, and disks outlive nodes as snapshots."""
    disks = [
        mapping for one in templates(group, scene.graph) for mapping in one.records("blockDeviceMappings")
    ]
    if not disks:
        yield "its launch template says nothing about its disk"
    for disk in disks:
        if disk.at("ebs", "encrypted") not in (True, "true"):
            yield f"{disk.at('deviceName')} is not encrypted"
        if disk.at("ebs", "volumeType") != "gp3":
            yield f"{disk.at('deviceName')} is not gp3: its speed would depend on its size"


@rule(
    "nodes-update-bounded",
    NODE_GROUP,
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    source="EKS best practices, cluster upgrades",
)
def update_bounded(group: Node, scene: Scene) -> Iterator[str]:
    """An update or a broken node costs a third at most, and no update takes back what the autoscaler added."""
    percent = group.at("updateConfig", "maxUnavailablePercentage")
    alone = group.at("updateConfig", "maxUnavailable") == 1
    if not alone and not (percent and percent <= UNAVAILABLE_PERCENT):
        yield f"updateConfig.maxUnavailablePercentage is not {UNAVAILABLE_PERCENT} or less"
    if group.at("nodeRepairConfig", "enabled") is not True:
        yield "nodeRepairConfig.enabled is not true"
    if _autoscaled(scene.graph) and "scalingConfig.desiredSize" not in group.options.ignore_changes:
        yield "scalingConfig.desiredSize is not in ignoreChanges, though an autoscaler sets it"


def _autoscaled(graph: Graph) -> bool:
    return any(release.at("chart") == "cluster-autoscaler" for release in graph.of(RELEASE))


@rule("nodes-version-matches", NODE_GROUP, source="EKS best practices, cluster upgrades")
def version_matches(group: Node, scene: Scene) -> Iterator[str]:
    """Nodes have the cluster's version; one behind only while an upgrade is under way, and then the settings say so."""
    declared = {one.kubernetes_version for one in scene.settings.cluster.node_groups.values()}
    for cluster in clusters(group, scene.graph):
        theirs, ours = str(cluster.at("version")), str(group.at("version"))
        lag = minor(theirs) - minor(ours)
        allowed = range(NODES_MAY_LAG + 1) if ours in declared else range(1)
        if lag not in allowed:
            yield f"its version {ours} is not the cluster's {theirs}"


RULES: tuple[Rule, ...] = (
    metadata_v2,
    no_ssh,
    disk_encrypted,
    update_bounded,
    version_matches,
)
