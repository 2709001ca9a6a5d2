"""What AWS refuses of a stack that is destroyed and made again: names that the first one left taken."""

from importlib import import_module

import pytest

from localcloud.providers.catalogue import entries
from localcloud.providers.moto import Moto
from localcloud.providers.moto_mends import mend
from localcloud.providers.server import StandInError
from localcloud.providers.wire import Properties
from tests.unit.localcloud.providers.conftest import Stack

CACHE = "elasticache/replicationGroup:ReplicationGroup"
SECRET = "secretsmanager/secret:Secret"

GROUP: Properties = {
    "replicationGroupId": "kept",
    "description": "d",
    "nodeType": "cache.t4g.micro",
    "finalSnapshotIdentifier": "kept-final",
}
INSTANCE: Properties = {
    "identifier": "kept",
    "instanceClass": "db.t4g.medium",
    "engine": "postgres",
    "username": "root",
    "password": "long-enough",
    "allocatedStorage": 20,
    "skipFinalSnapshot": False,
    "finalSnapshotIdentifier": "kept-final",
}
OTHER_NAME = {"finalSnapshotIdentifier": "kept-final-2"}


@pytest.fixture
def mended(monkeypatch: pytest.MonkeyPatch) -> None:
    """moto as the local cloud's server has it, for one test."""
    answers = import_module("moto.elasticache.responses").ElastiCacheResponse
    for owner, name in (
        (import_module("moto.server").DomainDispatcherApplication, "__call__"),
        (import_module("moto.rds.models"), "uuid"),
        (answers, "delete_replication_group"),
    ):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    mend()


@pytest.mark.usefixtures("mended")
def test_a_last_snapshot_of_a_cache_needs_a_name_of_its_own(stack: Stack) -> None:
    identity, outputs = stack.create(CACHE, **GROUP)
    stack.delete(CACHE, identity, outputs)
    identity, outputs = stack.create(CACHE, **GROUP)
    with pytest.raises(StandInError, match="SnapshotAlreadyExists"):
        stack.delete(CACHE, identity, outputs)
    stack.delete(CACHE, identity, outputs | OTHER_NAME)


def test_a_last_snapshot_of_a_database_needs_a_name_of_its_own(moto_url: str) -> None:
    row = entries()["aws:rds/instance:Instance"].moto
    assert row is not None
    api = Moto(moto_url, "us-east-1")
    api.create(row, INSTANCE)
    api.delete(row, INSTANCE)
    api.create(row, INSTANCE)
    with pytest.raises(StandInError, match="DBSnapshotAlreadyExists"):
        api.delete(row, INSTANCE)
    api.delete(row, INSTANCE | OTHER_NAME)


def test_a_secrets_name_is_free_again_only_without_a_recovery_window(stack: Stack) -> None:
    name = "intendly-test/again"
    for days in (0, 7):
        arn, outputs = stack.create(SECRET, name=name, recoveryWindowInDays=days)
        stack.delete(SECRET, arn, outputs)
        assert stack.read(SECRET, arn, outputs) is None
    with pytest.raises(StandInError, match="ResourceExistsException"):
        stack.create(SECRET, name=name)


def test_names_that_aws_frees_at_once_are_free(stack: Stack) -> None:
    for kind, name in (
        ("cloudwatch/logGroup:LogGroup", "name"),
        ("iam/role:Role", "name"),
        ("s3/bucket:Bucket", "bucket"),
        ("sns/topic:Topic", "name"),
    ):
        rest = {"assumeRolePolicy": '{"Version": "2012-10-17", "Statement": []}'} if "iam" in kind else {}
        for _ in range(2):
            identity, outputs = stack.create(kind, **{name: "made-again"}, **rest)
            stack.delete(kind, identity, outputs)


def test_an_alias_goes_though_its_key_waits_for_its_end(stack: Stack) -> None:
    for _ in range(2):
        key, outputs = stack.create("kms/key:Key", deletionWindowInDays=7)
        alias, named = stack.create("kms/alias:Alias", name="alias/made-again", targetKeyId=key)
        stack.delete("kms/alias:Alias", alias, named)
        stack.delete("kms/key:Key", key, outputs)
