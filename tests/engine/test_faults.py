"""What AWS, people and machines do to an update, and how it ends: stopped cleanly, said clearly, completed again."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from localcloud.cloud import LocalCloud
from operations.errors import EngineError
from tests.support.agreement import deployment, disagreements
from tests.support.checkout import Checkout
from tests.support.engine_runs import faults, in_aws, intendly, pulumi, shell_environment, update
from tests.support.sweep import heal

pytestmark = pytest.mark.engine

ENTRY = "aws:eks/accessEntry:AccessEntry"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
VPC = "aws:ec2/vpc:Vpc"
HPA = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
TAGS = ("tags", "tagsAll")
AUDITORS = [f"arn:aws:iam::222222222222:role/auditor-{number}" for number in range(4)]


@pytest.fixture
def settings(checkout: Checkout) -> Iterator[Callable[..., None]]:
    """Edits settings of a section; afterwards they are as before."""
    before = checkout.stack_file.read_text()
    yield checkout.edit
    checkout.stack_file.write_text(before)
    checkout.cloud.start()


@pytest.fixture
def undone(checkout: Checkout) -> Iterator[None]:
    """To be asked for before ``settings``: brings the cloud back to them at the end."""
    yield
    checkout.cloud.up()
    assert disagreements(checkout.cloud) == []


def said(run: "subprocess.CompletedProcess[str]") -> str:
    return run.stdout + run.stderr


def auditors(checkout: Checkout) -> list[str]:
    arns = [one["principalArn"] for one in in_aws(checkout.cloud, ENTRY)]
    return sorted(arn for arn in arns if arn in AUDITORS)


def state_file(checkout: Checkout) -> Path:
    stacks = checkout.cloud.paths.state / "state" / ".pulumi" / "stacks"
    [file] = stacks.glob(f"*/{checkout.cloud.paths.stack}.json")
    return file


def ledger(checkout: Checkout) -> str:
    return checkout.cloud.paths.ledger.read_text()


@pytest.mark.usefixtures("undone")
def test_credentials_that_expire_and_endless_throttling_stop_an_update_that_a_rerun_completes(
    checkout: Checkout, settings: Callable[..., None]
) -> None:
    cloud = checkout.cloud
    settings("access", auditorRoleArns=AUDITORS)

    with faults(cloud, {"error": "ExpiredToken", "type": ENTRY, "verb": "create", "after": 2}):
        expired = update(cloud)
    assert expired.returncode != 0
    assert "api error ExpiredToken" in said(expired)
    assert len(auditors(checkout)) == 2
    assert disagreements(cloud) == []

    with faults(cloud, {"error": "ThrottlingException", "type": ENTRY, "verb": "create"}):
        throttled = update(cloud)
    assert throttled.returncode != 0
    assert "exceeded maximum number of attempts, 25, api error ThrottlingException" in said(throttled)
    assert len(auditors(checkout)) == 2
    assert disagreements(cloud) == []

    short = ({"error": "ThrottlingException", "calls": 3}, {"error": "ServiceUnavailable", "calls": 4})
    with faults(cloud, *({**one, "type": ENTRY, "verb": "create"} for one in short)) as left:
        done = update(cloud)
    assert done.returncode == 0, said(done)
    assert left == []
    assert auditors(checkout) == AUDITORS
    assert disagreements(cloud) == []


@pytest.mark.usefixtures("undone")
def test_what_was_made_although_its_answer_was_lost_is_refused_again_and_adopted(
    checkout: Checkout, settings: Callable[..., None]
) -> None:
    cloud = checkout.cloud
    second = {"instanceType": "t3.large", "minSize": 1, "maxSize": 2, "desiredSize": 1}
    settings("cluster", nodeGroups={"second": second})
    lost = {"error": "RequestTimeout", "type": TEMPLATE, "verb": "create", "calls": 1, "answer_lost": True}
    with faults(cloud, lost):
        assert update(cloud).returncode != 0
    [orphan] = [line for line in disagreements(cloud) if line.startswith("only in AWS")]
    assert TEMPLATE in orphan

    again = update(cloud)
    assert again.returncode != 0
    assert "AlreadyExistsException" in said(again)
    names = [one["name"] for one in in_aws(cloud, TEMPLATE)]
    assert len(names) == len(set(names)) == 2

    plan, _ = heal(cloud)
    assert [one.resource.kind for one in plan.findings] == [TEMPLATE]
    assert disagreements(cloud) == []


def test_a_second_operator_is_refused_by_name_and_the_lock_of_a_dead_one_is_freed(checkout: Checkout) -> None:
    cloud = checkout.cloud
    before = deployment(cloud), ledger(checkout)
    locks = cloud.paths.state / "state" / ".pulumi" / "locks"
    first = subprocess.Popen(
        [str(cloud.paths.bin / "pulumi"), "up", "--yes", "--skip-preview", "--non-interactive"],
        cwd=cloud.paths.root,
        env=shell_environment(cloud),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while first.poll() is None and not [one for one in locks.rglob("*.json") if one.stat().st_size]:
            time.sleep(0.005)
        os.killpg(first.pid, signal.SIGSTOP)

        second = update(cloud)
        assert second.returncode != 0
        assert "currently locked by 1 lock" in said(second)
        assert f"(pid {first.pid})" in said(second)
        with pytest.raises(EngineError, match=rf"is locked by .*process {first.pid}.*it is running"):
            heal(cloud)
        assert (deployment(cloud), ledger(checkout)) == before
    finally:
        with suppress(ProcessLookupError):
            os.killpg(first.pid, signal.SIGKILL)
        first.wait(10)

    plan, _ = heal(cloud)
    assert [one.gone for one in plan.holders] == [True]
    assert disagreements(cloud) == []


def test_a_state_that_was_cut_off_is_refused_and_the_copy_before_it_taken_back(checkout: Checkout) -> None:
    cloud, state = checkout.cloud, state_file(checkout)
    text, before = state.read_text(), ledger(checkout)
    state.write_text(text[: len(text) // 2])
    try:
        for command in ("up", "destroy"):
            refused = pulumi(cloud, command, "--yes", "--skip-preview", "--non-interactive")
            assert refused.returncode != 0
            assert "failed to load checkpoint" in said(refused)
        told = intendly(cloud, "heal", "--dry-run")
        assert told.returncode == 1
        assert "cannot be read" in told.stderr
        _, _, command = told.stderr.strip().partition(": cp ")
        assert ledger(checkout) == before
        shutil.copy2(*shlex.split(command))
        # The copy may not know how the last operation ended.
        healed = intendly(cloud, "heal", "--yes")
        assert healed.returncode == 0, said(healed)
        assert disagreements(cloud) == []
    finally:
        state.write_text(text)


def test_changes_by_hand_are_shown_and_taken_back_and_the_autoscalers_own_are_not(checkout: Checkout) -> None:
    cloud = checkout.cloud
    cloud.kubectl("scale", "deployment", "websocket-server", "-n", "intendly", "--replicas=3")
    cloud.kubectl("scale", "deployment", "backend-relayer", "-n", "intendly", "--replicas=2")
    cloud.kubectl("label", "service", "websocket-service", "-n", "intendly", "app=other", "--overwrite")
    opened = change_in_aws(checkout, RULE, lambda rule: rule.update(toPort=65535))
    renamed = change_in_aws(checkout, VPC, lambda vpc: [vpc[tags].update(Name="mine") for tags in TAGS])

    shown = json.loads(pulumi(cloud, "refresh", "--preview-only", "--json", "--non-interactive").stdout)
    changes = {
        (step["newState"]["id"], path)
        for step in shown["steps"]
        if step["op"] not in ("same", "refresh")
        for path in step["detailedDiff"]
    }
    assert changes == {
        ("intendly/websocket-server", "spec.replicas"),
        ("intendly/websocket-service", "metadata.labels.app"),
        (opened, "toPort"),
        (renamed, "tags.Name"),
        (renamed, "tagsAll.Name"),
    }

    restored = update_refreshed(checkout)
    assert restored.returncode == 0, said(restored)
    assert all(rule["toPort"] != 65535 for rule in in_aws(cloud, RULE))
    assert all(vpc[tags]["Name"] != "mine" for vpc in in_aws(cloud, VPC) for tags in TAGS)
    assert checkout.objects("services")["websocket-service"]["metadata"]["labels"]["app"] != "other"
    assert checkout.objects("deployments")["websocket-server"]["spec"]["replicas"] == 2
    assert checkout.objects("deployments")["backend-relayer"]["spec"]["replicas"] == 2
    cloud.kubectl("scale", "deployment", "backend-relayer", "-n", "intendly", "--replicas=1")


def update_refreshed(checkout: Checkout) -> "subprocess.CompletedProcess[str]":
    return pulumi(checkout.cloud, "up", "--refresh", "--yes", "--skip-preview", "--non-interactive")


def change_in_aws(checkout: Checkout, kind: str, change: Callable[[Any], object]) -> str:
    """Change a resource of a type behind the engine's back; gives its id."""
    held = json.loads(ledger(checkout))
    found = next(one for one in held["resources"] if one["type"] == kind)
    change(found["inputs"])
    change(found["outputs"])
    checkout.cloud.paths.ledger.write_text(json.dumps(held))
    return found["id"]


