import json
from pathlib import Path

import pytest

from operations.clients.engine_preview import Preview, PreviewStep, PropertyPath, read_preview
from operations.reports.model import Action, Change, Risk
from operations.services.preview_differences import path_keys, property_changes
from operations.services.preview_report import make_report
from tests.operations import previews
from tests.operations.previews import DATABASE, DEPLOYMENT, INSTANCE, PROJECT, RULE, STACK, step

REPLICATION = "aws:elasticache/replicationGroup:ReplicationGroup"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def only(*steps: PreviewStep) -> Change:
    [change] = make_report("staging", Preview(steps=steps)).changes
    return change


def risks(*steps: PreviewStep) -> list[Risk]:
    return [danger.risk for danger in only(*steps).dangers]


def resource(kind: str) -> str:
    return f"{PROJECT}{kind}::it"


def test_a_replacement_is_one_change_and_says_why() -> None:
    change = only(*previews.replaced(INSTANCE, "kmsKeyId", "key-1", "key-2"))
    assert change.action is Action.REPLACE
    [why] = change.properties
    assert (why.path, why.old, why.new, why.replaces) == ("kmsKeyId", "key-1", "key-2", True)


def test_what_holds_data_comes_before_two_hundred_harmless_changes() -> None:
    report = make_report("staging", previews.dangerous_preview())
    assert [change.name for change in report.changes[:2]] == ["database-instance", "web"]
    assert len(report.changes) == 202
    assert report.unchanged == 2
    assert report.dangerous == report.changes[:2]


def test_a_change_belongs_to_its_topmost_component() -> None:
    inner = f"{PROJECT}intendly:data:Database$intendly:x:Inner::database-inner"
    steps = (
        step("same", STACK, parent=""),
        step("same", DATABASE),
        step("same", inner, parent=DATABASE),
        step("update", INSTANCE, parent=inner),
        step("update", RULE),
    )
    report = make_report("staging", Preview(steps=steps))
    assert {change.name: change.component for change in report.changes} == {
        "database-instance": "database",
        "web": "web",
    }


@pytest.mark.parametrize("operation", ["delete", "create-replacement"])
@pytest.mark.parametrize(
    ("kind", "risk"),
    [
        ("aws:rds/instance:Instance", Risk.DATA),
        (REPLICATION, Risk.DATA),
        ("aws:s3/bucket:Bucket", Risk.DATA),
        ("aws:kms/key:Key", Risk.DATA),
        ("kubernetes:core/v1:Namespace", Risk.DATA),
        ("aws:eks/cluster:Cluster", Risk.CLUSTER),
        ("aws:lb/loadBalancer:LoadBalancer", Risk.ENTRANCE),
        ("kubernetes:cert-manager.io/v1:Certificate", Risk.ENTRANCE),
        ("kubernetes:apps/v1:Deployment", Risk.DOWNTIME),
        ("aws:backup/plan:Plan", Risk.SAFETY),
    ],
)
def test_what_goes_is_dangerous(kind: str, risk: Risk, operation: str) -> None:
    assert risks(step(operation, resource(kind)))[0] is risk
    assert only(step(operation, resource(kind))).must_be_named is (risk in (Risk.DATA, Risk.CLUSTER))


@pytest.mark.parametrize(
    "kind", ["aws:rds/instance:Instance", "aws:eks/cluster:Cluster", "aws:lb/loadBalancer:LoadBalancer"]
)
def test_what_is_new_or_retagged_is_not(kind: str) -> None:
    assert risks(step("create", resource(kind))) == []
    assert risks(step("update", resource(kind), "tags", old={"tags": {}}, new={"tags": {"a": "b"}})) == []


