"""Cases of `policies/rules/workloads.py`."""

from policies.rules import workloads
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft

deployment = ("kubernetes:apps/v1:Deployment", "backend-relayer-deployment")
pod = ("spec", "template", "spec")
container = (*pod, "containers", 0)


@violates(workloads.restricted)
def it_may_run_as_root(draft: Draft) -> None:
    draft.set(draft.node(*deployment), *pod, "securityContext", "runAsNonRoot", to=False)


@violates(workloads.restricted)
def a_container_overrides_the_pod(draft: Draft) -> None:
    draft.set(draft.node(*deployment), *container, "securityContext", "runAsUser", to=0)


@violates(workloads.restricted)
def it_keeps_a_capability(draft: Draft) -> None:
    draft.set(
        draft.node(*deployment), *container, "securityContext", "capabilities", to={"drop": ["NET_RAW"]}
    )


@violates(workloads.restricted)
def it_sees_the_nodes_files(draft: Draft) -> None:
    volume = {"name": "tmp", "hostPath": {"path": "/var/run"}}
    draft.set(draft.node(*deployment), *pod, "volumes", to=[volume])


@violates(
    workloads.restricted,
    also=("autoscaler-coherent", "workload-image-pinned", "workload-read-only-root", "workload-resources"),
)
def what_runs_before_is_privileged(draft: Draft) -> None:
    first = {"name": "first", "securityContext": {"privileged": True}}
    draft.set(draft.node(*deployment), *pod, "initContainers", to=[first])


@violates(workloads.restricted)
def it_is_on_the_nodes_network(draft: Draft) -> None:
    draft.set(draft.node(*deployment), *pod, "hostNetwork", to=True)


@spares(workloads.restricted)
def the_container_says_it_instead_of_the_pod(draft: Draft) -> None:
    draft.unset(draft.node(*deployment), *pod, "securityContext", "runAsNonRoot")
    draft.set(draft.node(*deployment), *container, "securityContext", "runAsNonRoot", to=True)


@spares(workloads.restricted)
def it_may_listen_on_a_low_port(draft: Draft) -> None:
    held = {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}
    draft.set(draft.node(*deployment), *container, "securityContext", "capabilities", to=held)
