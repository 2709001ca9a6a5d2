"""Cases of `policies/rules/pod_secrets.py`."""

from policies.graph import Node
from policies.kubernetes import CONFIG_MAP, DEPLOYMENT, EXTERNAL_SECRET, RELEASE, SECRET_STORE
from policies.rules import pod_secrets
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft

environment = ("spec", "template", "spec", "containers", 0, "env")


def relayer(draft: Draft) -> Node:
    return draft.node(DEPLOYMENT, "backend-relayer-deployment")


def database(draft: Draft) -> Node:
    return draft.node(EXTERNAL_SECRET, "platform-secrets-database")


@violates(pod_secrets.not_literal)
def a_password_stands_in_the_environment(draft: Draft) -> None:
    draft.set(relayer(draft), *environment, 0, to={"name": "DATABASE_PASSWORD", "value": "hunter2"})


@violates(pod_secrets.not_literal)
def a_random_text_stands_in_the_configuration(draft: Draft) -> None:
    draft.set(draft.node(CONFIG_MAP), "data", "SALT", to="kJ8s0QzV2mB4xT7nL1wY6rPdF3hG9cAa")


@violates(pod_secrets.not_literal)
def a_chart_is_given_a_password(draft: Draft) -> None:
    release = draft.node(RELEASE, "monitoring-release")
    draft.set(release, "values", "grafana", "adminPassword", to="prom-operator")


@spares(pod_secrets.not_literal)
def the_path_of_a_secret_is_none(draft: Draft) -> None:
    draft.set(draft.node(CONFIG_MAP), "data", "TOKEN_FILE", to="/run/secrets/token")


@violates(pod_secrets.covered)
def a_pod_waits_for_a_key_that_never_comes(draft: Draft) -> None:
    draft.unset(database(draft), "spec", "data", 1)


@violates(pod_secrets.covered)
def a_secret_is_made_under_another_name(draft: Draft) -> None:
    draft.set(database(draft), "spec", "target", "name", to="database")


@violates(pod_secrets.covered)
def grafana_has_no_administrator(draft: Draft) -> None:
    draft.remove(draft.node(EXTERNAL_SECRET, "platform-secrets-grafana"))


@spares(pod_secrets.covered)
def a_key_that_nobody_asks_for_does_no_harm(draft: Draft) -> None:
    more = {"secretKey": "host", "remoteRef": {"key": "database", "property": "host"}}
    draft.set(database(draft), "spec", "data", to=[*database(draft).properties.raw["spec"]["data"], more])


@violates(pod_secrets.store_answers)
def a_rotated_password_is_never_read(draft: Draft) -> None:
    draft.set(database(draft), "spec", "refreshInterval", to="0")


@violates(pod_secrets.store_answers)
def every_namespace_may_read_every_secret(draft: Draft) -> None:
    draft.unset(draft.node(SECRET_STORE), "spec", "conditions")


@spares(pod_secrets.store_answers)
def it_may_be_read_anew_less_often(draft: Draft) -> None:
    draft.set(database(draft), "spec", "refreshInterval", to="1h")
