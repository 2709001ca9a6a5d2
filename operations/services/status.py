"""What a stack is, where it is, which version of it runs, and how much of it is ready.

The engine's state says what must be there; the API server says what is. What the state names and the
server does not have is not ready, what cannot be read is not ready, and an empty part is not ready either:
no data is never a pass.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from operations.clients.engine import EngineClient, StackState, StateResource, Update
from operations.clients.kubernetes import ClusterAddress, KubernetesClient
from operations.errors import ClusterError
from operations.json_object import Json, dig, number, text
from operations.services.readiness import KINDS, Kind, Verdict, node
from operations.services.settings import SettingsService, Wanted

PARALLEL_READS = 8
"""Requests to the API server at once: five kinds in a handful of namespaces, in about one round trip."""

NODE_GROUP_LABEL = "eks.amazonaws.com/nodegroup"
"""EKS puts the group's physical name on each of its nodes."""

_RELEASE = "kubernetes:helm.sh/v3:Release"
_NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
_DATABASE = "aws:rds/instance:Instance"
_CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing of a part; ``detail`` says why, ready or not."""

    name: str
    ready: bool
    detail: str


@dataclass(frozen=True, kw_only=True)
class Part:
    """Things of one kind; ``problem`` says why none could be read."""

    name: str
    items: tuple[Item, ...] = ()
    problem: str = ""

    @property
    def ready(self) -> bool:
        """Something is there, and all of it is ready."""
        return not self.problem and bool(self.items) and all(item.ready for item in self.items)


@dataclass(frozen=True, kw_only=True)
class StackStatus:
    """What a stack is; a string is empty where the stack does not tell (yet).

    ``image`` is what the last update rolled out, ``kubernetes_version`` what the API server answers,
    ``engine_version`` the engine that wrote the state, ``interrupted`` its operations begun and not ended,
    ``wanted`` what the settings ask the next update for, ``hint`` what helps where the cluster cannot be read,
    ``resources`` how many there are of each provider; components and providers themselves are not counted.
    """

    stack: str
    account: str
    region: str
    cluster: str
    cluster_endpoint: str
    endpoints: Json
    image: str
    kubernetes_version: str
    wanted: Wanted
    engine_version: str
    last_update: Update | None
    interrupted: tuple[str, ...]
    resources: Mapping[str, int]
    parts: tuple[Part, ...]
    hint: str = ""

    @property
    def ready(self) -> bool:
        """Deployed by an update that succeeded, nothing half done, every part ready."""
        succeeded = self.last_update is not None and self.last_update.result == "succeeded"
        return succeeded and not self.interrupted and all(part.ready for part in self.parts)


class StatusService:
    """Works a ``StackStatus`` out; changes nothing.

    Args:
        stack: the stack's name.
        engine: where its state is read.
        connect: makes the client of a cluster whose address the state gave.
        settings: what the next update is asked for.
    """

    def __init__(
        self,
        stack: str,
        engine: EngineClient,
        connect: Callable[[ClusterAddress], KubernetesClient],
        settings: SettingsService,
    ) -> None:
        self._stack = stack
        self._settings = settings
        self._engine = engine
        self._connect = connect

    def status(self) -> StackStatus:
        """The stack's status, read now.

        Raises:
            EngineError: the state cannot be read; a cluster that cannot be read is part of the answer.
        """
        with ThreadPoolExecutor(max_workers=2) as pool:
            reading = pool.submit(self._engine.last_update)
            state = self._engine.state()
            last_update = reading.result()
        address = ClusterAddress.from_outputs(state.outputs)
        cluster = self._read_cluster(state, address)
        return StackStatus(
            stack=self._stack,
            account=text(state.outputs, "account", "id"),
            region=text(state.outputs, "account", "region"),
            cluster=address.name if address else "",
            cluster_endpoint=address.endpoint if address else "",
            endpoints=dig(state.outputs, "endpoints") or {},
            image=text(state.outputs, "image"),
            kubernetes_version=cluster.version,
            wanted=self._settings.wanted(self._stack),
            engine_version=state.engine_version,
            last_update=last_update,
            interrupted=state.interrupted,
            resources=_counts(state),
            parts=(*cluster.parts, _data_stores(state)),
            hint=cluster.hint,
        )

    def _read_cluster(self, state: StackState, address: ClusterAddress | None) -> "_Cluster":
        if address is None:
            return _unreadable(ClusterError("the stack has no cluster yet"))
        client = self._connect(address)
        try:
            version = client.version()
        except ClusterError as error:  # one reason for all, instead of the same one from every request
            return _unreadable(error)
        with ThreadPoolExecutor(max_workers=PARALLEL_READS) as pool:
            nodes = pool.submit(_nodes, client, state)
            parts = [pool.submit(_part, client, state, kind) for kind in KINDS]
            return _Cluster(version=version, parts=(nodes.result(), *(part.result() for part in parts)))


@dataclass(frozen=True, kw_only=True)
class _Cluster:
    """What the API server told."""

    parts: tuple[Part, ...]
    version: str = ""
    hint: str = ""


def _unreadable(error: ClusterError) -> _Cluster:
    names = ("nodes", *(kind.part for kind in KINDS))
    return _Cluster(parts=tuple(Part(name=name, problem=error.message) for name in names), hint=error.hint)


def _part(cluster: KubernetesClient, state: StackState, kind: Kind) -> Part:
    items: list[Item] = []
    expected = sorted(set(_expected(state, kind)))
    for namespace in sorted({namespace for namespace, _ in expected}):
        names = [name for place, name in expected if place == namespace]
        items += _judge(cluster, kind, namespace, names)
    return Part(name=kind.part, items=tuple(items), problem="" if items else "the stack's state has none")


def _judge(cluster: KubernetesClient, kind: Kind, namespace: str, names: Iterable[str]) -> Iterator[Item]:
    try:
        found = {
            text(one, "metadata", "name"): one for one in cluster.list(kind.path.format(namespace=namespace))
        }
    except ClusterError as error:
        yield from (_item(f"{namespace}/{name}", (False, error.message)) for name in names)
        return
    for name in names:
        verdict = kind.judge(found[name]) if name in found else (False, "is in the state, not in the cluster")
        yield _item(f"{namespace}/{name}", verdict)


def _expected(state: StackState, kind: Kind) -> Iterator[tuple[str, str]]:
    """Namespace and name of what must be there: resources of the program, and objects of its charts."""
    for resource in state.of_kind(kind.state_type):
        metadata: object = dig(resource.outputs, "metadata")
        yield text(metadata, "namespace"), text(metadata, "name")
    for release in state.of_kind(_RELEASE):
        names: list[str] = dig(release.outputs, "resourceNames", kind.in_chart) or []
        for name in names:
            namespace, _, plain = name.rpartition("/")
            yield namespace or text(release.outputs, "namespace"), plain


def _nodes(cluster: KubernetesClient, state: StackState) -> Part:
    try:
        found = cluster.list("/api/v1/nodes")
    except ClusterError as error:
        return Part(name="nodes", problem=error.message)
    groups = state.of_kind(_NODE_GROUP)
    items = tuple(_item(group.name, _node_group(group, found)) for group in groups)
    return Part(name="nodes", items=items, problem="" if items else "the stack's state has no node group")


def _node_group(group: StateResource, nodes: list[Json]) -> Verdict:
    """All its nodes are ready, and there are as many as its minimum asks for (the autoscaler owns the number)."""
    name = text(group.outputs, "nodeGroupName")
    own = [one for one in nodes if dig(one, "metadata", "labels", NODE_GROUP_LABEL) == name]
    verdicts = {text(one, "metadata", "name"): node(one) for one in own}
    ready = sum(is_ready for is_ready, _ in verdicts.values())
    minimum = number(group.outputs, "scalingConfig", "minSize")
    maximum = number(group.outputs, "scalingConfig", "maxSize")
    faults = "".join(f"; {one}: {why}" for one, (is_ready, why) in sorted(verdicts.items()) if not is_ready)
    detail = f"{ready} of {len(own)} nodes ready, allowed {minimum} to {maximum}{faults}"
    return ready == len(own) and ready >= max(minimum, 1), detail


def _counts(state: StackState) -> Mapping[str, int]:
    real = (one.kind for one in state.resources if one.id)  # a component has no id
    return Counter(kind.partition(":")[0] for kind in real if not kind.startswith("pulumi:"))


def _data_stores(state: StackState) -> Part:
    """Database and cache, which every stack has, as the last update left them; nobody asks AWS here."""
    items: list[Item] = []
    for name, kind, size in (("database", _DATABASE, "instanceClass"), ("cache", _CACHE, "nodeType")):
        stores = state.of_kind(kind)
        items += [_item(_identifier(one) or name, _store(one, size)) for one in stores]
        items += [] if stores else [_item(name, (False, "the stack's state has none"))]
    return Part(name="data stores", items=tuple(items))


def _identifier(resource: StateResource) -> str:
    """What operators call it: the id of an RDS instance is a random one."""
    return text(resource.outputs, "identifier") or resource.id


def _store(resource: StateResource, size: str) -> Verdict:
    outputs = resource.outputs
    version = text(outputs, "engineVersionActual") or text(outputs, "engineVersion")
    status = text(outputs, "status") or ("created" if resource.id else "not created")
    detail = f"{text(outputs, 'engine')} {version}, {text(outputs, size)}, {status} at the last update"
    return status in {"available", "created"}, detail


def _item(name: str, verdict: Verdict) -> Item:
    ready, detail = verdict
    return Item(name=name, ready=ready, detail=detail)
