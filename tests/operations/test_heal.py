"""`intendly heal` over fakes: what it decides, what it does and in which order, and what it refuses."""

import json
import os
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from operations.clients.aws import AwsSession
from operations.clients.engine_repair import Checkpoint, import_document
from operations.clients.state_backend import FileBackend, state_backend
from operations.errors import ClusterError, EngineError, UnreadableStateError
from operations.json_object import Json
from operations.services.heal_findings import Action
from tests.operations import fakes
from tests.operations.conftest import Invoke
from tests.operations.healing import (
    ARN,
    AWAY,
    CHART,
    HERE,
    ROLE,
    SECRETS,
    VPC,
    World,
    interrupted,
    interrupted_world,
)
from tests.operations.moto_account import empty_account

Making = Callable[..., World]


@pytest.fixture
def world() -> Making:
    return interrupted_world


# What became of an interrupted operation


def test_a_creation_is_found_by_its_name_in_aws(world: Making, tmp_path: Path) -> None:
    there = world(
        VPC, found=[("vpc/vpc-1", "intendly-staging-vpc"), ("vpc/vpc-2", "other")], exists=["vpc-1"]
    )
    plan = there.service.plan()
    assert [(one.action, one.id) for one in plan.findings] == [(Action.ADOPT, "vpc-1")]
    assert [one.arn for one in plan.strangers] == [f"{ARN}vpc/vpc-2"]
    healed = there.service.run(plan, tmp_path / "copies")
    assert there.engine.told == ["keep copies", "adopt vpc-1", "refresh"]
    assert healed.adopted == (VPC.urn,)


def test_a_creation_that_never_reached_aws_is_forgotten(world: Making, tmp_path: Path) -> None:
    there = world(VPC, found=[("vpc/vpc-known", "intendly-staging-vpc"), ("subnet/subnet-1", "x")])
    plan = there.service.plan()
    assert [one.action for one in plan.findings] == [Action.FORGET]
    there.service.run(plan, tmp_path)
    assert there.engine.told[1:] == ["refresh"]


def test_what_aws_lists_is_never_forgotten(world: Making, tmp_path: Path) -> None:
    there = world(VPC, found=[("vpc/vpc-1", "intendly-staging-vpc")])
    with pytest.raises(EngineError, match="the provider does not find it"):
        there.service.run(there.service.plan(), tmp_path)
    assert "refresh" not in there.engine.told


def test_two_of_a_name_are_a_persons_to_tell_apart(world: Making, tmp_path: Path) -> None:
    name = "intendly-staging-vpc"
    there = world(VPC, found=[("vpc/vpc-1", name), ("vpc/vpc-2", name)], exists=["vpc-2"])
    plan = there.service.plan()
    with pytest.raises(EngineError, match=r"a person must say .*vpc-1, vpc-2") as refused:
        there.service.run(plan, tmp_path)
    assert "--adopt URN=ID" in refused.value.hint
    assert there.engine.told == []
    told = there.service.plan({VPC.urn: "vpc-2"})
    there.service.run(told, tmp_path)
    assert "adopt vpc-2" in there.engine.told
    assert [one.action for one in there.service.plan({VPC.urn: ""}).findings] == [Action.FORGET]


def test_where_the_id_is_known_the_provider_says_whether_it_exists(world: Making, tmp_path: Path) -> None:
    there = world(ROLE)
    plan = there.service.plan()
    assert [(one.action, one.id) for one in plan.findings] == [(Action.TRY, "intendly-staging-nodes")]
    assert there.service.run(plan, tmp_path).absent == (ROLE.urn,)


def test_the_new_one_of_a_replacement_is_adopted_beside_the_old(world: Making) -> None:
    there = world(VPC, known=[VPC], found=[("vpc/vpc-1", "intendly-staging-vpc")])
    [finding] = there.service.plan().findings
    assert finding.second
    [entry] = import_document([finding.adoption])["resources"]
    # The program has no such name, so the next update deletes it.
    assert entry["name"] == "network-vpc-interrupted"


@pytest.mark.parametrize("operation", ["updating", "deleting"])
def test_what_the_state_has_is_read_again(world: Making, operation: str) -> None:
    [finding] = world(replace(ROLE, operation=operation)).service.plan().findings
    assert finding.action is Action.READ


