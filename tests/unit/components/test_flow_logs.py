"""Flow logs of the VPC."""

import json

from components.flow_logs import FlowLogs, FlowLogsArgs
from tests.support.recorder import Recorder
from tests.unit.conftest import Deploy

LOG = "aws:ec2/flowLog:FlowLog"
GROUP = "aws:cloudwatch/logGroup:LogGroup"

ARGS = FlowLogsArgs(
    prefix="intendly-test",
    account_id="111111111111",
    region="us-east-1",
    vpc_id="vpc-1",
    key_arn="arn:aws:kms:us-east-1:111111111111:key/k",
    retention_days=90,
)


def built(deploy: Deploy) -> Recorder:
    return deploy(lambda: FlowLogs("flow-logs", ARGS))


def test_accepted_and_refused_connections_of_the_vpc_are_recorded(deploy: Deploy) -> None:
    recorder = built(deploy)
    log = recorder.only(LOG)
    assert (log["vpcId"], log["trafficType"]) == ("vpc-1", "ALL")
    assert log["logDestinationType"] == "cloud-watch-logs"
    assert recorder.only(GROUP).urn in log.property_dependencies["logDestination"]


def test_the_group_is_encrypted_and_forgets(deploy: Deploy) -> None:
    group = built(deploy).only(GROUP)
    assert group["name"] == "/intendly/intendly-test/flow-logs"
    assert group["kmsKeyId"] == ARGS.key_arn
    assert group["retentionInDays"] == 90


def test_only_flow_logs_of_this_account_take_the_role(deploy: Deploy) -> None:
    role = built(deploy).only("aws:iam/role:Role")
    [statement] = json.loads(role["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "111111111111"}}


def test_the_role_writes_into_its_group_and_nowhere_else(deploy: Deploy) -> None:
    recorder = built(deploy)
    policy = json.loads(recorder.only("aws:iam/rolePolicy:RolePolicy")["policy"])
    writing, listing = policy["Statement"]
    group, streams = writing["Resource"]
    assert group.endswith(":loggroup//intendly/intendly-test/flow-logs")
    assert streams == f"{group}:*"
    assert "logs:PutLogEvents" in writing["Action"]
    assert listing["Action"] == "logs:DescribeLogGroups"
    assert listing["Resource"] == "arn:aws:logs:us-east-1:111111111111:log-group:*"


def test_nothing_is_recorded_before_the_role_may_write(deploy: Deploy) -> None:
    recorder = built(deploy)
    assert recorder.follows(recorder.only(LOG), recorder.only("aws:iam/rolePolicy:RolePolicy"))


def test_a_changed_log_replaces_the_old_one_first(deploy: Deploy) -> None:
    assert built(deploy).only(LOG).delete_before_replace
