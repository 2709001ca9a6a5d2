"""Cases of `policies/rules/secrecy.py`."""

from policies.rules import secrecy
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft

password = "random:index/randomPassword:RandomPassword"
secret = "aws:secretsmanager/secret:Secret"
version = "aws:secretsmanager/secretVersion:SecretVersion"


@violates(secrecy.stay_secret)
def a_password_flows_into_a_tag(draft: Draft) -> None:
    draft.add(
        "random:index/randomId:RandomId",
        "leak",
        {"byteLength": 4, "keepers": {"of": "whatever"}},
        {"keepers": [draft.node(password, "secrets-database-password")]},
    )


@violates(secrecy.stay_secret)
def a_secret_is_written_in_the_clear(draft: Draft) -> None:
    draft.add(version, "plain", {"secretString": "whatever"})


@violates(secrecy.stay_secret)
def the_stack_tells_how_to_enter_the_cluster(draft: Draft) -> None:
    draft.output("cluster", {"name": "intendly-production-eks", "kubeconfig": "whatever"})


@spares(secrecy.stay_secret)
def the_stack_tells_where_a_secret_lies(draft: Draft) -> None:
    draft.output("receivers", {"secretArn": "arn:aws:secretsmanager:us-east-1:111111111111:secret:receivers"})


@violates(secrecy.rotated)
def the_program_keeps_a_password_for_ever(draft: Draft) -> None:
    draft.options(draft.node(version, "secrets-database"), ignore_changes=())


@violates(secrecy.rotated)
def a_deleted_secret_is_lost(draft: Draft) -> None:
    draft.set(draft.node(secret, "secrets-database"), "recoveryWindowInDays", to=0)


@spares(secrecy.rotated)
def aws_rotates_a_secret(draft: Draft) -> None:
    draft.options(draft.node(version, "secrets-database"), ignore_changes=())
    draft.add(
        secrecy.ROTATION,
        "monthly",
        {"rotationRules": {"automaticallyAfterDays": 30}},
        {"secretId": [draft.node(secret, "secrets-database")]},
    )
