"""What stands in for an interrupted stack in the tests of `intendly heal`."""

import json
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from typing_extensions import override

from operations.clients.aws_finder import AwsFinder, TaggedResource
from operations.clients.engine_repair import Adoption, Checkpoint, Interrupted, RepairEngine
from operations.clients.state_backend import FileBackend, Lock
from operations.identities import kubernetes_id
from operations.json_object import Json
from operations.services.heal import HealService
from tests.operations import fakes

STACK = "urn:pulumi:staging::intendly::pulumi:pulumi:Stack::intendly-staging"
ARN = "arn:aws:ec2:us-east-1:222222222222:"
TAGS = {"Project": "intendly", "Environment": "staging"}
RELEASE = "kubernetes:helm.sh/v3:Release"
SECRETS = "/api/v1/namespaces/traefik/secrets?labelSelector=owner%3Dhelm%2Cname%3Dtraefik"
HERE = Lock(user="ann", host=socket.gethostname(), pid=2**22 + 1, since=datetime(2026, 11, 24, tzinfo=UTC))
AWAY = replace(HERE, host="elsewhere")


def interrupted(kind: str, name: str, operation: str = "creating", /, **inputs: Any) -> Interrupted:  # noqa: ANN401 - inputs are of any type
    return Interrupted(
        urn=f"urn:pulumi:staging::intendly::intendly:a:B${kind}::{name}",
        operation=operation,
        kind=kind,
        id="",
        parent=STACK,
        provider="urn:pulumi:staging::intendly::pulumi:providers:aws::aws",
        inputs=inputs,
    )


VPC = interrupted("aws:ec2/vpc:Vpc", "network-vpc", tags={"Name": "intendly-staging-vpc"})
ROLE = interrupted("aws:iam/role:Role", "nodes", name="intendly-staging-nodes")
CHART = interrupted(RELEASE, "ingress-release", name="traefik", namespace="traefik")


@dataclass
class FakeRepairEngine(RepairEngine):
    """An engine whose state is given; remembers what it was told, in order."""

    state_now: Checkpoint
    exists: frozenset[str] = frozenset()
    planned: tuple[Interrupted, ...] = ()
    told: list[str] = field(default_factory=list[str])

    @override
    def checkpoint(self) -> Checkpoint:
        return self.state_now

    @override
    def keep(self, file: Path) -> None:
        self.told.append(f"keep {file.parent.name}")

    @override
    def cancel(self) -> None:
        self.told.append("cancel")

    @override
    def adopt(self, adoptions: Sequence[Adoption]) -> tuple[str, ...]:
        self.told += [f"adopt {one.id}" for one in adoptions]
        return tuple(one.resource.urn for one in adoptions if one.id not in self.exists)

    @override
    def remove(self, urn: str) -> None:
        self.told.append(f"remove {urn.rpartition('::')[2]}")

    @override
    def refresh(self, urns: Sequence[str]) -> None:
        self.told.append(" ".join(["refresh", *(urn.rpartition("::")[2] for urn in urns)]))

    @override
    def preview(self) -> dict[str, int]:
        self.told.append("preview")
        return {"create": 3}

    @override
    def planned_creations(self) -> tuple[Interrupted, ...]:
        return self.planned


class FakeFinder(AwsFinder):
    """An account whose resources are given."""

    def __init__(self, found: Sequence[TaggedResource]) -> None:
        self._found = list(found)

    @override
    def tagged(self, tags: Mapping[str, str]) -> list[TaggedResource]:
        assert tags == TAGS
        return self._found

    @override
    def listed(self, kind: str, inputs: Json) -> str:
        return ""


class Locks(FileBackend):
    """A backend whose locks are given."""

    def __init__(self, *locks: Lock) -> None:
        self.held = locks

    @override
    def locks(self, project: str, stack: str) -> tuple[Lock, ...]:
        return self.held

    @override
    def spoilt(self, project: str, stack: str) -> tuple[str, ...]:
        return ()


@dataclass
class World:
    """A stack that was interrupted."""

    engine: FakeRepairEngine
    service: HealService
    backend: Locks


def interrupted_world(  # noqa: PLR0913 - each is a world of its own
    *pending: Interrupted,
    locks: Sequence[Lock] = (),
    found: Sequence[tuple[str, str]] = (),
    exists: Sequence[str] = (),
    known: Sequence[Interrupted] = (),
    planned: Sequence[Interrupted] = (),
    cluster: fakes.FakeCluster | None = None,
) -> World:
    clusters: dict[str, Json] = {
        "urn:x::p::aws:eks/cluster:Cluster::c": {"name": "c", "endpoint": "https://e"}
    }
    checkpoint = Checkpoint(
        urns=frozenset(one.urn for one in known),
        ids=frozenset(
            {
                (VPC.kind, "vpc-known"),
                ("aws:s3/bucket:Bucket", "intendly-staging-nodes"),
                *((one.kind, kubernetes_id(one.inputs)) for one in known if "metadata" in one.inputs),
            }
        ),
        arns=frozenset(),
        interrupted=tuple(pending),
        outputs=clusters if cluster else {},
        aws={"region": "us-east-1", "defaultTags": json.dumps({"tags": TAGS})},
    )
    engine = FakeRepairEngine(checkpoint, frozenset(exists), tuple(planned))
    backend = Locks(*locks)
    finder = FakeFinder([TaggedResource(arn=ARN + arn, name=name) for arn, name in found])
    service = HealService(
        "staging",
        project="intendly",
        engine=engine,
        backend=backend,
        finder=lambda _: finder,
        kubernetes=lambda _: cluster or fakes.FakeCluster({}),
    )
    return World(engine, service, backend)