def test_only_what_was_being_changed_is_read_again(world: Making, tmp_path: Path) -> None:
    """What people changed by hand meanwhile is the next update's, or `pulumi refresh`'s, to show."""
    there = world(replace(ROLE, operation="updating"), VPC)
    there.service.run(there.service.plan(), tmp_path)
    assert there.engine.told[-1] == "refresh nodes"


def test_a_password_that_was_being_drawn_is_forgotten(world: Making) -> None:
    [finding] = world(interrupted("random:index/randomPassword:RandomPassword", "p")).service.plan().findings
    assert finding.action is Action.FORGET


def test_a_component_is_nowhere_but_in_the_state(world: Making) -> None:
    component = replace(interrupted("intendly:cluster:Cluster", "cluster"), provider="")
    [finding] = world(component).service.plan().findings
    assert finding.action is Action.FORGET


def test_an_object_of_kubernetes_is_known_by_namespace_and_name(world: Making) -> None:
    role = interrupted("kubernetes:core/v1:Service", "s", metadata={"namespace": "intendly", "name": "api"})
    [finding] = world(role).service.plan().findings
    assert (finding.action, finding.id) == (Action.TRY, "intendly/api")


def test_a_type_that_nobody_entered_is_asked_about(world: Making) -> None:
    [finding] = world(interrupted("aws:sqs/queue:Queue", "q")).service.plan().findings
    assert finding.action is Action.ASK
    assert "operations/identities.py" in finding.why


def test_what_was_made_although_the_update_failed_is_adopted(world: Making) -> None:
    """AWS's answer was lost: nothing is pending, and the program would make a second one."""
    there = world(found=[("vpc/vpc-1", "intendly-staging-vpc")], planned=[VPC, ROLE])
    plan = there.service.plan()
    assert [(one.action, one.id) for one in plan.findings] == [(Action.ADOPT, "vpc-1")]
    assert plan.strangers == ()


def test_a_person_may_name_what_exists_and_was_refused(world: Making) -> None:
    """An update failed with "already exists", and nothing is pending."""
    there = world(planned=[VPC, ROLE])
    assert there.service.plan().findings == ()
    [finding] = there.service.plan({ROLE.urn: "intendly-staging-nodes"}).findings
    assert (finding.action, finding.id) == (Action.ADOPT, "intendly-staging-nodes")


def test_a_urn_that_nobody_knows_is_refused(world: Making) -> None:
    with pytest.raises(EngineError, match="neither interrupted nor planned: urn:typo"):
        world(planned=[VPC]).service.plan({"urn:typo": "vpc-1"})


def test_the_new_one_of_a_replacement_that_has_the_old_ones_name_is_not_adopted_beside_it(
    world: Making,
) -> None:
    """As `-interrupted` it would be deleted by the next update, and the one in use with it."""
    metadata = {"namespace": "intendly", "name": "intendly-on-call"}
    binding = interrupted("kubernetes:rbac.authorization.k8s.io/v1:RoleBinding", "b", metadata=metadata)
    [finding] = world(binding, known=[binding]).service.plan().findings
    assert finding.action is Action.READ


# Helm


def secret(version: int, status: str) -> Json:
    labels = {"version": str(version), "status": status}
    return {"metadata": {"name": f"sh.helm.release.v1.traefik.v{version}", "labels": labels}}


@pytest.mark.parametrize(
    ("operation", "revisions", "action"),
    [
        ("creating", [], Action.FORGET),
        ("creating", [secret(1, "deployed")], Action.ADOPT),
        ("creating", [secret(1, "pending-install")], Action.UNINSTALL),
        ("updating", [secret(9, "deployed"), secret(10, "pending-upgrade")], Action.DROP),
        ("updating", [secret(10, "deployed"), secret(9, "superseded")], Action.READ),
        ("deleting", [secret(1, "uninstalling")], Action.READ),
    ],
)
def test_a_release_is_judged_by_its_newest_revision(
    world: Making, operation: str, revisions: list[Json], action: Action
) -> None:
    cluster = fakes.FakeCluster({SECRETS: revisions})
    [finding] = world(replace(CHART, operation=operation), cluster=cluster).service.plan().findings
    assert finding.action is action


