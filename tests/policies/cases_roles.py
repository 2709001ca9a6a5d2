"""Cases of `policies/rules/roles.py`."""

import json

from policies.rules import roles
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft

role = "aws:iam/role:Role"
role_policy = "aws:iam/rolePolicy:RolePolicy"
attachment = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
deployer = "arn:aws:iam::111111111111:role/intendly-deployer"


def allow(draft: Draft, name: str, action: str, resource: str, **condition: str) -> None:
    """Let a role do one thing more."""
    document = {
        "Statement": [
            {"Effect": "Allow", "Action": action, "Resource": resource}
            | ({"Condition": {"StringEquals": condition}} if condition else {})
        ]
    }
    draft.add(
        role_policy, f"{name}-more", {"policy": json.dumps(document)}, {"role": [draft.node(role, name)]}
    )


def trust(draft: Draft, name: str, **statement: object) -> None:
    """Change who may take a role."""
    found = draft.node(role, name)
    document = json.loads(found.at("assumeRolePolicy"))
    document["Statement"][0] |= statement
    draft.set(found, "assumeRolePolicy", to=json.dumps(document))


@violates(roles.no_escalation)
def pods_may_write_the_policies_of_a_role(draft: Draft) -> None:
    allow(draft, "logs-identity-role", "iam:PutRolePolicy", "arn:aws:iam::111111111111:role/other")


@violates(roles.no_escalation)
def the_node_leads_to_a_writer_of_policies(draft: Draft) -> None:
    allow(
        draft,
        "cluster-nodes-role",
        "sts:AssumeRole",
        "arn:aws:iam::111111111111:role/intendly-production-backup",
    )
    allow(draft, "backups-backup-role", "iam:Attach*", "arn:aws:iam::111111111111:role/other")


@violates(roles.no_escalation)
def a_role_is_handed_to_a_service(draft: Draft) -> None:
    allow(
        draft,
        "cluster-nodes-role",
        "iam:PassRole",
        "arn:aws:iam::111111111111:role/administrator",
        **{"iam:PassedToService": "ec2.amazonaws.com"},
    )


@violates(roles.no_escalation)
def pods_may_become_the_deployer(draft: Draft) -> None:
    allow(draft, "logs-identity-role", "sts:AssumeRole", deployer)


@violates(roles.no_escalation)
def any_branch_may_become_the_deployer(draft: Draft) -> None:
    subject = {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        "token.actions.githubusercontent.com:sub": "repo:intendly/infrastructure:ref:refs/heads/main",
    }
    trust(draft, "github-deploy", Condition={"StringEquals": subject})


@spares(roles.no_escalation)
def a_role_may_take_a_harmless_one(draft: Draft) -> None:
    allow(
        draft,
        "cluster-nodes-role",
        "sts:AssumeRole",
        "arn:aws:iam::111111111111:role/intendly-production-fluent-bit",
    )


@violates(roles.trust_narrow)
def everybody_may_take_a_role(draft: Draft) -> None:
    trust(draft, "backups-backup-role", Principal={"AWS": "*"})


@violates(roles.trust_narrow)
def the_whole_account_may_take_a_role(draft: Draft) -> None:
    trust(draft, "backups-backup-role", Principal={"AWS": "arn:aws:iam::111111111111:root"})


@violates(roles.trust_narrow)
def pods_cannot_be_told_apart(draft: Draft) -> None:
    trust(draft, "logs-identity-role", Action="sts:AssumeRole")


@violates(roles.trust_narrow)
def every_repository_of_the_organisation_may_preview(draft: Draft) -> None:
    condition = {
        "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
        "StringLike": {"token.actions.githubusercontent.com:sub": "repo:intendly/*"},
    }
    trust(draft, "github-preview", Condition=condition)


@violates(roles.trust_narrow)
def tokens_for_others_are_taken(draft: Draft) -> None:
    subject = {"token.actions.githubusercontent.com:sub": "repo:intendly/infrastructure:pull_request"}
    trust(draft, "github-preview", Condition={"StringEquals": subject})


@spares(roles.trust_narrow)
def a_named_role_may_take_a_role(draft: Draft) -> None:
    trust(draft, "backups-backup-role", Principal={"AWS": deployer})


@violates(roles.one_role_per_workload)
def two_workloads_share_a_role(draft: Draft) -> None:
    draft.add(
        roles.POD_IDENTITY,
        "second",
        {"namespace": "intendly", "serviceAccount": "backend-relayer"},
        {"roleArn": [draft.node(role, "logs-identity-role")]},
    )


@violates(roles.one_role_per_workload)
def a_role_is_tied_to_an_account_that_nobody_makes(draft: Draft) -> None:
    association = draft.node(roles.POD_IDENTITY, "cluster-nodes-aws-node-association")
    draft.set(association, "serviceAccount", to="vpc-cni")


@violates(roles.one_role_per_workload)
def a_chart_that_calls_aws_has_no_role(draft: Draft) -> None:
    draft.remove(draft.node(roles.POD_IDENTITY, "certificates-identity-association"))


@spares(roles.one_role_per_workload)
def an_application_gets_a_role_of_its_own(draft: Draft) -> None:
    service = {
        "Effect": "Allow",
        "Principal": {"Service": roles.PODS},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
    }
    own = draft.add(
        role,
        "relayer",
        {
            "name": "intendly-production-relayer",
            "assumeRolePolicy": json.dumps({"Statement": [service]}),
        },
    )
    draft.add(
        roles.POD_IDENTITY,
        "relayer",
        {"namespace": "intendly", "serviceAccount": "backend-relayer"},
        {"roleArn": [own]},
    )


@violates(roles.no_users_no_admin)
def a_user_has_a_key(draft: Draft) -> None:
    draft.add("aws:iam/accessKey:AccessKey", "key", {"user": "operations"})


@violates(roles.no_users_no_admin)
def a_role_is_an_administrator(draft: Draft) -> None:
    found = draft.node(attachment, "github-preview-ViewOnlyAccess")
    draft.set(found, "policyArn", to="arn:aws:iam::aws:policy/AdministratorAccess")


@spares(roles.no_users_no_admin)
def a_role_may_look_at_more(draft: Draft) -> None:
    found = draft.node(attachment, "github-preview-ViewOnlyAccess")
    draft.set(found, "policyArn", to="arn:aws:iam::aws:policy/SecurityAudit")
