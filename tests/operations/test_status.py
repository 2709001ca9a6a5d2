import json
from dataclasses import replace

import pytest

from operations.clients.engine import StackState, Update
from operations.errors import ClusterError, EngineError
from operations.services.settings import Wanted
from operations.services.status import Part, StackStatus
from tests.operations import fakes
from tests.operations.conftest import IMAGE, Invoke


def part(status: StackStatus, name: str) -> Part:
    [found] = [one for one in status.parts if one.name == name]
    return found


def test_a_stack_that_is_all_there_is_ready(factory: fakes.FakeFactory) -> None:
    status = factory.status().status()
    assert [one.name for one in status.parts if not one.ready] == []
    assert status.ready
    assert status.account == "222222222222"
    assert status.kubernetes_version == "1.36.3"
    assert status.resources == {"kubernetes": 6, "aws": 3}
    assert [item.name for item in part(status, "deployments").items] == [
        "intendly/backend-relayer",
        "traefik/traefik",
    ]


def test_what_the_state_names_and_the_cluster_lacks_is_not_ready(
    factory: fakes.FakeFactory, cluster: fakes.FakeCluster
) -> None:
    cluster.lists[fakes.DEPLOYMENTS] = []
    status = factory.status().status()
    [item] = [one for one in part(status, "deployments").items if not one.ready]
    assert item.name == "intendly/backend-relayer"
    assert "not in the cluster" in item.detail
    assert not status.ready


def test_what_may_not_be_read_is_not_ready_and_the_rest_is_read(
    factory: fakes.FakeFactory, cluster: fakes.FakeCluster
) -> None:
    cluster.lists[fakes.NODES] = ClusterError("the role may not read /api/v1/nodes")
    cluster.lists[fakes.DEPLOYMENTS] = ClusterError("no right")
    status = factory.status().status()
    assert part(status, "nodes").problem == "the role may not read /api/v1/nodes"
    assert [item.ready for item in part(status, "deployments").items] == [False, True]
    assert part(status, "ingresses").ready


def test_a_cluster_that_does_not_answer_leaves_only_the_data_stores(
    factory: fakes.FakeFactory, cluster: fakes.FakeCluster
) -> None:
    cluster.told = ClusterError("https://127.0.0.1:6443 does not answer: refused")
    status = factory.status().status()
    assert [one.name for one in status.parts if one.ready] == ["data stores"]
    assert all("does not answer" in one.problem for one in status.parts if not one.ready)
    assert not status.ready


def test_an_empty_stack_is_not_ready_anywhere(factory: fakes.FakeFactory, engine: fakes.FakeEngine) -> None:
    engine.given, engine.update = StackState(), None
    status = factory.status().status()
    assert not status.ready
    assert not any(one.ready for one in status.parts)
    assert all(one.problem for one in status.parts if one.name != "data stores")


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", "autoscalers"),
        ("kubernetes:external-secrets.io/v1:ExternalSecret", "secrets"),
        ("kubernetes:cert-manager.io/v1:Certificate", "certificates"),
        ("kubernetes:networking.k8s.io/v1:Ingress", "ingresses"),
        ("aws:eks/nodeGroup:NodeGroup", "nodes"),
    ],
)
def test_a_part_with_nothing_in_it_is_not_ready(
    factory: fakes.FakeFactory, engine: fakes.FakeEngine, kind: str, name: str
) -> None:
    left = tuple(one for one in engine.given.resources if one.kind != kind)
    engine.given = replace(engine.given, resources=left)
    status = factory.status().status()
    assert [one.name for one in status.parts if not one.ready] == [name]
    assert "state has n" in part(status, name).problem
    assert not status.ready


@pytest.mark.parametrize(
    "update",
    [None, replace(fakes.SUCCEEDED, result="failed"), replace(fakes.SUCCEEDED, result="in-progress")],
)
def test_only_an_update_that_succeeded_makes_a_stack_ready(
    factory: fakes.FakeFactory, engine: fakes.FakeEngine, update: Update | None
) -> None:
    engine.update = update
    assert not factory.status().status().ready


