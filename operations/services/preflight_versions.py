"""Whether AWS offers what the settings pin: Kubernetes, add-ons, PostgreSQL, the cache, node types."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from infra.settings import StackSettings
from operations.clients.aws_offers import Offers
from operations.json_object import text
from operations.services.checks import Probe, Verdict

ADDONS: Final = {
    "vpc_cni": "vpc-cni",
    "coredns": "coredns",
    "kube_proxy": "kube-proxy",
    "pod_identity_agent": "eks-pod-identity-agent",
    "ebs_csi_driver": "aws-ebs-csi-driver",
    "node_monitoring_agent": "eks-node-monitoring-agent",
    "metrics_server": "metrics-server",
}
"""EKS's name of each add-on in the settings."""

NEWEST_SHOWN: Final = 3

Look = tuple[bool | Verdict, str]


def version_probes(settings: StackSettings, offers: Offers) -> Iterator[Probe]:
    """The checks, a probe for each pin."""
    kubernetes = settings.cluster.kubernetes_version
    yield Probe(
        name="Kubernetes version",
        look=lambda: _kubernetes(settings, offers),
        mend="set cluster.kubernetesVersion; aws eks describe-cluster-versions lists them",
    )
    for key, pin in settings.cluster.addons.model_dump().items():
        name = ADDONS[key]
        yield Probe(
            name=f"add-on {name}",
            look=partial(_addon, offers, name, pin, kubernetes),
            mend=f"set it in cluster.addons; aws eks describe-addon-versions --addon-name {name} "
            f"--kubernetes-version {kubernetes} lists them",
        )
    yield Probe(
        name="database",
        look=lambda: _database(settings, offers),
        mend="set database.engineVersion or instanceClass; aws rds describe-orderable-db-instance-options "
        "--engine postgres lists them",
    )
    yield Probe(
        name="cache",
        look=lambda: _cache(settings, offers),
        mend="set cache.engineVersion; aws elasticache describe-cache-engine-versions lists them",
    )
    for instance_type in sorted({one.instance_type for one in settings.cluster.node_groups.values()}):
        yield Probe(
            name=f"nodes {instance_type}",
            look=partial(_nodes, settings, offers, instance_type),
            mend="choose another cluster.nodeGroups.*.instanceType, or other network.zones",
        )


def _kubernetes(settings: StackSettings, offers: Offers) -> Look:
    version = settings.cluster.kubernetes_version
    found = offers.cluster_version(version)
    if not found:
        return False, f"EKS does not have {version}"
    status = text(found, "versionStatus")
    ends = f"standard support ends {found.get('endOfStandardSupportDate', 'at a date EKS does not tell')}"
    allowed = ("STANDARD_SUPPORT", "EXTENDED_SUPPORT")[: 1 + (settings.cluster.support == "extended")]
    return status in allowed, f"{version} is in {status or 'a state EKS does not tell'}, {ends}"


def _addon(offers: Offers, name: str, pin: str, kubernetes: str) -> Look:
    versions = offers.addon_versions(name, kubernetes)
    if pin in versions:
        return True, pin
    return False, f"{pin} is not offered for {kubernetes}; {_newest(versions)}"


def _database(settings: StackSettings, offers: Offers) -> Look:
    database = settings.database
    what = f"PostgreSQL {database.engine_version} on {database.instance_class}"
    options = offers.databases(database.engine_version, database.instance_class)
    if not options:
        return False, f"{what} is not offered"
    fitting = [
        one
        for one in options
        if one.get("StorageType") == "gp3" and (one.get("MultiAZCapable") or not database.multi_az)
    ]
    lacks = "gp3 and Multi-AZ" if database.multi_az else "gp3"
    return bool(fitting), what if fitting else f"{what} is not offered with {lacks}"


def _cache(settings: StackSettings, offers: Offers) -> Look:
    engine, wanted = settings.cache.engine, settings.cache.engine_version
    versions = offers.cache_versions(engine)
    # Settings pin major.minor, AWS may list patches of it.
    right = any(one == wanted or one.startswith(f"{wanted}.") for one in versions)
    return right, f"{engine} {wanted}" if right else f"{engine} {wanted} is not offered; {_newest(versions)}"


def _nodes(settings: StackSettings, offers: Offers, instance_type: str) -> Look:
    lacking = sorted(set(settings.network.zones) - offers.zones_with(instance_type))
    found = f"{', '.join(lacking)} lack it" if lacking else f"in {', '.join(settings.network.zones)}"
    return not lacking, found


def _newest(versions: frozenset[str]) -> str:
    if not versions:
        return "nothing is"
    newest = sorted(versions, key=_numbers, reverse=True)[:NEWEST_SHOWN]
    return f"the newest that are: {', '.join(newest)}"


def _numbers(version: str) -> list[int]:
    parts = version.removeprefix("v").replace("-eksbuild", "").split(".")
    return [int(part) if part.isdigit() else -1 for part in parts]
