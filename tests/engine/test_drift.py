"""Changes by hand, in the API server and in AWS's place: all of them are found, and nothing else."""

import json
import os
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from localcloud import inventory
from localcloud.engine import CLEARED
from operations.clients.engine_drift import DriftEngine
from operations.services.drift import Drift, DriftService
from tests.support.checkout import STACK, Checkout

pytestmark = pytest.mark.engine

OTHER_IMAGE = "ghcr.io/somebody/else@sha256:" + "2" * 64
KEY, RULE = "aws:kms/key:Key", "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
HTTP = 80
DATABASE, NODES, VPC = "aws:rds/instance:Instance", "aws:eks/nodeGroup:NodeGroup", "aws:ec2/vpc:Vpc"

OPENED = json.dumps([{"op": "replace", "path": "/spec/podSelector/matchLabels/app", "value": "nobody"}])
BY_KUBECTL = (
    (
        "deployment",
        "backend-coordinator",
        "set",
        "image",
        "deployment/backend-coordinator",
        f"*={OTHER_IMAGE}",
    ),
    ("deployment", "websocket-server", "scale", "deployment", "websocket-server", "--replicas=3"),
    ("deployment", "backend-relayer", "scale", "deployment", "backend-relayer", "--replicas=2"),
    (
        "configmap",
        "backend-config",
        "patch",
        "configmap",
        "backend-config",
        "-p",
        '{"data":{"LOG_LEVEL":"trace"}}',
    ),
    (
        "networkpolicy",
        "backend-relayer",
        "patch",
        "networkpolicy",
        "backend-relayer",
        "--type=json",
        "-p",
        OPENED,
    ),
)
"""Kind and name of an object, and how kubectl changes it. The relayer's replicas are its autoscaler's."""

PLANTED = {
    ("Deployment", "backend-coordinator-deployment"): "dangerous",
    ("Deployment", "websocket-server-deployment"): "suspicious",
    ("ConfigMap", "applications-config"): "suspicious",
    ("NetworkPolicy", "network-policies-intendly-backend-relayer"): "dangerous",
    ("PodDisruptionBudget", "websocket-server-disruption-budget"): "suspicious",
    ("Instance", "database-instance"): "dangerous",
    ("Vpc", "network-vpc"): "suspicious",
    ("SecurityGroupIngressRule", "load-balancer-80-0.0.0.0-0"): "dangerous",
    ("NodeGroup", "cluster-general-group"): "harmless",
    ("Key", "data-key-key"): "dangerous",
}


def look(checkout: Checkout) -> Drift:
    kept = {name: value for name, value in os.environ.items() if name not in CLEARED}
    engine = DriftEngine(STACK, checkout.root, {**kept, **checkout.cloud.env()})
    return DriftService(STACK, engine).look()


def found(drift: Drift) -> dict[tuple[str, str], str]:
    """The verdict by short type and logical name."""
    return {(one.kind.rpartition(":")[2], one.name): one.verdict for one in drift.findings}


def fetched(checkout: Checkout, kind: str, name: str) -> dict[str, Any]:
    where = ("-n", "intendly", "-o", "json", "--show-managed-fields")
    return json.loads(checkout.cloud.kubectl("get", kind, name, *where))


@contextmanager
def edited(checkout: Checkout, kind: str, name: str, *edit: str) -> Generator[None]:
    """An object changed by kubectl, and as it was afterwards: content first, then whose each field is."""
    before = fetched(checkout, kind, name)
    checkout.cloud.kubectl(*edit, "-n", "intendly")
    try:
        yield
    finally:
        for member in ("spec", "data"):
            if member in before:
                put(checkout, kind, name, f"/{member}", before[member])
        put(checkout, kind, name, "/metadata/managedFields", before["metadata"]["managedFields"])


def put(checkout: Checkout, kind: str, name: str, path: str, value: object) -> None:
    patch = json.dumps([{"op": "replace", "path": path, "value": value}])
    checkout.cloud.kubectl("patch", kind, name, "-n", "intendly", "--type=json", "-p", patch)


@contextmanager
def deleted(checkout: Checkout, kind: str, name: str) -> Generator[None]:
    """An object deleted by kubectl, and made again by the field manager that made it."""
    before = fetched(checkout, kind, name)
    metadata = before["metadata"]
    manager = metadata["managedFields"][0]["manager"]
    again = {
        **before,
        "metadata": {
            key: metadata[key] for key in ("name", "namespace", "labels", "annotations") if key in metadata
        },
    }
    again.pop("status", None)
    checkout.cloud.kubectl("delete", kind, name, "-n", "intendly")
    try:
        yield
    finally:
        file = checkout.cloud.paths.state / "again.json"
        file.write_text(json.dumps(again))
        checkout.cloud.kubectl("apply", "--server-side", f"--field-manager={manager}", "-f", str(file))


def plant_in_aws(checkout: Checkout) -> None:
    """Change what exists in AWS's place, inputs and outputs alike."""
    file = checkout.cloud.paths.ledger
    document = json.loads(file.read_text())
    planted: dict[str, dict[str, Any]] = {
        DATABASE: {"publiclyAccessible": True},
        VPC: {"tags": {"Name": "somebody-elses"}},
        NODES: {"scalingConfig": {"minSize": 2, "maxSize": 4, "desiredSize": 4}},
    }
    for one in document["resources"]:
        values = planted.get(one["type"], {})
        if (
            one["type"] == RULE
            and one["inputs"].get("cidrIpv4") == "0.0.0.0/0"
            and one["inputs"]["fromPort"] == HTTP
        ):
            values = {"cidrIpv4": "198.51.100.7/32"}
        for side in ("inputs", "outputs"):
            one[side] |= values
    file.write_text(json.dumps(document))


def test_nothing_differs_after_an_update_and_a_look_writes_nothing_down(checkout: Checkout) -> None:
    state, ledger = (
        checkout.cloud.pulumi("stack", "export", capture=True),
        checkout.cloud.paths.ledger.read_text(),
    )
    drift = look(checkout)
    assert drift.findings == ()
    assert drift.resources > 200
    assert checkout.cloud.pulumi("stack", "export", capture=True) == state
    assert checkout.cloud.paths.ledger.read_text() == ledger


def test_what_was_changed_by_hand_is_found_and_nothing_else(checkout: Checkout) -> None:
    cloud = checkout.cloud
    kms = inventory.client("kms", cloud.data_stores.moto_url, cloud.facts)
    outputs = json.loads(cloud.pulumi("stack", "export", capture=True))["deployment"]["resources"]
    [key] = [one["id"] for one in outputs if one["type"] == KEY]
    with ExitStack() as undone:
        ledger = cloud.paths.ledger.read_text()
        undone.callback(cloud.paths.ledger.write_text, ledger)
        for edit in BY_KUBECTL:
            undone.enter_context(edited(checkout, *edit))
        undone.enter_context(deleted(checkout, "pdb", "websocket-server"))
        plant_in_aws(checkout)
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
        undone.callback(kms.enable_key, KeyId=key)
        undone.callback(kms.cancel_key_deletion, KeyId=key)
        drift = look(checkout)
    assert found(drift) == PLANTED
    assert drift.bad
    assert look(checkout).findings == ()
