"""Rules about who may enter."""

from collections.abc import Iterator
from typing import Final

from infra.settings.errors import Problem
from infra.settings.rules.base import Rule, problem
from infra.settings.stack import StackSettings


def roles_stand_once(settings: StackSettings) -> Iterator[Problem]:
    """EKS has one access entry for a role: a second one is refused in the middle of an update."""
    account, access = settings.account, settings.access
    deployer = f"arn:aws:iam::{account.id}:role/{account.deployer_role_name}"
    seen = {deployer: "account.deployerRoleName"}
    lists = {
        "operatorRoleArns": access.operator_role_arns,
        "onCallRoleArns": access.on_call_role_arns,
        "auditorRoleArns": access.auditor_role_arns,
    }
    for key, roles in lists.items():
        for position, role in enumerate(roles):
            if role in seen:
                yield problem(f"{role} is {seen[role]} already: name each role once", "access", key, position)
            seen.setdefault(role, f"access.{key}[{position}]")


def github_is_of_the_account(settings: StackSettings) -> Iterator[Problem]:
    """A role cannot trust another account's OIDC provider, and the state lies in the stack's own account."""
    github = settings.access.github
    if github is None:
        return
    for key, arn in (("oidcProviderArn", github.oidc_provider_arn), ("stateKeyArn", github.state_key_arn)):
        account = arn.split(":")[4]
        if account != settings.account.id:
            yield problem(
                f"{arn} is of account {account}, not of account.id {settings.account.id}",
                "access",
                "github",
                key,
            )


ACCESS_RULES: Final[tuple[Rule, ...]] = (roles_stand_once, github_is_of_the_account)
"""All rules of this file."""
