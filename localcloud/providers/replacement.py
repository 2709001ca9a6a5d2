"""Which changed inputs replace a resource and which change in place, as the bridged provider plans it."""

import json
from collections.abc import Iterator

from localcloud.providers.catalogue import Entry
from localcloud.providers.server import Change
from localcloud.providers.wire import DEFAULTS, Properties, Value, is_list, is_map

_ORDERED = {"instanceTypes"}  # lists whose order matters to AWS; the others are sets
_IGNORED = {DEFAULTS}
KEPT_WHEN_REMOVED = {
    "kmsKeyId", "availabilityZone", "availabilityZoneId", "parameterGroupName", "subnetIds", "securityGroups",
    "vpcSecurityGroupIds", "instanceTypes", "amiType", "diskSize", "maintenanceWindow", "backupWindow", "storageType",
    "engineVersion", "version", "releaseVersion", "policy", "port", "caCertIdentifier", "dbSubnetGroupName",
}  # fmt: skip
"""Optional properties that AWS fills in: taking them out of the program changes nothing."""


def changes(kind: str, entry: Entry, olds: Properties, news: Properties) -> list[Change]:
    """Every difference between two sets of plain inputs."""
    replacing = set(entry.replaces.split())
    conditional = _CONDITIONAL.get(kind)
    found: list[Change] = []
    for path, change in _differences(olds, news, ""):
        top = path.partition(".")[0]
        if top in _IGNORED or (change == "DELETE" and top in KEPT_WHEN_REMOVED):
            continue
        replaces = (
            top == "region"
            or top in replacing
            or path in replacing
            or any(name.startswith(f"{path}.") for name in replacing)
        )
        found.append(
            Change(path, change, replaces or (conditional is not None and conditional(path, olds, news)))
        )
    return found


def _differences(old: Properties, new: Properties, prefix: str) -> Iterator[tuple[str, str]]:
    for name in sorted({*old, *new}):
        before, after, path = old.get(name), new.get(name), prefix + name
        if is_map(before) and is_map(after):
            yield from _differences(before, after, f"{path}.")
        elif _canonical(name, before) != _canonical(name, after):
            yield path, "ADD" if before is None else "DELETE" if after is None else "UPDATE"


def _canonical(name: str, value: Value) -> Value:
    """Equal for what AWS holds equal: sets in any order, JSON documents in any layout."""
    if is_list(value) and name not in _ORDERED:
        return sorted(json.dumps(item, sort_keys=True) for item in value)
    if isinstance(value, str) and value.startswith("{"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def version_key(text: Value) -> tuple[int, ...]:
    """A version as numbers, to compare."""
    return tuple(int(part) for part in str(text).split(".") if part.isdigit())


def _cache_replaces(path: str, olds: Properties, news: Properties) -> bool:
    """Valkey never goes back to redis, a version never down, TLS only from 7.0.5 on in place."""
    old, new = version_key(olds.get("engineVersion")), version_key(news.get("engineVersion"))
    if path == "engine":
        return (olds.get("engine"), news.get("engine")) == ("valkey", "redis")
    if path == "engineVersion":
        return new < old
    return path == "transitEncryptionEnabled" and old + (0,) * (3 - len(old)) < (7, 0, 5)


def _balancer_replaces(path: str, olds: Properties, news: Properties) -> bool:
    """A network balancer takes more subnets and addresses, never fewer; security groups at creation or never."""
    old, new = olds.get(path), news.get(path)
    if news.get("loadBalancerType") != "network":
        return False
    if path == "subnets":
        return not is_list(new) or not set(old or list[Value]()) <= set(new)
    if path == "secondaryIpsAutoAssignedPerSubnet":
        return (new or 0) < (old or 0)
    return path == "securityGroups" and bool(old) != bool(new)


def _cluster_replaces(path: str, olds: Properties, news: Properties) -> bool:
    """Encryption and remote networks are never taken back."""
    return path in ("encryptionConfig", "remoteNetworkConfig") and bool(olds.get(path)) and not news.get(path)


_CONDITIONAL = {
    "aws:elasticache/replicationGroup:ReplicationGroup": _cache_replaces,
    "aws:lb/loadBalancer:LoadBalancer": _balancer_replaces,
    "aws:eks/cluster:Cluster": _cluster_replaces,
}
