"""Differences sorted by rules, and ``intendly drift`` over what the engine is given to have read."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from operations.clients.engine_drift import DriftEngine
from operations.clients.engine_preview import Preview, PreviewStep, PropertyPath
from operations.errors import EngineError
from operations.services.drift import Drift, DriftService, sort_out
from operations.services.drift_rules import RULES, Verdict, rule_for, when_gone
from tests.operations import fakes
from tests.operations.conftest import Invoke

HARMLESS, SUSPICIOUS, DANGEROUS = Verdict.HARMLESS, Verdict.SUSPICIOUS, Verdict.DANGEROUS
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
DATABASE = "aws:rds/instance:Instance"
CLUSTER = "aws:eks/cluster:Cluster"
HPA = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"


PROPERTIES = (
    (DEPLOYMENT, "status.readyReplicas", HARMLESS),
    (DEPLOYMENT, "metadata.resourceVersion", HARMLESS),
    (DEPLOYMENT, 'metadata.annotations["deployment.kubernetes.io/revision"]', HARMLESS),
    (DEPLOYMENT, 'spec.template.metadata.annotations["kubectl.kubernetes.io/restartedAt"]', HARMLESS),
    ("aws:eks/nodeGroup:NodeGroup", "scalingConfig.desiredSize", HARMLESS),
    (DATABASE, "allocatedStorage", HARMLESS),
    (DATABASE, "latestRestorableTime", HARMLESS),
    ("aws:ec2/vpc:Vpc", "tags.Owner", SUSPICIOUS),
    ("aws:iam/role:Role", "tagsAll", SUSPICIOUS),
    ("aws:ec2/securityGroup:SecurityGroup", "description", SUSPICIOUS),
    (DEPLOYMENT, "metadata.labels.team", SUSPICIOUS),
    (DEPLOYMENT, "spec.replicas", SUSPICIOUS),
    (DATABASE, "instanceClass", SUSPICIOUS),
    ("aws:eks/nodeGroup:NodeGroup", "scalingConfig.maxSize", SUSPICIOUS),
    ("kubernetes:core/v1:ConfigMap", "data.LOG_LEVEL", SUSPICIOUS),
    ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "cidrIpv4", DANGEROUS),
    ("kubernetes:networking.k8s.io/v1:NetworkPolicy", "spec.ingress[0]", DANGEROUS),
    ("aws:iam/rolePolicy:RolePolicy", "policy", DANGEROUS),
    ("aws:iam/role:Role", "assumeRolePolicy", DANGEROUS),
    ("aws:kms/key:Key", "policy", DANGEROUS),
    ("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "blockPublicAcls", DANGEROUS),
    ("kubernetes:rbac.authorization.k8s.io/v1:Role", "rules[0].verbs[1]", DANGEROUS),
    (DATABASE, "deletionProtection", DANGEROUS),
    (DATABASE, "publiclyAccessible", DANGEROUS),
    (DATABASE, "vpcSecurityGroupIds[1]", DANGEROUS),
    (CLUSTER, "vpcConfig.endpointPublicAccess", DANGEROUS),
    (CLUSTER, "vpcConfig.publicAccessCidrs[0]", DANGEROUS),
    ("aws:lb/loadBalancer:LoadBalancer", "enableDeletionProtection", DANGEROUS),
    ("aws:backup/plan:Plan", "rules[0].schedule", DANGEROUS),
    ("aws:s3/bucketVersioning:BucketVersioning", "versioningConfiguration.status", DANGEROUS),
    ("aws:route53/record:Record", "records[0]", DANGEROUS),
    (DEPLOYMENT, "spec.template.spec.containers[0].image", DANGEROUS),
    (DEPLOYMENT, "spec.template.spec.initContainers[0].image", DANGEROUS),
    (DEPLOYMENT, "spec.template.spec.containers[0].env[3].value", DANGEROUS),
    (DEPLOYMENT, "spec.template.spec.serviceAccountName", DANGEROUS),
    ("kubernetes:core/v1:Secret", "data.password", DANGEROUS),
    (
        "kubernetes:core/v1:Namespace",
        'metadata.labels["pod-security.kubernetes.io/enforce"]',
        DANGEROUS,
    ),
    (DATABASE, "kmsKeyId", DANGEROUS),
    ("aws:secretsmanager/secretVersion:SecretVersion", "secretString", DANGEROUS),
)


@pytest.mark.parametrize(("kind", "path", "verdict"), PROPERTIES)
def test_a_property_has_the_verdict_of_the_first_rule_that_fits(
    kind: str, path: str, verdict: Verdict
) -> None:
    rule = rule_for(kind, path)
    assert rule.verdict is verdict, rule.why
    assert rule.why


def test_every_rule_decides_about_something() -> None:
    assert {rule.why for rule in RULES} == {rule_for(kind, path).why for kind, path, _ in PROPERTIES}


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        (DATABASE, DANGEROUS),
        ("aws:s3/bucket:Bucket", DANGEROUS),
        ("aws:kms/key:Key", DANGEROUS),
        (CLUSTER, DANGEROUS),
        (DEPLOYMENT, DANGEROUS),
        ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", DANGEROUS),
        ("kubernetes:rbac.authorization.k8s.io/v1:RoleBinding", DANGEROUS),
        ("aws:backup/selection:Selection", DANGEROUS),
        ("kubernetes:policy/v1:PodDisruptionBudget", SUSPICIOUS),
        ("aws:budgets/budget:Budget", SUSPICIOUS),
    ],
)
def test_a_loss_is_as_bad_as_what_was_lost(kind: str, verdict: Verdict) -> None:
    assert when_gone(kind)[0] is verdict


def step(operation: str, kind: str, name: str, **more: Any) -> PreviewStep:  # noqa: ANN401
    urn = f"urn:pulumi:staging::intendly::{kind}::{name}"
    return PreviewStep(operation=operation, urn=urn, provider="p", **more)


def changed(kind: str, name: str, path: str, old: dict[str, Any], new: dict[str, Any]) -> PreviewStep:
    differs = (PropertyPath(path=path),)
    return step("update", kind, name, differs=differs, old_inputs=old, new_inputs=new)


def deployment(name: str, replicas: int) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "intendly"}, "spec": {"replicas": replicas}}


AUTOSCALER = step(
    "refresh",
    HPA,
    "relayer",
    old_inputs={
        "metadata": {"namespace": "intendly", "name": "relayer-hpa"},
        "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "relayer"}},
    },
)
SEEN = Preview(
    steps=(
        AUTOSCALER,
        changed(DEPLOYMENT, "relayer", "spec.replicas", deployment("relayer", 1), deployment("relayer", 4)),
        changed(DEPLOYMENT, "sockets", "spec.replicas", deployment("sockets", 2), deployment("sockets", 9)),
        changed("aws:ec2/vpc:Vpc", "vpc", "tags", {"tags": {"A": "1"}}, {"tags": {"A": "2"}}),
        step("delete", "aws:s3/bucket:Bucket", "backups"),
        step("refresh", "aws:ec2/eip:Eip", "address"),
    )
)


def verdicts(drift: Drift) -> dict[str, str]:
    return {one.name: one.verdict for one in drift.findings}


def test_the_worst_comes_first_and_what_is_as_it_was_is_counted() -> None:
    drift = sort_out("staging", SEEN)
    assert [one.name for one in drift.findings] == ["backups", "vpc", "sockets", "relayer"]
    assert drift.resources == 6
    assert drift.bad


def test_an_autoscalers_replicas_are_harmless_and_anybody_elses_are_not() -> None:
    found = verdicts(sort_out("staging", SEEN))
    assert (found["relayer"], found["sockets"]) == (HARMLESS, SUSPICIOUS)


def test_a_resource_is_as_bad_as_its_worst_property() -> None:
    old = {"deletionProtection": True, "tags": {"A": "1"}}
    new = {"deletionProtection": False, "tags": {"A": "2"}}
    differs = (PropertyPath(path="tags"), PropertyPath(path="deletionProtection"))
    both = step("update", DATABASE, "db", differs=differs, old_inputs=old, new_inputs=new)
    [finding] = sort_out("staging", Preview(steps=(both,))).findings
    assert finding.verdict is DANGEROUS
    assert [(one.path, one.expected, one.found) for one in finding.differences] == [
        ("deletionProtection", "true", "false"),
        ("tags.A", "1", "2"),
    ]


def test_secrets_are_not_shown() -> None:
    old, new = {"data": {"password": "b2xk"}}, {"data": {"password": "bmV3"}}
    seen = Preview(steps=(changed("kubernetes:core/v1:Secret", "s", "data", old, new),))
    [finding] = sort_out("staging", seen).findings
    assert {one.expected for one in finding.differences} == {"(secret)"}


class GivenEngine(DriftEngine):
    """An engine that has read what it is given."""

    def __init__(self, given: Preview) -> None:
        self.given = given

    @override
    def look(self, without: Sequence[str] = ()) -> Preview:
        return self.given


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ((), 0),
        ((AUTOSCALER, SEEN.steps[1]), 0),
        ((SEEN.steps[3],), 3),
        ((SEEN.steps[4],), 3),
    ],
    ids=["nothing", "harmless", "suspicious", "dangerous"],
)
def test_exit_codes(
    intendly: Invoke,
    factory: fakes.FakeFactory,
    monkeypatch: pytest.MonkeyPatch,
    steps: tuple[PreviewStep, ...],
    code: int,
) -> None:
    service = DriftService("staging", GivenEngine(Preview(steps=steps)))
    monkeypatch.setattr(factory, "drift", lambda: service)
    assert intendly("drift", "--stack", "staging").exit_code == code
    assert intendly("drift", "--stack", "staging", "--json").exit_code == code


def test_the_table_and_the_json_say_the_same(
    intendly: Invoke, factory: fakes.FakeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(factory, "drift", lambda: DriftService("staging", GivenEngine(SEEN)))
    table = intendly("drift", "--stack", "staging").stdout
    assert "4 of 6 resources are not as the last update left them" in table
    assert table.index("dangerous") < table.index("suspicious") < table.index("harmless")
    found = json.loads(intendly("drift", "--stack", "staging", "--json").stdout)
    assert [one["verdict"] for one in found["findings"]] == [DANGEROUS, SUSPICIOUS, SUSPICIOUS, HARMLESS]
    assert found["findings"][1]["differences"][0] == {
        "path": "tags.A",
        "expected": "1",
        "found": "2",
        "verdict": "suspicious",
        "why": "tags decide whose cost it is, and what heals and backs up finds",
    }


URN = "urn:pulumi:staging::intendly::aws:ec2/vpc:Vpc::vpc"


@pytest.fixture
def answering(tmp_path: Path) -> Callable[..., DriftEngine]:
    """Makes an engine whose pulumi prints a value as JSON and exits with a code."""

    def make(printed: object, code: int = 0) -> DriftEngine:
        script = tmp_path / "pulumi"
        script.write_text(
            f"#!{sys.executable}\nimport sys, pathlib\n"
            f"pathlib.Path({str(tmp_path / 'asked')!r}).write_text(' '.join(sys.argv[1:]))\n"
            f"print({json.dumps(printed)!r})\nsys.exit({code})\n"
        )
        script.chmod(0o755)
        return DriftEngine("staging", tmp_path, {"PATH": str(tmp_path)})

    return make


def test_the_engine_is_asked_to_look_only(answering: Callable[..., DriftEngine], tmp_path: Path) -> None:
    step = {
        "op": "update",
        "urn": URN,
        "provider": "urn::p::id",
        "detailedDiff": {"tags": {"kind": "update", "inputDiff": True}},
        "oldState": {"inputs": {"tags": {"A": "1"}}},
        "newState": {"inputs": {"tags": {"A": "2"}}},
    }
    seen = answering({"steps": [step], "changeSummary": {"update": 1, "same": 4}}).look()
    [finding] = sort_out("staging", seen).findings
    assert (finding.differences[0].path, finding.differences[0].found) == ("tags.A", "2")
    asked = (tmp_path / "asked").read_text()
    assert asked.startswith("refresh --preview-only --json")
    assert "--yes" not in asked
    assert "--exclude" not in asked


def test_types_that_may_not_be_read_are_left_out_and_named(
    answering: Callable[..., DriftEngine], tmp_path: Path
) -> None:
    service = DriftService("staging", answering({"steps": []}))
    drift = service.look(["kubernetes:helm.sh/v3:Release"])
    assert "--exclude **kubernetes:helm.sh/v3:Release::**" in (tmp_path / "asked").read_text()
    assert drift.without == ("kubernetes:helm.sh/v3:Release",)


def test_a_difference_that_is_counted_and_not_told_is_no_silence(
    answering: Callable[..., DriftEngine],
) -> None:
    step = {"op": "refresh", "urn": URN, "provider": "urn::p::id"}
    with pytest.raises(EngineError, match="1 resources differ, and the engine does not tell how"):
        answering({"steps": [step], "changeSummary": {"update": 1}}).look()


def test_a_failed_look_says_why(answering: Callable[..., DriftEngine]) -> None:
    said = {"diagnostics": [{"severity": "error", "message": "AccessDenied: ec2:DescribeVpcs"}]}
    with pytest.raises(EngineError, match="pulumi refresh failed: AccessDenied: ec2:DescribeVpcs"):
        answering(said, 255).look()
