"""Pods of our own workloads: what they may write, which image they run, what they may use, how they come and go."""

import re
from collections.abc import Iterator

from policies.graph import Node
from policies.kubernetes import (
    DEPLOYMENT,
    SERVICE_ACCOUNT,
    SERVING,
    WORKLOADS,
    containers,
    named,
    pod_spec,
    quantity,
    section,
    variables,
)
from policies.rule import Rule, Scene, Severity, rule
from policies.values import Record

BINDINGS = (
    "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
)

BY_DIGEST = re.compile(r"[^@\s]+@sha256:[0-9a-f]{64}")

HEAP = re.compile(r"--max-old-space-size=(\d+)")
HEAP_SHARE = 1.25
"""The memory limit over the heap: what Node.js needs beside it (buffers, stacks, code)."""
MIB = 2**20

ASK_THE_DATABASE = ("/health", "/ready", "/readyz")
"""Paths that may fail when a store behind the pod does."""

UPDATE_TIMEOUT_S = 600
"""How long an update waits for a Deployment, the provider's default: the rollout must have failed before."""
DRAIN_S = 30
"""What a request may take that is under way when its pod is told to go."""
REVISIONS = 2
"""Old revisions that a rollback needs: the last good one, and one before it."""


@rule("workload-read-only-root", *WORKLOADS, severity=Severity.MEDIUM, source="CKV_K8S_22, kube-score")
def read_only_root(workload: Node, _: Scene) -> Iterator[str]:
    """Whoever gets into a container should find nowhere to put a program, and no way to fill the node's disk."""
    for container in containers(workload):
        if container.at("securityContext", "readOnlyRootFilesystem") is not True:
            yield f"{container.at('name')}: readOnlyRootFilesystem is not true"
    for volume in pod_spec(workload).records("volumes"):
        if volume.has("emptyDir") and not volume.at("emptyDir", "sizeLimit"):
            yield f"volume {volume.at('name')}: emptyDir has no sizeLimit"


@rule(
    "workload-image-pinned",
    *WORKLOADS,
    source="CKV_K8S_14/43, Kyverno require-image-checksum, restrict-image-registries",
)
def image_pinned(workload: Node, scene: Scene) -> Iterator[str]:
    """A tag is a promise of somebody else: only a digest gives every pod, today's and tomorrow's, the same program."""
    registry = scene.settings.applications.image.rpartition("/")[0]
    for container in containers(workload):
        image, name = str(container.at("image")), container.at("name")
        if not BY_DIGEST.fullmatch(image):
            yield f"{name}: the image is not given by its digest"
        if not image.startswith(f"{registry}/"):
            yield f"{name}: the image is not from {registry}"
    if workload.type == DEPLOYMENT and _image(workload) != scene.settings.applications.image:
        yield "its image is not the release's: the applications would speak different versions"


def _image(workload: Node) -> object:
    return next((one.at("image") for one in pod_spec(workload).records("containers")), None)


@rule("workload-resources", *WORKLOADS, source="CKV_K8S_10-13, kube-score; nobody has the heap")
def resources(workload: Node, _: Scene) -> Iterator[str]:
    """Without requests a pod is put where it does not fit, without limits it takes its neighbours with it.

    And Node.js must reach its own limit first: the kernel's comes without a message.
    """
    for container in containers(workload):
        name = container.at("name")
        for kind, wanted in (
            ("requests", "cpu"),
            *((kind, what) for kind in ("requests", "limits") for what in SIZED),
        ):
            if quantity(container.at("resources", kind, wanted)) <= 0:
                yield f"{name}: no {kind}.{wanted}"
        for what in ("cpu", *SIZED):
            limit = quantity(container.at("resources", "limits", what))
            if 0 < limit < quantity(container.at("resources", "requests", what)):
                yield f"{name}: it asks for more {what} than its limit"
        yield from (f"{name}: {said}" for said in _heap(container))


SIZED = ("memory", "ephemeral-storage")


def _heap(container: Record) -> Iterator[str]:
    options = [entry.at("value") for name, entry in variables(container) if name == "NODE_OPTIONS"]
    found = [HEAP.search(str(one)) for one in options]
    heap = next((int(one[1]) * MIB for one in found if one), 0)
    if container.texts("command")[:1] == ("node",) and not heap:
        yield "NODE_OPTIONS sets no --max-old-space-size"
    if quantity(container.at("resources", "limits", "memory")) < HEAP_SHARE * heap:
        yield f"the memory limit is less than {HEAP_SHARE:g} times the heap"


