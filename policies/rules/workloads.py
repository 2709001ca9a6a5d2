"""What pods may do."""

from collections.abc import Iterator

from policies.graph import Node
from policies.kubernetes import WORKLOADS, containers, pod_spec
from policies.rule import Rule, Scene, Severity, rule
from policies.values import Record

HOST_NAMESPACES = ("hostNetwork", "hostPID", "hostIPC")
VOLUMES = frozenset(
    {
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "persistentVolumeClaim",
        "projected",
        "secret",
        "name",
    }
)
"""Keys of a volume that the restricted standard allows."""


@rule(
    "workload-restricted",
    *WORKLOADS,
    severity=Severity.HIGH,
    source="Pod Security Standards, CKV_K8S_16-20/23/28-31/37, CIS-EKS 4.2.1-8, NSA 1.0-1.10",
)
def restricted(workload: Node, _: Scene) -> Iterator[str]:
    """The "restricted" Pod Security Standard: whoever breaks into a container has not got the node yet."""
    spec = pod_spec(workload)
    yield from (f"{key} is set" for key in HOST_NAMESPACES if spec.at(key))
    for volume in spec.records("volumes"):
        yield from (f"a volume is of type {kind}" for kind in volume if kind not in VOLUMES)
    for container in containers(workload):
        yield from (f"container {container.at('name')}: {fault}" for fault in _faults(spec, container))


def _faults(spec: Record, container: Record) -> Iterator[str]:
    def effective(*path: str) -> object:
        own = container.at("securityContext", *path)
        return spec.at("securityContext", *path) if own is None else own

    if effective("runAsNonRoot") is not True or effective("runAsUser") == 0:
        yield "it may run as root"
    if effective("seccompProfile", "type") not in ("RuntimeDefault", "Localhost"):
        yield "no seccomp profile"
    context = container.at("securityContext") or Record({})
    if context.at("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation is not false"
    if context.at("privileged"):
        yield "privileged"
    if "ALL" not in context.texts("capabilities", "drop"):
        yield "not all capabilities are dropped"
    if set(context.texts("capabilities", "add")) - {"NET_BIND_SERVICE"}:
        yield "capabilities are added"
    if context.at("procMount") not in (None, "Default"):
        yield "procMount is not Default"
    if any(port.at("hostPort") for port in container.records("ports")):
        yield "it takes a port of the node"


RULES: tuple[Rule, ...] = (restricted,)