def test_another_account_or_region_is_refused_before_anything_changes(
    checkout: Checkout, settings: Callable[..., None]
) -> None:
    cloud = checkout.cloud
    before = known(cloud), ledger(checkout)
    elsewhere = cloud.paths.state / "elsewhere.config"
    own = Path(cloud.env()["AWS_CONFIG_FILE"]).read_text()
    elsewhere.write_text(own.replace("222222222222", "999999999999"))
    settings("access", auditorRoleArns=AUDITORS[:1])
    refused = update(cloud, AWS_CONFIG_FILE=str(elsewhere))
    assert refused.returncode != 0
    assert "AWS account ID not allowed: 999999999999" in said(refused)
    assert (known(cloud), ledger(checkout)) == before


def known(cloud: LocalCloud) -> set[tuple[str, str]]:
    """URN and id of all that the state has."""
    return {(one["urn"], one.get("id", "")) for one in deployment(cloud)["resources"]}


def test_a_destroy_names_what_it_could_not_delete_and_a_rerun_finishes(checkout: Checkout) -> None:
    cloud = checkout.cloud
    patient = shorten_deletion(checkout, HPA, seconds=5)
    one = ("destroy", "--target", patient, "--yes", "--skip-preview", "--non-interactive")

    running = cloud.supervisor.running("kube-apiserver")
    assert running is not None
    running.kill()
    running.wait(10)
    started = time.monotonic()
    unreachable = pulumi(cloud, *one)
    assert unreachable.returncode != 0
    assert "unreachable" in said(unreachable)
    assert "backend-relayer" in said(unreachable)
    assert time.monotonic() - started < 30
    cloud.start()

    finalizer = '{"metadata":{"finalizers":%s}}'
    patch = ("patch", "hpa", "backend-relayer-hpa", "-n", "intendly", "--type=merge", "-p")
    cloud.kubectl(*patch, finalizer % '["example.com/stuck"]')
    started = time.monotonic()
    stuck = pulumi(cloud, *one)
    assert stuck.returncode != 0
    assert "backend-relayer-autoscaler **deleting failed** error: timed out" in said(stuck)
    assert time.monotonic() - started < 30
    cloud.kubectl(*patch, finalizer % "null")

    assert pulumi(cloud, *one).returncode == 0
    assert checkout.objects("hpa") == {}
    cloud.up()
    assert disagreements(cloud) == []


def shorten_deletion(checkout: Checkout, kind: str, *, seconds: int) -> str:
    """Have the engine wait no longer for the deletion of the one resource of a type; gives its URN."""
    cloud = checkout.cloud
    state = json.loads(cloud.pulumi("stack", "export", capture=True))
    [resource] = [one for one in state["deployment"]["resources"] if one["type"] == kind]
    resource["customTimeouts"] = {"delete": seconds}
    file = cloud.paths.state / "shortened.json"
    file.write_text(json.dumps(state))
    cloud.pulumi("stack", "import", "--file", str(file))
    return resource["urn"]
