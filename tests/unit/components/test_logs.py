"""Logs: groups, what fluent-bit may do, and which line goes where."""

import json
import re
from fnmatch import fnmatchcase
from typing import Any

import pytest

from components.logs import APPLICATIONS_MATCH, PLATFORM_MATCH, Logs, LogsArgs, fluent_bit_values
from tests.support.recorder import Recorder
from tests.unit.conftest import Deploy

RELEASE = "kubernetes:helm.sh/v3:Release"
GROUP = "aws:cloudwatch/logGroup:LogGroup"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
POLICY = "aws:iam/rolePolicy:RolePolicy"
KEY = "arn:aws:kms:us-east-1:111111111111:key/data"


def logs() -> Logs:
    return Logs(
        "logs",
        LogsArgs(
            namespace="logging",
            environment="test",
            cluster_name="intendly-test-eks",
            region="us-east-1",
            role_name="intendly-test-fluent-bit",
            key_arn=KEY,
            applications_retention_days=90,
            platform_retention_days=30,
            chart_repository="https://eks.example",
        ),
    )


@pytest.fixture
def made(deploy: Deploy) -> Recorder:
    return deploy(logs)


def values() -> dict[str, Any]:
    return fluent_bit_values(region="us-east-1", applications_group="/a", platform_group="/p")


def second_output() -> dict[str, str]:
    head, *lines = values()["additionalOutputs"].splitlines()
    assert head == "[OUTPUT]"
    return dict(line.split(maxsplit=1) for line in lines)


def test_groups_are_encrypted_and_keep_what_they_are_told_to(made: Recorder) -> None:
    found = {one["name"]: (one["retentionInDays"], one["kmsKeyId"]) for one in made.all(GROUP)}
    assert found == {"/intendly/test/applications": (90, KEY), "/intendly/test/platform": (30, KEY)}


def test_groups_and_permissions_are_there_before_the_first_line(made: Recorder) -> None:
    found = made.only(RELEASE)
    assert (found["chart"], found["version"], found["namespace"]) == (
        "aws-for-fluent-bit",
        "0.2.0",
        "logging",
    )
    assert all(made.follows(found, one) for one in [*made.all(GROUP), made.only(ASSOCIATION)])


def test_fluent_bit_may_write_into_the_two_groups_and_nothing_else(made: Recorder) -> None:
    [statement] = json.loads(made.only(POLICY)["policy"])["Statement"]
    assert statement["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    # The recorder's ARNs, each with the suffix that stands for the group's streams.
    assert [one.rpartition("/intendly/")[2] for one in statement["Resource"]] == [
        "test/applications:*",
        "test/platform:*",
    ]
    identity = made.only(ASSOCIATION)
    assert (identity["namespace"], identity["serviceAccount"]) == ("logging", "fluent-bit")
    assert made.only(RELEASE)["values"]["serviceAccount"] == {"name": "fluent-bit"}


def test_the_outputs_name_groups_of_the_program_and_make_none(made: Recorder) -> None:
    first = made.only(RELEASE)["values"]["cloudWatchLogs"]
    text = made.only(RELEASE)["values"]["additionalOutputs"]
    second = {line.split(maxsplit=1)[0]: line.split(maxsplit=1)[1] for line in text.splitlines()[1:]}
    groups = {one["name"] for one in made.all(GROUP)}
    assert {first["logGroupName"], second["log_group_name"]} == groups
    assert (first["autoCreateGroup"], second["auto_create_group"]) == (False, "false")


def test_each_output_has_a_stream_name_for_lines_without_a_pod() -> None:
    """With neither a name nor a prefix fluent-bit ends at its start, template or not."""
    assert values()["cloudWatchLogs"]["logStreamPrefix"]
    assert second_output()["log_stream_prefix"]
    assert values()["cloudWatchLogs"]["logStreamTemplate"] == second_output()["log_stream_template"]


@pytest.mark.parametrize(
    ("file", "of_the_product"),
    [
        ("backend-relayer-7d9c-x2x9k_intendly_backend-relayer-0123abcd.log", True),
        ("websocket-server-5f-abc_intendly_websocket-server-9f.log", True),
        ("traefik-6b5-qq_traefik_traefik-77.log", False),
        ("coredns-1_kube-system_coredns-1.log", False),
        ("intendly-1_monitoring_intendly-1.log", False),
        ("a_intendly-other_b-1.log", False),
        ("a_other-intendly_b-1.log", False),
    ],
)
def test_each_line_goes_to_exactly_one_group(file: str, *, of_the_product: bool) -> None:
    tag = f"kube.var.log.containers.{file}"
    assert fnmatchcase(tag, APPLICATIONS_MATCH) is of_the_product
    assert bool(re.search(PLATFORM_MATCH, tag)) is not of_the_product


def test_every_node_has_its_logs_read() -> None:
    assert values()["tolerations"] == [{"operator": "Exists"}]
    assert values()["priorityClassName"] == "system-node-critical"


def test_outputs_name_the_groups(made: Recorder) -> None:
    component = made.only("intendly:logs:Logs")
    assert made.outputs[component.urn] == {
        "applications_group": "/intendly/test/applications",
        "platform_group": "/intendly/test/platform",
    }