@pytest.mark.parametrize(
    ("urn", "path", "old", "new", "risk"),
    [
        (INSTANCE, "instanceClass", "db.t4g.medium", "db.t4g.large", Risk.DOWNTIME),
        (INSTANCE, "deletionProtection", True, False, Risk.SAFETY),
        (INSTANCE, "backupRetentionPeriod", 14, 7, Risk.SAFETY),
        (INSTANCE, "deleteAutomatedBackups", False, True, Risk.SAFETY),
        (INSTANCE, "publiclyAccessible", False, True, Risk.FIREWALL),
        (previews.ROLE, "assumeRolePolicy", "{}", "{a}", Risk.ACCESS),
        (RULE, "cidrIpv4", "10.0.0.0/8", "0.0.0.0/0", Risk.FIREWALL),
        (resource("aws:eks/nodeGroup:NodeGroup"), "releaseVersion", "1", "2", Risk.DOWNTIME),
        (resource("aws:kms/key:Key"), "policy", "{}", "{a}", Risk.ACCESS),
        (resource("aws:route53/record:Record"), "records", ["a"], ["b"], Risk.ENTRANCE),
    ],
)
def test_updates_that_are_dangerous(urn: str, path: str, old: object, new: object, risk: Risk) -> None:
    assert risks(step("update", urn, path, old={path: old}, new={path: new})) == [risk]


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("backupRetentionPeriod", 7, 14),
        ("deletionProtection", False, True),
        ("deleteAutomatedBackups", True, False),
        ("allocatedStorage", 20, 40),
    ],
)
def test_updates_that_are_not(path: str, old: object, new: object) -> None:
    assert risks(step("update", INSTANCE, path, old={path: old}, new={path: new})) == []


def test_pods_that_all_go_are_downtime() -> None:
    def scaled(before: int | None, after: int) -> list[Risk]:
        old, new = {"spec": {"replicas": before}}, {"spec": {"replicas": after}}
        return risks(step("update", DEPLOYMENT, "spec.replicas", old=old, new=new))

    assert scaled(2, 0) == [Risk.DOWNTIME]
    assert scaled(None, 0) == [Risk.DOWNTIME]
    assert scaled(2, 1) == []


def test_a_new_opening_says_for_whom() -> None:
    change = only(step("create", RULE, new={"cidrIpv4": "0.0.0.0/0", "fromPort": 443, "toPort": 443}))
    assert [danger.why for danger in change.dangers] == ["new: port 443, anywhere"]


def test_paths_of_the_engine_are_followed() -> None:
    assert path_keys('spec.template["a.b"].containers[0].image') == [
        *("spec", "template", "a.b", "containers"),
        *(0, "image"),
    ]


def test_values_are_shown_down_to_the_leaves() -> None:
    old = {"spec": {"containers": [{"image": "a", "name": "x"}], "gone": 1}}
    new = {"spec": {"containers": [{"image": "b", "name": "x"}], "more": {"k.l": True}}}
    found = property_changes(
        step("update", DEPLOYMENT, "spec", old=old, new=new), "kubernetes:apps/v1:Deployment"
    )
    assert [(one.path, one.old, one.new) for one in found] == [
        ("spec.containers[0].image", "a", "b"),
        ("spec.gone", "1", "(none)"),
        ("spec.more", "(none)", '{"k.l": true}'),
    ]


def test_documents_in_strings_are_shown_where_they_differ() -> None:
    old = {"policy": '{"Statement": [{"Action": ["s3:GetObject"], "Effect": "Allow"}]}'}
    new = {"policy": '{"Statement": [{"Action": ["s3:*"], "Effect": "Allow"}]}'}
    [found] = property_changes(step("update", previews.ROLE, "policy", old=old, new=new), "aws:iam/role:Role")
    assert (found.path, found.old, found.new) == ("policy.Statement[0].Action[0]", "s3:GetObject", "s3:*")
    spoilt = step("update", previews.ROLE, "policy", old={"policy": "{a"}, new={"policy": "{b"})
    assert [(one.old, one.new) for one in property_changes(spoilt, "x")] == [("{a", "{b")]


