"""Cases of `policies/rules/statements.py`."""

import json
from collections.abc import Callable
from typing import Any

from policies.graph import Node
from policies.rules import statements
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft

Statement = dict[str, Any]

certificates = (statements.ROLE_POLICY, "certificates-identity-policy")
preview = (statements.ROLE_POLICY, "github-preview-policy")
data_key = (statements.KEY, "data-key-key")
site = (statements.BUCKET_POLICY, "web-policy")


def rewrite(
    draft: Draft, node: Node, change: Callable[[Statement], Statement | None], key: str = "policy"
) -> None:
    document = json.loads(node.properties.raw[key])
    changed = [change(one) for one in document["Statement"]]
    document["Statement"] = [one for one in changed if one]
    draft.set(node, key, to=json.dumps(document))


def without(part: str, effect: str = "Allow") -> Callable[[Statement], Statement]:
    def change(one: Statement) -> Statement:
        return {key: value for key, value in one.items() if key != part or one["Effect"] != effect}

    return change


@violates(statements.conditioned)
def certificates_may_change_every_name(draft: Draft) -> None:
    rewrite(draft, draft.node(*certificates), without("Condition"))


@spares(statements.conditioned)
def the_statements_may_have_names(draft: Draft) -> None:
    rewrite(draft, draft.node(*certificates), lambda one: {**one, "Sid": "Names"})


@violates(statements.look_blind)
def a_preview_reads_every_secret(draft: Draft) -> None:
    rewrite(draft, draft.node(*preview), lambda one: one if one["Effect"] == "Allow" else None)


@spares(statements.look_blind)
def a_preview_may_be_refused_more(draft: Draft) -> None:
    more = {"Effect": "Deny", "Action": "dynamodb:GetItem", "Resource": "*"}
    document = json.loads(draft.node(*preview).properties.raw["policy"])
    document["Statement"].append(more)
    draft.set(draft.node(*preview), "policy", to=json.dumps(document))


@violates(statements.trust_conditioned)
def another_accounts_flow_logs_take_the_role(draft: Draft) -> None:
    rewrite(draft, draft.node(statements.ROLE, "flow-logs-role"), without("Condition"), "assumeRolePolicy")


@spares(statements.trust_conditioned)
def a_trust_may_have_a_name(draft: Draft) -> None:
    rewrite(
        draft,
        draft.node(statements.ROLE, "flow-logs-role"),
        lambda one: {**one, "Sid": "FlowLogs"},
        "assumeRolePolicy",
    )


@violates(statements.services_conditioned)
def a_service_decrypts_for_strangers(draft: Draft) -> None:
    rewrite(draft, draft.node(*data_key), without("Condition"))


@spares(statements.services_conditioned)
def what_the_key_is_for_may_be_said(draft: Draft) -> None:
    draft.set(draft.node(*data_key), "description", to="everything that rests")


@violates(statements.bucket_policy_narrow)
def anybodys_distribution_reads_the_site(draft: Draft) -> None:
    rewrite(draft, draft.node(*site), without("Condition"))


@spares(statements.bucket_policy_narrow)
def the_same_said_with_another_name(draft: Draft) -> None:
    rewrite(draft, draft.node(*site), lambda one: {**one, "Sid": "Site"})


@violates(statements.origin_signs)
def the_site_asks_without_a_signature(draft: Draft) -> None:
    draft.set(draft.node(statements.ORIGIN_ACCESS), "signingBehavior", to="never")


@spares(statements.origin_signs)
def its_description_is_free(draft: Draft) -> None:
    draft.set(draft.node(statements.ORIGIN_ACCESS), "description", to="the site")
