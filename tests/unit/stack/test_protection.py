"""What holds data cannot be lost in production, and nothing stands in the way of a new staging."""

from typing import Any

import pytest

from tests.support.recorder import Registration
from tests.support.stacks import recorded

KEEPS_DATA = (
    "aws:rds/instance:Instance",
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "aws:s3/bucket:Bucket",
    "aws:kms/key:Key",
    "aws:backup/vault:Vault",
    "aws:eks/cluster:Cluster",  # the volumes of Prometheus are known to it alone
)
REMADE = {"web-bucket"}
"""Holds what the web application's next deployment brings again."""

PRODUCTION: list[tuple[str, str, Any]] = [
    ("aws:rds/instance:Instance", "deletionProtection", True),
    ("aws:rds/instance:Instance", "skipFinalSnapshot", False),
    ("aws:rds/instance:Instance", "deleteAutomatedBackups", False),
    ("aws:rds/instance:Instance", "copyTagsToSnapshot", True),
    ("aws:eks/cluster:Cluster", "deletionProtection", True),
    ("aws:lb/loadBalancer:LoadBalancer", "enableDeletionProtection", True),
    ("aws:s3/bucket:Bucket", "forceDestroy", False),
    ("aws:backup/vault:Vault", "forceDestroy", False),
    ("aws:secretsmanager/secret:Secret", "recoveryWindowInDays", 30),
    ("aws:kms/key:Key", "deletionWindowInDays", 30),
]
STAGING: list[tuple[str, str, Any]] = [
    ("aws:rds/instance:Instance", "deletionProtection", False),
    ("aws:rds/instance:Instance", "skipFinalSnapshot", True),
    ("aws:eks/cluster:Cluster", "deletionProtection", False),
    ("aws:lb/loadBalancer:LoadBalancer", "enableDeletionProtection", False),
    ("aws:s3/bucket:Bucket", "forceDestroy", True),
    ("aws:backup/vault:Vault", "forceDestroy", True),
    # A deleted secret's name stays taken for as long as it can be brought back.
    ("aws:secretsmanager/secret:Secret", "recoveryWindowInDays", 0),
]
RECOVERED = (
    ("aws:rds/instance:Instance", "postgres"),
    ("aws:elasticache/replicationGroup:ReplicationGroup", "redis"),
)


def every(stack: str, kind: str) -> list[Registration]:
    found = recorded(stack).made.all(kind)
    assert found, kind
    return found


@pytest.mark.parametrize("kind", KEEPS_DATA)
def test_the_engine_refuses_to_remove_productions_data_and_removes_stagings(kind: str) -> None:
    kept = [one for one in every("production", kind) if one.name not in REMADE]
    assert [one.name for one in kept if not one.protect] == []
    assert [one.name for one in every("staging", kind) if one.protect] == []


@pytest.mark.parametrize(
    ("stack", "kind", "key", "value"),
    [("production", *row) for row in PRODUCTION] + [("staging", *row) for row in STAGING],
)
def test_aws_keeps_or_lets_go(stack: str, kind: str, key: str, value: object) -> None:
    assert {one.name: one.inputs.get(key) for one in every(stack, kind)} == {
        one.name: value for one in every(stack, kind)
    }


@pytest.mark.parametrize(("kind", "store"), RECOVERED)
def test_production_takes_a_last_snapshot_whose_name_is_never_taken(kind: str, store: str) -> None:
    """AWS refuses a snapshot's name the second time, so it ends in what is random for each store's life."""
    [made] = every("production", kind)
    suffix = recorded("production").made.named(
        "random:index/randomId:RandomId", f"{made.name.split('-')[0]}-final-snapshot"
    )
    assert made["finalSnapshotIdentifier"].startswith(f"intendly-production-{store}-final-")
    assert made.property_dependencies["finalSnapshotIdentifier"] == {suffix.urn}
    assert "finalSnapshotIdentifier" not in every("staging", kind)[0].inputs


@pytest.mark.parametrize("stack", ["production", "staging"])
def test_nothing_stays_behind_unknown_to_the_engine(stack: str) -> None:
    assert [one.name for one in recorded(stack).made.registrations if one.retain_on_delete] == []


def test_every_kind_that_keeps_data_is_known_here() -> None:
    """A new store gets a row in KEEPS_DATA."""
    stores = (
        "rds/",
        "elasticache/replicationGroup:",
        "s3/bucket:",
        "kms/key:",
        "backup/vault:",
        "dynamodb/",
        "efs/",
    )
    kinds = {one.type for one in recorded("production").made.registrations}
    found = {kind for kind in kinds if kind.startswith(tuple(f"aws:{store}" for store in stores))}
    assert found - set(KEEPS_DATA) == {
        "aws:rds/parameterGroup:ParameterGroup",
        "aws:rds/subnetGroup:SubnetGroup",
    }