def test_a_half_installed_release_is_uninstalled_by_the_engine(world: Making, tmp_path: Path) -> None:
    cluster = fakes.FakeCluster({SECRETS: [secret(1, "pending-install")]})
    there = world(CHART, cluster=cluster, exists=["traefik/traefik"])
    there.service.run(there.service.plan(), tmp_path)
    assert there.engine.told[1:] == ["adopt traefik/traefik", "remove ingress-release", "refresh"]


def test_a_half_done_upgrade_loses_its_revision(world: Making, tmp_path: Path) -> None:
    cluster = fakes.FakeCluster({SECRETS: [secret(1, "deployed"), secret(2, "pending-upgrade")]})
    there = world(replace(CHART, operation="updating"), cluster=cluster)
    there.service.run(there.service.plan(), tmp_path)
    assert cluster.deleted == ["/api/v1/namespaces/traefik/secrets/sh.helm.release.v1.traefik.v2"]


def test_a_release_without_a_cluster_is_said(world: Making) -> None:
    with pytest.raises(ClusterError, match="the state has no cluster"):
        world(CHART).service.plan()


# The lock


def test_the_lock_of_a_process_that_is_gone_is_taken_away(world: Making, tmp_path: Path) -> None:
    there = world(locks=[HERE])
    plan = there.service.plan()
    assert "its process is gone" in plan.holders[0].why
    there.service.run(plan, tmp_path)
    assert there.engine.told == [f"keep {tmp_path.name}", "cancel", "refresh"]


def test_a_pid_that_somebody_else_has_now_holds_nothing(world: Making) -> None:
    [holder] = world(locks=[replace(HERE, pid=os.getpid())]).service.plan().holders
    assert holder.gone
    assert f"{os.getpid()} is " in holder.why


def test_a_lock_of_another_machine_is_left_alone_until_a_person_says_so(
    world: Making, tmp_path: Path
) -> None:
    there = world(ROLE, locks=[HERE, AWAY])
    plan = there.service.plan()
    with pytest.raises(
        EngineError, match=r"locked by ann@elsewhere, process \d+ since 2026-11-24"
    ) as refused:
        there.service.run(plan, tmp_path)
    assert "--cancel-lock" in refused.value.hint
    assert there.engine.told == []
    there.service.run(plan, tmp_path, cancel_lock=True)
    assert there.engine.told[1] == "cancel"


def test_a_lock_that_came_after_the_plan_is_not_taken_away(world: Making, tmp_path: Path) -> None:
    there = world(locks=[HERE])
    plan = there.service.plan()
    there.backend.held = (AWAY,)
    with pytest.raises(EngineError, match="has changed since the plan"):
        there.service.run(plan, tmp_path)
    assert "cancel" not in there.engine.told


def test_locks_are_read_from_the_backends_folder(tmp_path: Path) -> None:
    folder = tmp_path / ".pulumi/locks/organization/intendly/staging"
    folder.mkdir(parents=True)
    content = {"pid": 4, "username": "ann", "hostname": "h", "timestamp": "2026-11-24T22:33:40.538794993Z"}
    (folder / "5b1f.json").write_text(json.dumps(content))
    backend = state_backend(f"file://{tmp_path}?metadata=skip", AwsSession)
    [lock] = backend.locks("intendly", "staging")
    assert str(lock) == "ann@h, process 4 since 2026-11-24 22:33:40 UTC"
    assert backend.locks("intendly", "production") == ()
    (folder / "5b1f.json").write_text("")
    with pytest.raises(EngineError, match="cannot be read"):
        backend.locks("intendly", "staging")
    with pytest.raises(EngineError, match="only file:// and s3://"):
        state_backend("https://api.pulumi.com", AwsSession)