def test_an_interrupted_operation_makes_a_stack_not_ready(
    factory: fakes.FakeFactory, engine: fakes.FakeEngine
) -> None:
    engine.given = replace(engine.given, interrupted=("creating aws:rds/instance:Instance::database",))
    assert not factory.status().status().ready


@pytest.mark.parametrize(
    ("condition", "minimum", "verdict"),
    [("True", 1, True), ("True", 2, False), ("False", 1, False), ("False", 0, False)],
)
def test_a_node_group_needs_its_minimum_and_no_broken_node(
    factory: fakes.FakeFactory, condition: str, minimum: int, *, verdict: bool
) -> None:
    [group] = factory.fake_engine.given.of_kind("aws:eks/nodeGroup:NodeGroup")
    group.outputs["scalingConfig"]["minSize"] = minimum
    [node] = factory.fake_cluster.list(fakes.NODES)
    node["status"]["conditions"][0]["status"] = condition
    assert part(factory.status().status(), "nodes").ready is verdict


def test_a_node_group_without_a_node_is_not_ready(
    factory: fakes.FakeFactory, cluster: fakes.FakeCluster
) -> None:
    [group] = factory.fake_engine.given.of_kind("aws:eks/nodeGroup:NodeGroup")
    group.outputs["scalingConfig"]["minSize"] = 0
    cluster.lists[fakes.NODES] = []
    [nodes] = part(factory.status().status(), "nodes").items
    assert (nodes.ready, nodes.detail) == (False, "0 of 0 nodes ready, allowed 0 to 4")


def test_data_stores_carry_the_names_that_operators_know(factory: fakes.FakeFactory) -> None:
    items = part(factory.status().status(), "data stores").items
    assert [(item.name, item.detail) for item in items] == [
        ("intendly-staging-postgres", "postgres 18.6, db.t4g.medium, available at the last update"),
        ("cache-id", "valkey 8.2.1, cache.t4g.micro, created at the last update"),
    ]


def test_nothing_is_not_ready() -> None:
    assert not Part(name="deployments").ready


def test_a_chart_may_put_objects_into_another_namespace_or_name_none(
    factory: fakes.FakeFactory, engine: fakes.FakeEngine
) -> None:
    [release] = engine.given.of_kind("kubernetes:helm.sh/v3:Release")
    release.outputs["resourceNames"]["Deployment.apps/apps/v1"] = ["kube-system/other", "traefik"]
    names = [item.name for item in part(factory.status().status(), "deployments").items]
    assert names == ["intendly/backend-relayer", "kube-system/other", "traefik/traefik"]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("aws:rds/instance:Instance", "database"),
        ("aws:elasticache/replicationGroup:ReplicationGroup", "cache"),
    ],
)
def test_a_data_store_missing_from_the_state_is_not_ready(
    factory: fakes.FakeFactory, engine: fakes.FakeEngine, kind: str, name: str
) -> None:
    left = tuple(one for one in engine.given.resources if one.kind != kind)
    engine.given = replace(engine.given, resources=left)
    stores = part(factory.status().status(), "data stores")
    assert [(one.name, one.detail) for one in stores.items if not one.ready] == [
        (name, "the stack's state has none")
    ]


@pytest.mark.parametrize(("status", "ready"), [("available", True), ("modifying", False), ("failed", False)])
def test_a_database_is_ready_when_it_was_available(
    factory: fakes.FakeFactory, engine: fakes.FakeEngine, status: str, *, ready: bool
) -> None:
    [database] = engine.given.of_kind("aws:rds/instance:Instance")
    database.outputs["status"] = status
    assert part(factory.status().status(), "data stores").ready is ready


