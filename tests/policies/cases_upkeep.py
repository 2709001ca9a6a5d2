"""Cases of `policies/rules/upkeep.py`."""

import json

from policies.rules import upkeep
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft

log_group = "aws:cloudwatch/logGroup:LogGroup"
key = "aws:kms/key:Key"


@violates(upkeep.kept)
def logs_are_kept_for_ever(draft: Draft) -> None:
    draft.unset(draft.node(log_group, "logs-applications"), "retentionInDays")


@violates(upkeep.kept)
def logs_lie_readable(draft: Draft) -> None:
    draft.unset(draft.node(log_group, "logs-applications"), "kmsKeyId")


@violates(upkeep.kept)
def the_database_writes_into_a_group_of_aws(draft: Draft) -> None:
    draft.remove(draft.node(log_group, "database-logs-upgrade"))


@violates(upkeep.kept)
def pods_write_into_a_group_that_nobody_made(draft: Draft) -> None:
    collector = draft.node("kubernetes:helm.sh/v3:Release", "logs-release")
    draft.set(collector, "values", "cloudWatchLogs", "logGroupName", to="/intendly/staging/applications")


@violates(upkeep.kept)
def a_filter_reads_a_group_that_nobody_writes(draft: Draft) -> None:
    draft.add(upkeep.METRIC_FILTER, "errors", {"logGroupName": "/intendly/production/application"})


@spares(upkeep.kept)
def a_filter_reads_what_pods_write(draft: Draft) -> None:
    draft.add(upkeep.METRIC_FILTER, "errors", {"logGroupName": "/intendly/production/applications"})


@violates(upkeep.rotate)
def the_key_stays_the_same(draft: Draft) -> None:
    draft.unset(draft.node(key, "data-key-key"), "enableKeyRotation")


@violates(upkeep.rotate)
def a_deleted_key_is_gone_in_a_week(draft: Draft) -> None:
    draft.set(draft.node(key, "data-key-key"), "deletionWindowInDays", to=7)


def policy(draft: Draft, change: str) -> None:
    """Change the key's policy: leave out the logs' statement, or let everybody in."""
    found = draft.node(key, "data-key-key")
    document = json.loads(found.at("policy"))
    if change == "no logs":
        del document["Statement"][2]
    elif change == "everybody":
        document["Statement"].append(
            {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
        )
    else:
        del document["Statement"][1]
    draft.set(found, "policy", to=json.dumps(document))


@violates(upkeep.rotate)
def the_logs_may_not_use_the_key(draft: Draft) -> None:
    policy(draft, "no logs")


@violates(upkeep.rotate)
def everybody_may_use_the_key(draft: Draft) -> None:
    policy(draft, "everybody")


@spares(upkeep.rotate)
def topics_that_are_not_there_need_no_key(draft: Draft) -> None:
    policy(draft, "no topics")