@rule("workload-probes", *SERVING, source="CKV_K8S_8/9, kube-score pod-probes-identical")
def probes(workload: Node, _: Scene) -> Iterator[str]:
    """Readiness takes a pod out of service, liveness kills it: if both ask the same, an outage of the database kills all.

    A probe on a port that nobody declared never succeeds.
    """
    for container in pod_spec(workload).records("containers"):
        name = container.at("name")
        for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
            probe = section(container, kind)
            if not probe:
                yield f"{name}: no {kind}"
            elif not _declared(container, probe):
                yield f"{name}: {kind} asks a port that the container does not declare"
        liveness = section(container, "livenessProbe")
        if liveness and _asks(liveness) == _asks(section(container, "readinessProbe")):
            yield f"{name}: liveness asks what readiness asks"
        if liveness.at("httpGet", "path") in ASK_THE_DATABASE:
            yield f"{name}: liveness may depend on the database"


def _declared(container: Record, probe: Record) -> bool:
    _, port, _ = _asks(probe)
    return any(port in (one.at("name"), one.at("containerPort")) for one in container.records("ports"))


def _asks(probe: Record) -> tuple[str, object, object]:
    """How a probe asks, at which port, for what."""
    kind = next((one for one in ("httpGet", "tcpSocket", "grpc", "exec") if one in probe), "")
    return kind, probe.at(kind, "port"), probe.at(kind, "path")


@rule("workload-rolls-safely", DEPLOYMENT, source="kube-score deployment-strategy in part")
def rolls_safely(workload: Node, _: Scene) -> Iterator[str]:
    """A new version may fail: then the old pods must still be there, and the revision to go back to."""
    strategy = section(workload, "spec", "strategy")
    if strategy.at("type") != "RollingUpdate":
        yield "its strategy is not RollingUpdate"
    if strategy.at("rollingUpdate", "maxUnavailable") not in (0, "0", "0%"):
        yield "maxUnavailable is not 0: an update takes pods away before others are ready"
    if strategy.at("rollingUpdate", "maxSurge") in (None, 0, "0", "0%"):
        yield "maxSurge is 0 or missing: an update cannot begin"
    if (workload.at("spec", "revisionHistoryLimit") or 0) < REVISIONS:
        yield f"revisionHistoryLimit is below {REVISIONS}: there is nothing to go back to"
    if not 0 < (workload.at("spec", "progressDeadlineSeconds") or 0) < UPDATE_TIMEOUT_S:
        yield f"progressDeadlineSeconds is not below the update's {UPDATE_TIMEOUT_S}"
    yield from _leaves(workload)


def _leaves(workload: Node) -> Iterator[str]:
    grace = pod_spec(workload).at("terminationGracePeriodSeconds") or 0
    for container in pod_spec(workload).records("containers"):
        before = container.at("lifecycle", "preStop", "sleep", "seconds") or 0
        if before <= 0:
            yield f"{container.at('name')}: no preStop sleep: requests still arrive while it goes"
        if grace < before + DRAIN_S:
            yield f"terminationGracePeriodSeconds is less than preStop and {DRAIN_S} for what is under way"


@rule("workload-account", *WORKLOADS, severity=Severity.MEDIUM, source="CKV_K8S_38/41, CIS-EKS 4.1.5-6")
def account(workload: Node, scene: Scene) -> Iterator[str]:
    """A shared or default account gives every pod what one of them needs; a token that nobody uses is only ever stolen."""
    namespace, name = workload.kubernetes_name[0], pod_spec(workload).at("serviceAccountName")
    made = named(scene.graph, namespace, name, SERVICE_ACCOUNT)
    if made is None or name == "default":
        yield "it has no ServiceAccount of the program"
        return
    if [one.name for one in scene.graph.of(*WORKLOADS) if _runs_as(one, namespace, name)] != [workload.name]:
        yield "another workload runs as its ServiceAccount"
    if not _has_rights(scene, namespace, name):
        for what, mounted in (("pod", pod_spec(workload)), ("ServiceAccount", made.properties)):
            if mounted.at("automountServiceAccountToken") is not False:
                yield f"its {what} mounts a token, although no role is bound to it"


def _runs_as(workload: Node, namespace: str, account_name: object) -> bool:
    return (
        workload.kubernetes_name[0] == namespace
        and pod_spec(workload).at("serviceAccountName") == account_name
    )


def _has_rights(scene: Scene, namespace: str, account_name: object) -> bool:
    return any(
        (one.at("kind"), one.at("namespace"), one.at("name")) == ("ServiceAccount", namespace, account_name)
        for binding in scene.graph.of(*BINDINGS)
        for one in binding.records("subjects")
    )


RULES: tuple[Rule, ...] = (
    read_only_root,
    image_pinned,
    resources,
    probes,
    rolls_safely,
    account,
)