def test_empty_attributes_beside_a_sound_state_are_removed(tmp_path: Path) -> None:
    folder = tmp_path / ".pulumi/stacks/intendly"
    folder.mkdir(parents=True)
    for name, content in {"staging.json": "{}", "staging.json.attrs": "", "other.json.attrs": ""}.items():
        (folder / name).write_text(content)
    backend = FileBackend(tmp_path)
    assert backend.spoilt("intendly", "staging") == (str(folder / "staging.json.attrs"),)
    backend.remove_spoilt("intendly", "staging")
    assert sorted(file.name for file in folder.iterdir()) == ["other.json.attrs", "staging.json"]


def test_a_state_that_cannot_be_read_comes_with_the_way_back(
    world: Making, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    there = world()
    monkeypatch.setattr(there.backend, "copy_before", FileBackend(tmp_path).copy_before)

    def unreadable() -> Checkpoint:
        raise UnreadableStateError("the state of stack staging cannot be read: unexpected end")

    monkeypatch.setattr(there.engine, "checkpoint", unreadable)
    with pytest.raises(EngineError, match="unexpected end") as without:
        there.service.plan()
    assert "docs/real-account.md" in without.value.hint
    folder = tmp_path / ".pulumi/stacks/intendly"
    folder.mkdir(parents=True)
    (folder / "staging.json.bak").touch()
    with pytest.raises(EngineError) as with_copy:
        there.service.plan()
    assert with_copy.value.hint.endswith(f": cp {folder}/staging.json.bak {folder}/staging.json")
    assert there.engine.told == []


def test_the_copy_before_in_a_bucket_is_the_version_before() -> None:
    key = "states/.pulumi/stacks/intendly/staging.json"
    with empty_account():
        session = AwsSession("us-east-1")
        bucket = session.client("s3")
        bucket.create_bucket(Bucket="state")
        bucket.put_bucket_versioning(Bucket="state", VersioningConfiguration={"Status": "Enabled"})
        backend = state_backend("s3://state/states?region=us-east-1", lambda _: session)
        for number in range(3):
            for name in (key, f"{key}.bak"):
                bucket.put_object(Bucket="state", Key=name, Body=str(number))
        *_, copy = shlex.split(backend.copy_before("intendly", "staging"))
        bucket.copy_object(Bucket="state", Key=key, CopySource=copy)
        assert bucket.get_object(Bucket="state", Key=key)["Body"].read() == b"1"
        assert backend.copy_before("intendly", "production") == ""


# The command


def test_a_dry_run_shows_the_plan_and_changes_nothing(
    intendly: Invoke, factory: fakes.FakeFactory, world: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = world(ROLE, locks=[HERE])
    monkeypatch.setattr(factory, "heal", lambda: there.service)
    result = intendly("heal", "--stack", "staging", "--dry-run")
    assert result.exit_code == 3
    assert "creating aws:iam/role:Role nodes: adopt if it exists intendly-staging-nodes" in result.stdout
    assert there.engine.told == []
    shown = json.loads(intendly("heal", "--stack", "staging", "--dry-run", "--json").stdout)
    assert shown["findings"][0]["action"] == "adopt if it exists"
    assert shown["holders"][0]["gone"] is True


def test_yes_heals_and_tells_what_the_next_update_does(
    intendly: Invoke, factory: fakes.FakeFactory, world: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = world(ROLE, locks=[HERE])
    monkeypatch.setattr(factory, "heal", lambda: there.service)
    result = intendly("heal", "--stack", "staging", "--yes")
    assert result.exit_code == 0, result.output
    assert there.engine.told == ["keep heal", "cancel", "adopt intendly-staging-nodes", "refresh", "preview"]
    assert "the next update would change: 3 to create" in result.stderr


def test_only_a_yes_heals(
    intendly: Invoke, factory: fakes.FakeFactory, world: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = world(ROLE)
    monkeypatch.setattr(factory, "heal", lambda: there.service)
    assert intendly("heal", "--stack", "staging").exit_code == 1
    assert there.engine.told == []
    assert intendly("heal", "--stack", "staging", "--adopt", "nonsense").exit_code == 2


def test_a_sound_stack_needs_nothing(
    intendly: Invoke, factory: fakes.FakeFactory, world: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(factory, "heal", lambda: world().service)
    result = intendly("heal", "--stack", "staging")
    assert (result.exit_code, result.stdout) == (0, "nothing was interrupted\n")
