"""Cases of `policies/rules/recovery.py`."""

import json

from policies.rules import recovery
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft

cache = "aws:elasticache/replicationGroup:ReplicationGroup"
bucket = "aws:s3/bucket:Bucket"
bucket_policy = "aws:s3/bucketPolicy:BucketPolicy"


@violates(recovery.is_replicated)
def nobody_takes_over_by_itself(draft: Draft) -> None:
    draft.set(draft.node(cache), "automaticFailoverEnabled", to=False)


@violates(recovery.is_replicated)
def the_cache_is_one_node(draft: Draft) -> None:
    draft.set(draft.node(cache), "numCacheClusters", to=1)


@violates(recovery.is_replicated)
def a_second_cache_is_a_cluster(draft: Draft) -> None:
    draft.add(recovery.CACHE_CLUSTER, "second", {"engine": "redis"})


@spares(recovery.is_replicated)
def the_cache_is_maintained_on_another_day(draft: Draft) -> None:
    draft.set(draft.node(cache), "maintenanceWindow", to="sat:06:30-sat:07:30")


@violates(recovery.snapshots)
def nobody_copies_the_cache(draft: Draft) -> None:
    draft.set(draft.node(cache), "snapshotRetentionLimit", to=0)


@violates(recovery.snapshots)
def the_cache_goes_without_a_last_snapshot(draft: Draft) -> None:
    draft.unset(draft.node(cache), "finalSnapshotIdentifier")


@spares(recovery.snapshots)
def the_cache_is_copied_at_another_hour(draft: Draft) -> None:
    draft.set(draft.node(cache), "snapshotWindow", to="22:00-23:00")


def denied(draft: Draft, **values: object) -> None:
    """Change the statement that refuses plain text."""
    policy = draft.node(bucket_policy, "backup-bucket-tls")
    document = json.loads(policy.at("policy"))
    document["Statement"][0] |= values
    draft.set(policy, "policy", to=json.dumps(document))


@violates(recovery.tls_only)
def a_bucket_answers_plain_text(draft: Draft) -> None:
    draft.remove(draft.node(bucket_policy, "backup-bucket-tls"))


@violates(recovery.tls_only)
def objects_are_given_in_plain_text(draft: Draft) -> None:
    denied(draft, Resource="arn:aws:s3:::intendly-production-backups")


@violates(recovery.tls_only)
def plain_text_may_be_written(draft: Draft) -> None:
    denied(draft, Action="s3:GetObject")


@spares(recovery.tls_only)
def everybody_is_written_in_another_way(draft: Draft) -> None:
    denied(draft, Principal={"AWS": "*"})


@violates(recovery.recoverable)
def what_is_overwritten_is_gone(draft: Draft) -> None:
    versions = draft.node(recovery.VERSIONING)
    draft.set(versions, "versioningConfiguration", "status", to="Suspended")


@violates(recovery.recoverable)
def nothing_locks_the_backups(draft: Draft) -> None:
    draft.remove(draft.node(recovery.LOCK))


@violates(recovery.recoverable)
def a_destroy_empties_the_bucket(draft: Draft) -> None:
    draft.set(draft.node(bucket, "backup-bucket-bucket"), "forceDestroy", to=True)


@violates(recovery.recoverable)
def the_engine_would_delete_the_bucket(draft: Draft) -> None:
    draft.options(draft.node(bucket, "backup-bucket-bucket"), protect=False)


@violates(recovery.recoverable)
def dumps_expire_before_their_time(draft: Draft) -> None:
    draft.set(draft.node(recovery.LIFECYCLE), "rules", 0, "expiration", "days", to=7)


@violates(recovery.recoverable)
def everything_expires_after_a_month(draft: Draft) -> None:
    draft.set(draft.node(recovery.LIFECYCLE), "rules", 3, "expiration", to={"days": 30})


@violates(recovery.recoverable)
def parts_of_uploads_stay_for_ever(draft: Draft) -> None:
    draft.unset(draft.node(recovery.LIFECYCLE), "rules", 3, "abortIncompleteMultipartUpload")


@spares(recovery.recoverable)
def dumps_are_kept_longer_than_promised(draft: Draft) -> None:
    draft.set(draft.node(recovery.LIFECYCLE), "rules", 0, "expiration", "days", to=90)
