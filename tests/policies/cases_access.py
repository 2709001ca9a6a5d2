"""Cases of `policies/rules/access.py`."""

from policies.rules import access
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft


@violates(access.minimal)
def operators_read_secrets(draft: Draft) -> None:
    role = draft.node(access.ROLE, "access-operator-role")
    draft.set(role, "rules", 0, "resources", to=["pods", "services", "configmaps", "secrets"])


@violates(access.minimal)
def on_call_runs_commands_in_pods(draft: Draft) -> None:
    role = draft.node(access.ROLE, "access-on-call-role")
    draft.set(role, "rules", 3, "resources", to=["pods/eviction", "pods/exec"])


@violates(access.minimal, also=("rbac-preview-dry",))
def an_auditor_may_do_everything(draft: Draft) -> None:
    draft.set(draft.node(access.CLUSTER_ROLE, "cluster-access-auditor"), "rules", 1, "verbs", to=["*"])


@violates(access.minimal)
def an_auditor_reads_the_whole_core_group(draft: Draft) -> None:
    draft.set(draft.node(access.CLUSTER_ROLE, "cluster-access-auditor"), "rules", 0, "resources", to=["*"])


@spares(access.minimal)
def one_secret_by_name_may_be_read(draft: Draft) -> None:
    one = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"], "resourceNames": ["api-tls-secret"]}
    draft.set(draft.node(access.ROLE, "access-operator-role"), "rules", 0, to=one)


@violates(access.bound)
def whoever_has_a_token_is_an_operator(draft: Draft) -> None:
    binding = draft.node(access.ROLE_BINDING, "access-operator-binding")
    draft.set(binding, "subjects", 0, "name", to="system:authenticated")


@violates(access.bound)
def its_role_is_not_there(draft: Draft) -> None:
    draft.set(draft.node(access.ROLE_BINDING, "access-operator-binding"), "roleRef", "name", to="admin")


@spares(access.bound)
def on_call_may_be_operators_too(draft: Draft) -> None:
    binding = draft.node(access.ROLE_BINDING, "access-operator-binding")
    groups = ("intendly-operators", "intendly-on-call")
    draft.set(binding, "subjects", to=[{"kind": "Group", "name": group} for group in groups])


@violates(access.preview_dry)
def a_preview_may_change_the_cluster(draft: Draft) -> None:
    draft.remove(draft.node(access.ADMISSION_BINDING))


@violates(access.preview_dry)
def a_preview_is_only_warned(draft: Draft) -> None:
    draft.set(draft.node(access.ADMISSION_BINDING), "spec", "validationActions", to=["Warn"])


@violates(access.preview_dry)
def what_cannot_be_judged_passes(draft: Draft) -> None:
    draft.set(draft.node(access.ADMISSION), "spec", "failurePolicy", to="Ignore")


@spares(access.preview_dry)
def its_words_are_free(draft: Draft) -> None:
    draft.set(draft.node(access.ADMISSION), "spec", "validations", 0, "message", to="only dry runs")
