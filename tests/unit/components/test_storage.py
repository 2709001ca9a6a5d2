"""The bucket of dumps."""

import json
from dataclasses import replace
from typing import Any

import pytest
from pulumi_aws import s3

from components.storage import ARCHIVE, FULL_DUMPS, HOURLY_DUMPS, BackupBucket, BackupBucketArgs
from tests.support.recorder import Recorder
from tests.unit.conftest import Deploy

BUCKET = "aws:s3/bucket:Bucket"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
VERSIONS = "aws:s3/bucketVersioning:BucketVersioning"

ARGS = BackupBucketArgs(
    prefix="intendly-test",
    key_arn="arn:aws:kms:us-east-1:111111111111:key/k",
    object_lock_days=30,
    full_dump_days=35,
    hourly_dump_days=31,
    archive_days=730,
    noncurrent_days=14,
    protect=True,
)


def built(deploy: Deploy, args: BackupBucketArgs = ARGS) -> Recorder:
    return deploy(lambda: BackupBucket("bucket", args))


def rules(recorder: Recorder) -> dict[str, dict[str, Any]]:
    return {rule["id"]: rule for rule in recorder.only(LIFECYCLE)["rules"]}


def test_the_bucket_has_the_manuals_name(deploy: Deploy) -> None:
    assert built(deploy).only(BUCKET)["bucket"] == "intendly-test-backups"


@pytest.mark.parametrize("protect", [True, False])
def test_it_is_either_protected_or_emptied_with_the_stack(deploy: Deploy, *, protect: bool) -> None:
    bucket = built(deploy, replace(ARGS, protect=protect)).only(BUCKET)
    assert bucket.protect is protect
    assert bucket["forceDestroy"] is not protect


def test_nobody_outside_gets_in(deploy: Deploy) -> None:
    recorder = built(deploy)
    block = recorder.only("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
    for switch in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"):
        assert block[switch] is True
    owner = recorder.only("aws:s3/bucketOwnershipControls:BucketOwnershipControls")
    assert owner["rule"] == {"objectOwnership": "BucketOwnerEnforced"}


def test_plain_text_is_refused_for_bucket_and_objects(deploy: Deploy) -> None:
    recorder = built(deploy)
    policy = recorder.only("aws:s3/bucketPolicy:BucketPolicy")
    [statement] = json.loads(policy["policy"])["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    bucket, objects = statement["Resource"]
    assert objects == f"{bucket}/*"
    assert recorder.follows(policy, recorder.only("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"))


def test_everything_is_encrypted_with_the_stacks_key(deploy: Deploy) -> None:
    kind = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    [rule] = built(deploy).only(kind)["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {
        "sseAlgorithm": "aws:kms",
        "kmsMasterKeyId": ARGS.key_arn,
    }
    assert rule["bucketKeyEnabled"] is True


def test_versions_are_kept_and_locked(deploy: Deploy) -> None:
    recorder = built(deploy)
    assert recorder.only(VERSIONS)["versioningConfiguration"] == {"status": "Enabled"}
    lock = recorder.only(LOCK)
    assert lock["rule"] == {"defaultRetention": {"mode": "GOVERNANCE", "days": 30}}
    for later in (lock, recorder.only(LIFECYCLE)):
        assert recorder.follows(later, recorder.only(VERSIONS))


def test_a_lock_can_come_later_without_another_bucket(deploy: Deploy) -> None:
    recorder = built(deploy, replace(ARGS, object_lock_days=0))
    assert recorder.all(LOCK) == []
    assert recorder.only(BUCKET)["objectLockEnabled"] is True
    assert recorder.only(VERSIONS)["versioningConfiguration"] == {"status": "Enabled"}


@pytest.mark.parametrize(
    ("rule", "prefix", "days"),
    [("full-dumps", FULL_DUMPS, 35), ("hourly-dumps", HOURLY_DUMPS, 31), ("archive", ARCHIVE, 730)],
)
def test_dumps_go_after_their_time(deploy: Deploy, rule: str, prefix: str, days: int) -> None:
    found = rules(built(deploy))[rule]
    assert found["status"] == "Enabled"
    assert found["filter"] == {"prefix": prefix}
    assert found["expiration"] == {"days": days}
    assert prefix.startswith("postgresql/")


def test_no_prefix_lies_within_another() -> None:
    prefixes = (FULL_DUMPS, HOURLY_DUMPS, ARCHIVE)
    assert not [(a, b) for a in prefixes for b in prefixes if a != b and a.startswith(b)]


def test_the_archive_grows_cold_in_two_steps_and_dumps_stay_at_hand(deploy: Deploy) -> None:
    found = rules(built(deploy))
    steps = [(step["days"], step["storageClass"]) for step in found["archive"]["transitions"]]
    assert steps == [(0, "GLACIER_IR"), (90, "DEEP_ARCHIVE")]
    assert not [rule for rule in found.values() if rule["id"] != "archive" and rule.get("transitions")]


def test_deleted_versions_markers_and_broken_uploads_go_everywhere(deploy: Deploy) -> None:
    rule = rules(built(deploy))["leftovers"]
    assert rule["filter"] == {"prefix": ""}
    assert rule["noncurrentVersionExpiration"] == {"noncurrentDays": 14}
    assert rule["expiration"] == {"expiredObjectDeleteMarker": True}
    assert rule["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}


def test_whoever_takes_the_name_waits_for_all_that_protects(deploy: Deploy) -> None:
    def program() -> None:
        bucket = BackupBucket("bucket", ARGS)
        s3.BucketObject("dump", bucket=bucket.name, key=f"{FULL_DUMPS}x")

    recorder = deploy(program)
    dump = recorder.only("aws:s3/bucketObject:BucketObject")
    assert dump["bucket"] == "intendly-test-backups"
    guards = [one for one in recorder.registrations if one.type.startswith("aws:s3/") and one is not dump]
    assert len(guards) == 8
    assert all(recorder.follows(dump, guard) for guard in guards)
