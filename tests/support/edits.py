"""The edits that operators make to settings, and what a preview must show for each."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

from localcloud.providers.catalogue import entries
from tests.support.stacks import recorded

Settings = Mapping[str, Any]
"""A part of the `intendly:` namespace, as deep as it is changed; lists are replaced as a whole."""

Operation = Literal["create", "update", "replace", "delete"]


@dataclass(frozen=True, order=True)
class Shown:
    """That a preview shows an operation on so many resources of a type."""

    operation: Operation
    kind: str
    number: int = 1


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One edit of the staging stack."""

    name: str
    change: Settings
    shows: tuple[Shown, ...]
    note: str
    """What it does to a running platform."""
    retags: bool = False
    """Whether each AWS resource that carries tags is updated as well."""


RDS = Shown("update", "aws:rds/instance:Instance")
CACHE = Shown("update", "aws:elasticache/replicationGroup:ReplicationGroup")
QUOTA = Shown("update", "kubernetes:core/v1:ResourceQuota")
HELM = Shown("update", "kubernetes:helm.sh/v3:Release")
DEPLOYMENT = Shown("update", "kubernetes:apps/v1:Deployment")
ATTACHMENT = "aws:autoscaling/attachment:Attachment"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
INGRESS = "kubernetes:networking.k8s.io/v1:Ingress"
ISSUER = "kubernetes:cert-manager.io/v1:ClusterIssuer"
NEW_NODES = (Shown("replace", NODE_GROUP), Shown("replace", ATTACHMENT, 2))
"""EKS changes neither the machines nor the subnets of a group; its balancer's attachments follow."""

IMAGE = "ghcr.io/intendly/intendly-backend@sha256:" + "2" * 64
SECOND_GROUP = {"instanceType": "t3.large", "minSize": 1, "maxSize": 2, "desiredSize": 1}
ZONES = ["use1-az1", "use1-az2"]

EDITS: tuple[Edit, ...] = (
    Edit(
        name="database class",
        change={"database": {"instanceClass": "db.t4g.large"}},
        shows=(RDS,),
        note="Restart (with Multi-AZ a failover) in the maintenance window, or now with `applyImmediately`.",
    ),
    Edit(
        name="database storage",
        change={"database": {"storageGib": 40}},
        shows=(RDS,),
        note="Grows without an outage. It never shrinks, and grows again after six hours at the earliest.",
    ),
    Edit(
        name="database backup retention",
        change={"database": {"backupRetentionDays": 21}},
        shows=(RDS,),
        note="Nothing restarts.",
    ),
    Edit(
        name="database windows",
        change={"database": {"backupWindow": "01:00-02:00", "maintenanceWindow": "mon:05:00-mon:06:00"}},
        shows=(RDS,),
        note="Nothing restarts.",
    ),
    Edit(
        name="cache node type",
        change={"cache": {"nodeType": "cache.t4g.small"}},
        shows=(CACHE,),
        note="New nodes beside the old ones, then a switch of seconds, in the maintenance window.",
    ),
    Edit(
        name="cache replica added",
        change={"cache": {"replicas": 1}},
        shows=(CACHE,),
        note="A copy is made beside the primary; from then on the cache fails over by itself.",
    ),
    Edit(
        name="node group's sizes",
        change={"cluster": {"nodeGroups": {"general": {"minSize": 3, "maxSize": 6}}}},
        shows=(Shown("update", NODE_GROUP),),
        note="The autoscaler works within the new limits.",
    ),
    Edit(
        name="node group's instance type",
        change={"cluster": {"nodeGroups": {"general": {"instanceType": "t3.xlarge"}}}},
        shows=NEW_NODES,
        note="New nodes first, then the old ones are drained and go; [nodes](nodes.md) has the careful way.",
    ),
    Edit(
        name="node group beside `general`",
        change={"cluster": {"nodeGroups": {"second": SECOND_GROUP}}},
        shows=(
            Shown("create", NODE_GROUP),
            Shown("create", "aws:ec2/launchTemplate:LaunchTemplate"),
            Shown("create", ATTACHMENT, 2),
        ),
        note="Nothing of the first group changes.",
    ),
    Edit(
        name="add-on version",
        change={"cluster": {"addons": {"vpcCni": "v1.22.5-eksbuild.1"}}},
        shows=(Shown("update", "aws:eks/addon:Addon"),),
        note="Its pods roll, node by node.",
    ),
    Edit(
        name="who reaches the API server",
        change={"cluster": {"publicAccessCidrs": ["203.0.113.0/24"]}},
        shows=(Shown("update", "aws:eks/cluster:Cluster"),),
        note="Minutes of AWS's time; the pods notice nothing.",
    ),
    Edit(
        name="retention of the control plane's logs",
        change={"cluster": {"controlPlaneLogRetentionDays": 30}},
        shows=(Shown("update", "aws:cloudwatch/logGroup:LogGroup"),),
        note="Shorter: older lines are deleted for good.",
    ),
    Edit(
        name="image",
        change={"applications": {"image": IMAGE}},
        shows=(Shown("update", DEPLOYMENT.kind, 3),),
        note="The three applications roll, one pod more than wanted at a time.",
    ),
    Edit(
        name="autoscaler's bounds",
        change={"applications": {"backendRelayer": {"autoscaling": {"minReplicas": 2, "maxReplicas": 5}}}},
        shows=(Shown("update", "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"), QUOTA),
        note="Pods come and go within the new bounds.",
    ),
    Edit(
        name="database pool",
        change={"applications": {"backendRelayer": {"databasePoolMax": 10}}},
        shows=(DEPLOYMENT,),
        note="The application rolls.",
    ),
    Edit(
        name="memory and heap",
        change={
            "applications": {
                "websocketServer": {"memoryRequestMib": 1280, "memoryLimitMib": 1280, "heapMib": 1024}
            }
        },
        shows=(DEPLOYMENT, QUOTA),
        note="The application rolls.",
    ),
    Edit(
        name="WebSocket connections per client",
        change={"ingress": {"websocketConnectionsPerClient": 80}},
        shows=(Shown("update", INGRESS),),
        note="Traefik takes it up without a restart.",
    ),
    Edit(
        name="API host",
        change={"hosts": {"api": "api2.staging.intendly.xyz"}},
        shows=(
            Shown("update", "kubernetes:cert-manager.io/v1:Certificate"),
            Shown("update", INGRESS, 2),
            Shown("update", "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"),
            Shown("replace", "aws:route53/record:Record"),
        ),
        note="Clients of the old name are cut off: tell them first.",
    ),
    Edit(
        name="NAT gateway in each zone",
        change={"network": {"natGateways": "perZone"}},
        shows=(
            Shown("create", "aws:ec2/eip:Eip"),
            Shown("create", "aws:ec2/natGateway:NatGateway"),
            Shown("update", "aws:ec2/route:Route"),
        ),
        note="The other zone's way out moves: its open connections to the internet break, its address is new.",
    ),
    Edit(
        name="third zone",
        change={"network": {"zones": [*ZONES, "use1-az4"], "controlPlaneZones": ZONES}},
        shows=(
            Shown("create", "aws:ec2/subnet:Subnet", 4),
            Shown("create", "aws:ec2/routeTable:RouteTable"),
            Shown("create", "aws:ec2/route:Route"),
            Shown("create", "aws:ec2/routeTableAssociation:RouteTableAssociation", 4),
            Shown("create", "aws:ec2/subnetCidrReservation:SubnetCidrReservation"),
            Shown("update", "aws:ec2/vpcEndpoint:VpcEndpoint"),
            Shown("update", "aws:rds/subnetGroup:SubnetGroup"),
            Shown("update", "aws:elasticache/subnetGroup:SubnetGroup"),
            Shown("update", "aws:lb/loadBalancer:LoadBalancer"),
            Shown("update", "kubernetes:networking.k8s.io/v1:NetworkPolicy", 8),
            *NEW_NODES,
        ),
        note="New nodes, in all three zones, before the old ones go. The control plane stays in the zones it was made in.",
    ),
    Edit(
        name="certificates' issuer",
        change={"certificates": {"issuer": "letsencrypt"}},
        shows=(
            Shown("replace", ISSUER),
            Shown("update", "kubernetes:cert-manager.io/v1:Certificate", 2),
        ),
        note="The old certificates serve until the new ones are there.",
    ),
    Edit(
        name="ACME contact",
        change={"certificates": {"email": "operations@intendly.xyz"}},
        shows=(Shown("update", ISSUER),),
        note="Nothing but the account's address.",
    ),
    Edit(
        name="retention of metrics",
        change={"monitoring": {"retentionDays": 10}},
        shows=(HELM,),
        note="Prometheus restarts, one replica after the other.",
    ),
    Edit(
        name="owner's tag",
        change={"tags": {"owner": "operations"}},
        shows=(Shown("update", "pulumi:providers:aws"),),
        retags=True,
        note="The nodes' disks carry tags as well: a new version of the launch template, and every node rolls.",
    ),
)
"""In the order of the page."""

