"""What stands in for the outside worlds, at the factory's seam."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from typing_extensions import override

from operations.clients.engine import EngineClient, StackState, StateResource, Update
from operations.clients.kubernetes import ClusterAddress, KubernetesClient
from operations.clients.machine import Machine, Version
from operations.errors import ClusterError
from operations.factory import Factory
from operations.json_object import Json
from operations.services.settings import SettingsService, Wanted

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
DEPLOYMENTS = "/apis/apps/v1/namespaces/intendly/deployments"
NODES = "/api/v1/nodes"
SUCCEEDED = Update(kind="update", result="succeeded", ended=datetime(2026, 11, 24, 22, 33, 40, tzinfo=UTC))


def resource(kind: str, name: str, outputs: Json | None = None) -> StateResource:
    """A resource of the state, with an id as AWS would give it."""
    urn = f"urn:pulumi:staging::intendly::{kind}::{name}"
    return StateResource(urn=urn, kind=kind, id=f"{name}-id", outputs=outputs or {})


def in_namespace(kind: str, name: str, namespace: str = "intendly") -> StateResource:
    """A Kubernetes object of the state."""
    return resource(kind, name, {"metadata": {"name": name, "namespace": namespace}})


def deployment(name: str, ready: int = 2, wanted: int = 2) -> Json:
    """A Deployment as the API server gives it."""
    return {
        "metadata": {"name": name, "generation": 3},
        "spec": {"replicas": wanted},
        "status": {"observedGeneration": 3, "readyReplicas": ready, "updatedReplicas": wanted},
    }


def conditioned(name: str, spec: Json | None = None, **conditions: str) -> Json:
    """An object with status conditions: ``Ready="True"``."""
    listed = [{"type": kind, "status": value} for kind, value in conditions.items()]
    return {"metadata": {"name": name}, "spec": spec or {}, "status": {"conditions": listed}}


@dataclass
class FakeEngine(EngineClient):
    """A stack whose state and history are given."""

    given: StackState = field(default_factory=StackState)
    update: Update | None = SUCCEEDED

    @override
    def state(self) -> StackState:
        return self.given

    @override
    def last_update(self) -> Update | None:
        return self.update


class FakeCluster(KubernetesClient):
    """A cluster whose lists are given; a path given an error raises it, any other path has nothing."""

    def __init__(
        self, lists: Mapping[str, list[Json] | ClusterError], version: str | ClusterError = "1.36.3"
    ) -> None:
        self.lists = dict(lists)
        self.told = version
        self.deleted: list[str] = []

    @override
    def version(self) -> str:
        if isinstance(self.told, ClusterError):
            raise self.told
        return self.told

    @override
    def list(self, path: str) -> list[Json]:
        found = self.lists.get(path, [])
        if isinstance(found, ClusterError):
            raise found
        return found

    @override
    def delete(self, path: str) -> None:
        self.deleted.append(path)


class FakeMachine(Machine):
    """A machine whose programs and sizes are given."""

    def __init__(self, home: Path, programs: Mapping[str, Version], environment: Mapping[str, str]) -> None:
        super().__init__(environment, home)
        self.programs = dict(programs)
        self.free_bytes = 100 * 2**30
        self.memory = 16 * 2**30
        self.port: int | None = 40000

    @override
    def has(self, program: str) -> bool:
        return program in self.programs

    @override
    def version(self, program: str, arguments: Sequence[str] = ("--version",)) -> Version | None:
        return self.programs.get(program)

    @override
    def python(self) -> Version:
        return self.programs["python"]

    @override
    def package(self, name: str) -> Version | None:
        return {"pulumi": (3, 272, 0)}.get(name)

    @override
    def disk_free_bytes(self, path: Path) -> int:
        return self.free_bytes

    @override
    def memory_bytes(self) -> int:
        return self.memory

    @override
    def loopback_port(self) -> int | None:
        return self.port


class FakeSettings(SettingsService):
    """Real stack files, but for the versions that they ask for."""

    def __init__(self, root: Path, given: Wanted) -> None:
        super().__init__(root)
        self.given = given

    @override
    def wanted(self, stack: str) -> Wanted:
        return self.given


class FakeFactory(Factory):
    """The real wiring over fakes; remembers the role it was asked for."""

    def __init__(
        self,
        root: Path,
        engine: FakeEngine,
        cluster: FakeCluster,
        machine: FakeMachine,
        settings: FakeSettings,
    ) -> None:
        super().__init__(root, "staging", environment={})
        self.fake_engine = engine
        self.fake_cluster = cluster
        self.fake_machine = machine
        self.fake_settings = settings

    def __call__(self, root: Path, stack: str, role_arn: str | None) -> Factory:
        """Be the application's factory maker, so that one object goes to ``obj``."""
        self.root, self.stack, self.role_arn = root, stack, role_arn
        return self

    @override
    def engine(self) -> EngineClient:
        return self.fake_engine

    @override
    def kubernetes(self, address: ClusterAddress) -> KubernetesClient:
        return self.fake_cluster

    @override
    def machine(self) -> Machine:
        return self.fake_machine

    @override
    def settings(self) -> SettingsService:
        return self.fake_settings
