"""Cases of `policies/rules/pods.py`."""

from policies.graph import Node
from policies.kubernetes import DEPLOYMENT, SERVICE_ACCOUNT
from policies.rules import pods
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft

spec = ("spec", "template", "spec")
container = (*spec, "containers", 0)


def relayer(draft: Draft) -> Node:
    return draft.node(DEPLOYMENT, "backend-relayer-deployment")


@violates(pods.read_only_root)
def its_root_can_be_written(draft: Draft) -> None:
    draft.unset(relayer(draft), *container, "securityContext", "readOnlyRootFilesystem")


@violates(pods.read_only_root)
def its_scratch_space_has_no_end(draft: Draft) -> None:
    draft.set(relayer(draft), *spec, "volumes", 0, "emptyDir", to={})


@spares(pods.read_only_root)
def another_kind_of_volume_needs_no_size(draft: Draft) -> None:
    more = {"name": "settings", "configMap": {"name": "backend-config"}}
    draft.set(relayer(draft), *spec, "volumes", to=[more])


@violates(pods.image_pinned)
def it_runs_whatever_the_tag_means_today(draft: Draft) -> None:
    draft.set(relayer(draft), *container, "image", to="ghcr.io/intendly/intendly-backend:1.2.3")


@violates(pods.image_pinned)
def a_sidecar_is_from_somebody_elses_registry(draft: Draft) -> None:
    extra = {
        "name": "proxy",
        "image": f"docker.io/library/busybox@sha256:{'a' * 64}",
        "securityContext": {
            "readOnlyRootFilesystem": True,
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        },
        "resources": {
            "requests": {"cpu": "10m", "memory": "32Mi", "ephemeral-storage": "32Mi"},
            "limits": {"memory": "32Mi", "ephemeral-storage": "32Mi"},
        },
    }
    draft.set(relayer(draft), *spec, "initContainers", to=[extra])


@violates(pods.image_pinned)
def one_application_runs_another_release(draft: Draft) -> None:
    draft.set(relayer(draft), *container, "image", to=f"ghcr.io/intendly/intendly-backend@sha256:{'a' * 64}")


@spares(pods.image_pinned)
def another_command_of_the_image_is_no_other_image(draft: Draft) -> None:
    draft.set(relayer(draft), *container, "command", to=["node", "dist/other.js"])


@violates(pods.resources)
def its_heap_is_as_large_as_its_memory(draft: Draft) -> None:
    place = _variable(relayer(draft), "NODE_OPTIONS")
    draft.set(relayer(draft), *container, "env", place, "value", to="--max-old-space-size=2048")


@violates(pods.resources)
def its_heap_has_no_limit_of_its_own(draft: Draft) -> None:
    place = _variable(relayer(draft), "NODE_OPTIONS")
    draft.set(relayer(draft), *container, "env", place, "value", to="--enable-source-maps")


@violates(pods.resources)
def its_memory_has_no_limit(draft: Draft) -> None:
    draft.unset(relayer(draft), *container, "resources", "limits", "memory")


@spares(pods.resources)
def a_limit_on_processor_time_is_not_asked_for(draft: Draft) -> None:
    draft.set(relayer(draft), *container, "resources", "limits", "cpu", to="2")


@violates(pods.probes)
def nobody_notices_that_it_hangs(draft: Draft) -> None:
    draft.unset(relayer(draft), *container, "livenessProbe")


@violates(pods.probes)
def an_outage_of_the_database_kills_it(draft: Draft) -> None:
    draft.set(
        relayer(draft), *container, "livenessProbe", "httpGet", to={"path": "/health", "port": "metrics"}
    )


@violates(pods.probes)
def a_probe_asks_a_port_that_is_none(draft: Draft) -> None:
    draft.set(relayer(draft), *container, "startupProbe", "httpGet", "port", to="web")


@spares(pods.probes)
def a_port_may_be_given_by_its_number(draft: Draft) -> None:
    draft.set(relayer(draft), *container, "startupProbe", "httpGet", "port", to=3001)


@violates(pods.rolls_safely)
def an_update_takes_pods_away_first(draft: Draft) -> None:
    draft.set(relayer(draft), "spec", "strategy", "rollingUpdate", "maxUnavailable", to="25%")


@violates(pods.rolls_safely)
def there_is_no_revision_to_go_back_to(draft: Draft) -> None:
    draft.set(relayer(draft), "spec", "revisionHistoryLimit", to=0)


@violates(pods.rolls_safely)
def it_is_killed_while_it_still_answers(draft: Draft) -> None:
    draft.set(relayer(draft), *spec, "terminationGracePeriodSeconds", to=30)


@spares(pods.rolls_safely)
def a_longer_farewell_is_safe(draft: Draft) -> None:
    draft.set(relayer(draft), *spec, "terminationGracePeriodSeconds", to=90)


@violates(pods.account)
def it_runs_as_the_namespaces_default_account(draft: Draft) -> None:
    draft.unset(relayer(draft), *spec, "serviceAccountName")


@violates(pods.account)
def two_workloads_share_an_account(draft: Draft) -> None:
    draft.set(relayer(draft), *spec, "serviceAccountName", to="websocket-server")


@violates(pods.account)
def it_carries_a_token_that_it_does_not_need(draft: Draft) -> None:
    draft.set(relayer(draft), *spec, "automountServiceAccountToken", to=True)


@spares(pods.account, minimal=True)
def it_needs_its_token_where_a_role_is_bound_to_it(draft: Draft) -> None:
    here = {"name": "job", "namespace": "intendly"}
    draft.add(SERVICE_ACCOUNT, "job", {"metadata": here})
    draft.add(
        DEPLOYMENT,
        "job",
        {"metadata": here, "spec": {"template": {"spec": {"serviceAccountName": "job"}}}},
    )
    draft.add(pods.BINDINGS[0], "job", {"metadata": here, "subjects": [{"kind": "ServiceAccount", **here}]})


def _variable(workload: Node, name: str) -> int:
    """The place of a variable in the container's environment."""
    entries = workload.properties.raw["spec"]["template"]["spec"]["containers"][0]["env"]
    return [one["name"] for one in entries].index(name)