def test_the_command_prints_a_table_and_exits_zero(intendly: Invoke) -> None:
    result = intendly("status", "--stack", "staging")
    assert result.exit_code == 0, result.output
    assert IMAGE in result.stdout  # whole: a table that is no terminal's is not folded
    assert "intendly/backend-relayer" in result.stdout
    assert "2 of 2 pods ready" in result.stdout
    assert result.stderr == ""


def test_an_image_that_the_settings_ask_for_and_nobody_rolled_out_is_shown(
    intendly: Invoke, factory: fakes.FakeFactory
) -> None:
    assert "image wanted" not in intendly("status", "--stack", "staging").stdout
    factory.fake_settings.given = Wanted(image="ghcr.io/new@sha256:1", kubernetes_version="1.36")
    shown = intendly("status", "--stack", "staging").stdout
    assert "ghcr.io/new@sha256:1 (by the settings" in shown


def test_a_stack_that_is_not_ready_exits_three_with_its_output(
    intendly: Invoke, cluster: fakes.FakeCluster
) -> None:
    cluster.lists[fakes.DEPLOYMENTS] = [fakes.deployment("backend-relayer", ready=1)]
    result = intendly("status", "--stack", "staging")
    assert result.exit_code == 3
    assert "1 of 2 pods ready" in result.stdout


def test_json_is_one_value_on_stdout_in_camel_case(intendly: Invoke) -> None:
    result = intendly("status", "--stack", "staging", "--json")
    status = json.loads(result.stdout)
    assert status["ready"] is True
    assert status["kubernetesVersion"] == "1.36.3"
    assert status["lastUpdate"]["ended"] == "2026-11-24T22:33:40+00:00"
    assert status["endpoints"] == {"api": "https://api.staging.intendly.xyz"}
    deployments = status["parts"][1]
    assert deployments["name"] == "deployments"
    assert deployments["items"][0] == {
        "name": "intendly/backend-relayer",
        "ready": True,
        "detail": "2 of 2 pods ready",
    }


def test_what_helps_against_a_refusal_is_said_once_on_stderr(
    intendly: Invoke, cluster: fakes.FakeCluster
) -> None:
    cluster.told = ClusterError("the cluster does not know you", "choose the IAM role")
    result = intendly("status", "--stack", "staging", "--json")
    assert result.stderr == "hint: choose the IAM role\n"
    assert json.loads(result.stdout)["hint"] == "choose the IAM role"


def test_an_interrupted_update_is_named(intendly: Invoke, engine: fakes.FakeEngine) -> None:
    engine.given = replace(engine.given, interrupted=("creating aws:rds/instance:Instance::database",))
    result = intendly("status", "--stack", "staging")
    assert result.exit_code == 3
    assert "creating aws:rds/instance:Instance::database" in result.stdout


def test_a_stack_never_deployed_is_described_without_a_cluster(
    intendly: Invoke, engine: fakes.FakeEngine
) -> None:
    engine.given, engine.update = StackState(), None
    result = intendly("status", "--stack", "staging")
    assert result.exit_code == 3
    assert "not deployed yet" in result.stdout
    assert "the stack has no cluster yet" in result.stdout


def test_an_engine_that_cannot_be_read_is_an_error(
    intendly: Invoke, engine: fakes.FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> StackState:
        raise EngineError("the stack staging does not exist in s3://x", "pulumi login")

    monkeypatch.setattr(engine, "state", fail)
    result = intendly("status", "--stack", "staging", "--json")
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "error: the stack staging does not exist in s3://x",
        "hint: pulumi login",
    ]


def test_the_role_comes_from_the_option_or_the_environment(
    intendly: Invoke, factory: fakes.FakeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    intendly("status", "--stack", "staging", "--role-arn", "arn:option")
    assert factory.role_arn == "arn:option"
    monkeypatch.setenv("INTENDLY_ROLE_ARN", "arn:environment")
    intendly("status", "--stack", "staging")
    assert factory.role_arn == "arn:environment"