LASTING = (
    "aws:rds/instance:Instance",
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "aws:s3/bucket:Bucket",
    "aws:secretsmanager/secret:Secret",
    "aws:kms/key:Key",
    "aws:backup/vault:Vault",
    "aws:ec2/vpc:Vpc",
    "aws:ec2/subnet:Subnet",
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:eks/cluster:Cluster",
    "aws:route53/zone:Zone",
    "kubernetes:core/v1:Namespace",
    "random:index/randomPassword:RandomPassword",
)
"""What holds data, or what others stand on: no edit replaces or deletes any of it."""

NOBODYS = ("pulumi:pulumi:", "intendly:")
"""Types that stand for a stack or a component: nothing of them exists anywhere."""


def expected(edit: Edit) -> tuple[Shown, ...]:
    """All that a preview of the edit must show."""
    return tuple(sorted([*edit.shows, *(_retagged() if edit.retags else ())]))


def _retagged() -> Iterator[Shown]:
    kinds = Counter(one.type for one in recorded("staging").made.registrations)
    for kind, number in kinds.items():
        if kind in entries() and entries()[kind].tags:
            yield Shown("update", kind, number)


def shown(steps: Iterable[Mapping[str, Any]]) -> tuple[Shown, ...]:
    """What the steps of a preview's JSON come to."""
    counted = Counter(Shown(operation, kind_of(urn)) for urn, operation in operations(steps).items())
    return tuple(sorted(replace(one, number=number) for one, number in counted.items()))


def operations(steps: Iterable[Mapping[str, Any]]) -> dict[str, Operation]:
    """What happens to each resource that changes, by URN; a replacement's several steps are one operation."""
    found: dict[str, Operation] = {}
    for step in steps:
        urn, name = str(step["urn"]), str(step["op"])
        if name in ("same", "read") or kind_of(urn).startswith(NOBODYS):
            continue
        found[urn] = "replace" if "replace" in name else cast("Operation", name)
    return found


def kind_of(urn: str) -> str:
    """The type of the resource with this URN."""
    return urn.split("::")[2].rpartition("$")[2]


def lost(found: Mapping[str, Operation]) -> list[str]:
    """What would be replaced or deleted of what must last."""
    return sorted(
        f"{operation} {urn}"
        for urn, operation in found.items()
        if kind_of(urn) in LASTING and operation in ("replace", "delete")
    )
