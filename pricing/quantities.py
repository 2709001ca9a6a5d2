"""How much of what a resource makes one pay for: one rule a type, each at the autoscalers' minimum and maximum.

A rule reads inputs alone. What it cannot know (a value that a preview does not know yet) it says.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from pricing.model import Inputs, Resource

LAUNCH_TEMPLATE: Final = "aws:ec2/launchTemplate:LaunchTemplate"

_BINARY: Final = {"Mi": 1 / 1024, "Gi": 1, "Ti": 1024}


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """So many of an item's kind: hours count as one, storage in GiB."""

    item: str
    kind: str = ""
    least: float = 1
    most: float = 1


@dataclass(frozen=True, kw_only=True)
class Missing:
    """Why a quantity cannot be told."""

    why: str


Found = Iterator[Quantity | Missing]
Rule = Callable[[Resource, Sequence[Resource]], Found]
"""Takes a resource and everything beside it."""


def _one(item: str) -> Rule:
    """A price for its mere existence."""

    def rule(resource: Resource, everything: Sequence[Resource]) -> Found:
        del resource, everything
        yield Quantity(item=item)

    return rule


def _cluster(resource: Resource, everything: Sequence[Resource]) -> Found:
    del everything
    yield Quantity(item="eks.cluster")
    if _dig(resource.inputs, "upgradePolicy", "supportType") == "EXTENDED":
        version = resource.inputs.get("version", "")
        yield Missing(
            why=f"extended support, which this cluster takes once Kubernetes {version} is out of standard support"
        )


def _nodes(resource: Resource, everything: Sequence[Resource]) -> Found:
    least = _number(_dig(resource.inputs, "scalingConfig", "minSize"))
    most = _number(_dig(resource.inputs, "scalingConfig", "maxSize"))
    types = _list(resource.inputs.get("instanceTypes"))
    if least is None or most is None or not types:
        yield Missing(why="number or type of the nodes is not known before the update")
        return
    if resource.inputs.get("capacityType", "ON_DEMAND") != "ON_DEMAND":
        yield Missing(why="spot capacity has no list price")
    else:
        yield Quantity(item="ec2.instance", kind=str(types[0]), least=least, most=most)
    if len(types) > 1:
        yield Missing(why=f"AWS chooses among {', '.join(map(str, types))}; the first is counted")
    yield from _disks(resource, everything, least, most)


def _disks(resource: Resource, everything: Sequence[Resource], least: float, most: float) -> Found:
    """Each node's disks, as the launch template beside the group says."""
    templates = [one for one in everything if one.type == LAUNCH_TEMPLATE and one.parent == resource.parent]
    disks = [disk for one in templates for disk in _list(one.inputs.get("blockDeviceMappings"))]
    if not disks:
        yield Missing(why="no launch template beside the group says how large the nodes' disks are")
    for disk in disks:
        size = _number(_dig(disk, "ebs", "volumeSize"))
        if size is None:
            yield Missing(why="the size of the nodes' disks is not known before the update")
            continue
        kind = str(_dig(disk, "ebs", "volumeType") or "gp2")
        yield Quantity(item="ebs.volume", kind=kind, least=least * size, most=most * size)


def _database(resource: Resource, everything: Sequence[Resource]) -> Found:
    del everything
    inputs = resource.inputs
    copies = "multiAz" if inputs.get("multiAz") else "single"
    size = _number(inputs.get("allocatedStorage"))
    if inputs.get("engine") != "postgres":
        yield Missing(why=f"prices are of PostgreSQL, this is {inputs.get('engine')}")
        return
    yield Quantity(item=f"rds.{copies}", kind=str(inputs.get("instanceClass")))
    if size is None:
        yield Missing(why="the database's storage is not known before the update")
        return
    most = max(size, _number(inputs.get("maxAllocatedStorage")) or 0)
    kind = str(inputs.get("storageType", "gp2"))
    yield Quantity(item=f"rds.storage.{copies}", kind=kind, least=size, most=most)
    if inputs.get("manageMasterUserPassword"):
        yield Missing(
            why="the master user's secret, which RDS makes: whether it is charged is not known here"
        )