def test_secrets_are_not_shown() -> None:
    masked = property_changes(
        step(
            "update", INSTANCE, "a", "tree", old={"a": "[secret]", "tree": "[secret]"}, new={"a": "[secret]"}
        ),
        "x",
    )
    assert [(one.old, one.new) for one in masked] == [("(secret)", "(secret)"), ("(secret)", "(none)")]
    named = step(
        "update", INSTANCE, "masterPassword", old={"masterPassword": "p1"}, new={"masterPassword": "p2"}
    )
    assert [(one.old, one.new) for one in property_changes(named, "x")] == [("(secret)", "(secret)")]
    data = step("update", INSTANCE, "data", old={"data": {"a": "p1"}}, new={"data": {"a": "p2"}})
    assert [(one.old, one.new) for one in property_changes(data, "kubernetes:core/v1:Secret")] == [
        ("(secret)", "(secret)")
    ]
    flag = {"manageMasterUserPassword": False}
    told = step(
        "update", INSTANCE, "manageMasterUserPassword", old=flag, new={"manageMasterUserPassword": True}
    )
    assert [one.new for one in property_changes(told, "x")] == ["true"]


def test_what_is_not_known_yet_says_so() -> None:
    found = property_changes(step("update", INSTANCE, "arn", old={"arn": "a"}, new={"arn": UNKNOWN}), "x")
    assert [one.new for one in found] == ["(known after the update)"]


def test_what_somebody_changed_in_the_cloud_is_compared_with_what_it_is() -> None:
    drifted = PreviewStep(
        operation="update",
        urn=INSTANCE,
        differs=(PropertyPath(path="port", against_inputs=False),),
        old_inputs={"port": 5432},
        old_outputs={"port": 6432},
        new_inputs={"port": 5432},
    )
    assert [(one.old, one.new) for one in property_changes(drifted, "x")] == [("6432", "5432")]


def test_bookkeeping_of_providers_is_left_out() -> None:
    found = step(
        "update", INSTANCE, "__defaults", "a", old={"__defaults": [1]}, new={"__defaults": [], "a": 1}
    )
    assert [one.path for one in property_changes(found, "x")] == ["a"]


def test_warnings_of_the_engine_are_kept_once() -> None:
    warning = {"message": "warning: old\n", "severity": "warning"}
    digest = {"steps": [], "diagnostics": [warning, warning, {"message": "x", "severity": "info"}]}
    assert read_preview(digest).warnings == ("old",)


RECORDED = Path(__file__).parent / "samples" / "preview.json"
"""Printed by the engine, version 3.274.1, on staging: a larger database, a new image, a second node group."""


def test_what_the_engine_prints_is_understood() -> None:
    preview = read_preview(json.loads(RECORDED.read_text()))
    report = make_report("staging", preview)
    assert report.counts == {Action.UPDATE: 2, Action.CREATE: 4}
    assert [(change.name, change.component) for change in report.changes] == [
        ("database-instance", "database"),
        ("backend-relayer-deployment", "applications"),
        ("cluster-second", "cluster"),
        ("cluster-second-group", "cluster"),
        ("cluster-second-template", "cluster"),
        ("load-balancer-80-second", "load-balancer"),
    ]
    changed = {change.name: change.properties for change in report.changes if change.properties}
    [larger], [image] = changed["database-instance"], changed["backend-relayer-deployment"]
    assert (larger.path, larger.old, larger.new) == ("instanceClass", "db.t4g.medium", "db.t4g.large")
    assert image.path == "spec.template.spec.containers[0].image"
    assert image.new.endswith("1" * 64)
    assert image.old != image.new
    attachment = report.changes[-1]
    assert any("cluster-second-group" in urn for urn in attachment.depends_on)


def test_the_engine_masks_secrets_itself() -> None:
    masked = [step for step in read_preview(json.loads(RECORDED.read_text())).steps if "Password" in step.urn]
    assert {step.old_outputs["result"] for step in masked} == {"[secret]"}
