"""Cases of `policies/rules/identity.py`."""

import json

from policies.rules import identity
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft

role_policy = ("aws:iam/rolePolicy:RolePolicy", "cluster-autoscaler-identity-policy")


def allowing(draft: Draft, **statement: object) -> None:
    """Give the autoscaler one more statement."""
    policy = draft.node(*role_policy)
    document = json.loads(policy.at("policy"))
    document["Statement"].append({"Effect": "Allow", **statement})
    draft.set(policy, "policy", to=json.dumps(document))


@violates(identity.no_wildcards)
def a_whole_service(draft: Draft) -> None:
    allowing(draft, Action="s3:*", Resource="arn:aws:s3:::one-bucket")


@violates(identity.no_wildcards)
def everything_but_one_action(draft: Draft) -> None:
    allowing(draft, NotAction="iam:CreateUser", Resource="arn:aws:s3:::one-bucket")


@violates(identity.no_wildcards)
def one_action_on_everything(draft: Draft) -> None:
    allowing(draft, Action=["s3:GetObject"], Resource="arn:aws:s3:::*")


@violates(identity.no_wildcards, also=("identity-no-escalation",))
def any_role_to_any_service(draft: Draft) -> None:
    allowing(draft, Action="iam:PassR*", Resource="arn:aws:iam::111111111111:role/one")


@spares(identity.no_wildcards)
def what_cannot_be_narrowed(draft: Draft) -> None:
    allowing(draft, Action=["ec2:DescribeSubnets"], Resource="*")


@spares(identity.no_wildcards)
def a_role_to_one_service(draft: Draft) -> None:
    only = {"StringEquals": {"iam:PassedToService": "backup.amazonaws.com"}}
    role = "arn:aws:iam::111111111111:role/intendly-production-restore"
    allowing(draft, Action="iam:PassRole", Resource=role, Condition=only)


@spares(identity.no_wildcards)
def everything_is_refused(draft: Draft) -> None:
    allowing(draft, Effect="Deny", Action="*", Resource="*")