def _cache(resource: Resource, everything: Sequence[Resource]) -> Found:
    del everything
    nodes = _number(resource.inputs.get("numCacheClusters"))
    if nodes is None:
        yield Missing(why="the number of the cache's nodes is not known")
        return
    engine = resource.inputs.get("engine", "redis")
    yield Quantity(
        item=f"elasticache.{engine}", kind=str(resource.inputs.get("nodeType")), least=nodes, most=nodes
    )


def _endpoint(resource: Resource, everything: Sequence[Resource]) -> Found:
    """An interface in each zone is paid by the hour; a gateway is free."""
    del everything
    if resource.inputs.get("vpcEndpointType", "Gateway") == "Gateway":
        return
    zones = len(_list(resource.inputs.get("subnetIds")))
    yield Quantity(item="vpc.interface-endpoint", least=zones, most=zones)


def _balancer(resource: Resource, everything: Sequence[Resource]) -> Found:
    del everything
    kind = resource.inputs.get("loadBalancerType", "application")
    yield Quantity(item="elb.balancer", kind=str(kind))
    if not resource.inputs.get("internal"):
        addresses = len(_list(resource.inputs.get("subnets")) or _list(resource.inputs.get("subnetMappings")))
        yield Quantity(item="ec2.public-address", least=addresses, most=addresses)


def _release(resource: Resource, everything: Sequence[Resource]) -> Found:
    """Volumes that a chart's values ask for: `volumeClaimTemplate`, once a replica."""
    del everything
    for size, replicas in _claims(resource.inputs.get("values"), 1):
        gib = _gib(size)
        if gib is None:
            yield Missing(why=f"a volume of {size!r} that its values ask for")
        else:
            yield Quantity(item="ebs.volume", kind="gp3", least=gib * replicas, most=gib * replicas)


def _claims(value: object, replicas: float) -> Iterator[tuple[object, float]]:
    if isinstance(value, list):
        for member in cast("list[object]", value):
            yield from _claims(member, replicas)
    if not isinstance(value, dict):
        return
    members = cast("dict[str, Any]", value)
    replicas = _number(members.get("replicas")) or replicas
    for key, member in members.items():
        if key == "volumeClaimTemplate":
            yield _dig(member, "spec", "resources", "requests", "storage"), replicas
        else:
            yield from _claims(member, replicas)


def _unpriced(why: str) -> Rule:
    def rule(resource: Resource, everything: Sequence[Resource]) -> Found:
        del resource, everything
        yield Missing(why=why)

    return rule


def _service(resource: Resource, everything: Sequence[Resource]) -> Found:
    del everything
    if _dig(resource.inputs, "spec", "type") == "LoadBalancer":
        yield Missing(why="a Service of type LoadBalancer makes a load balancer of its own")


RULES: Final[Mapping[str, Rule]] = {
    "aws:ec2/eip:Eip": _one("ec2.public-address"),
    "aws:ec2/natGateway:NatGateway": _one("ec2.nat-gateway"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
    "aws:eks/cluster:Cluster": _cluster,
    "aws:eks/nodeGroup:NodeGroup": _nodes,
    "aws:elasticache/replicationGroup:ReplicationGroup": _cache,
    "aws:kms/key:Key": _one("kms.key"),
    "aws:lb/loadBalancer:LoadBalancer": _balancer,
    "aws:rds/instance:Instance": _database,
    "aws:route53/zone:Zone": _one("route53.zone"),
    "aws:secretsmanager/secret:Secret": _one("secretsmanager.secret"),
    "kubernetes:apps/v1:StatefulSet": _unpriced("volumes of a StatefulSet are not counted"),
    "kubernetes:core/v1:PersistentVolumeClaim": _unpriced(
        "a volume that is claimed by itself is not counted"
    ),
    "kubernetes:core/v1:Service": _service,
    "kubernetes:helm.sh/v3:Release": _release,
}
"""By type."""


def _gib(size: object) -> float | None:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(Mi|Gi|Ti)", size) if isinstance(size, str) else None
    return float(found[1]) * _BINARY[found[2]] if found else None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _list(value: object) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _dig(value: object, *path: str) -> Any:  # noqa: ANN401 - whatever is there, or None
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = cast("Inputs", value).get(key)
    return value
