"""The bucket that dumps of the database go to."""

import json
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import s3

FULL_DUMPS = "postgresql/full/"
HOURLY_DUMPS = "postgresql/hourly/"
ARCHIVE = "postgresql/archive/"
"""Where dumps lie in the bucket, by how long they are kept. The stack tells them to those who write there."""

DEEP_ARCHIVE_AFTER_DAYS = 90
"""GLACIER_IR, which is read at once, bills 90 days at least; then comes what takes 12 to 48 hours to read."""

UPLOAD_DAYS = 7
"""Days after which the parts of an upload that never ended are removed: nobody sees them, they are paid for."""


@dataclass(frozen=True, kw_only=True)
class BackupBucketArgs:
    """What the bucket needs. Times are days."""

    prefix: str
    """Start of the physical name: `intendly-staging` gives `intendly-staging-backups`."""
    key_arn: pulumi.Input[str]
    """Encrypts what is stored without saying otherwise."""
    object_lock_days: int
    """For which nobody but an administrator with the right to it removes a version; 0: no such time."""
    full_dump_days: int
    hourly_dump_days: int
    archive_days: int
    """Beyond `DEEP_ARCHIVE_AFTER_DAYS`."""
    noncurrent_days: int
    """For which what was deleted or overwritten can be brought back."""
    protect: bool
    """The engine refuses to destroy the bucket. Otherwise a destroy empties it first."""


class BackupBucket(pulumi.ComponentResource):
    """One private bucket that forgets nothing at once: versions, a lock, and encryption with the stack's key."""

    name: pulumi.Output[str]
    """Known once all that protects the bucket is there: what writes there waits for that."""
    arn: pulumi.Output[str]

    def __init__(self, name: str, args: BackupBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("intendly:data:BackupBucket", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self._bucket = s3.Bucket(
            f"{name}-bucket",
            bucket=f"{args.prefix}-backups",
            # Only at creation, and it replaces the bucket later; without a rule it locks nothing.
            object_lock_enabled=True,
            force_destroy=not args.protect,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        guards = [*self._privacy(), *self._recovery(), self._encryption()]
        self.arn = self._bucket.arn
        self.name = pulumi.Output.all(self._bucket.bucket, *[guard.id for guard in guards]).apply(_first)
        self.register_outputs({"name": self.name, "arn": self.arn})

    def _privacy(self) -> list[pulumi.CustomResource]:
        """Nobody outside the account, no access lists, nothing in plain text."""
        bucket = self._bucket
        block = s3.BucketPublicAccessBlock(
            f"{self._name}-private",
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self._child,
        )
        owner = s3.BucketOwnershipControls(
            f"{self._name}-owner",
            bucket=bucket.bucket,
            rule=s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=self._child,
        )
        policy = s3.BucketPolicy(
            f"{self._name}-tls",
            bucket=bucket.bucket,
            policy=bucket.arn.apply(tls_only),
            # S3 refuses two of these changes at a time ("conflicting conditional operation").
            opts=pulumi.ResourceOptions(parent=self, depends_on=[block]),
        )
        return [block, owner, policy]

    def _recovery(self) -> list[pulumi.CustomResource]:
        """What is deleted or overwritten stays for a while; what is old goes."""
        bucket = self._bucket.bucket
        versions = s3.BucketVersioning(
            f"{self._name}-versions",
            bucket=bucket,
            versioning_configuration=s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            opts=self._child,
        )
        after = pulumi.ResourceOptions(parent=self, depends_on=[versions])
        lifecycle = s3.BucketLifecycleConfiguration(
            f"{self._name}-lifecycle", bucket=bucket, rules=lifecycle_rules(self._args), opts=after
        )
        if not self._args.object_lock_days:
            return [versions, lifecycle]
        lock = s3.BucketObjectLockConfiguration(
            f"{self._name}-lock",
            bucket=bucket,
            rule=s3.BucketObjectLockConfigurationRuleArgs(
                # COMPLIANCE could be shortened by nobody, not even to destroy the stack.
                default_retention=s3.BucketObjectLockConfigurationRuleDefaultRetentionArgs(
                    mode="GOVERNANCE", days=self._args.object_lock_days
                )
            ),
            opts=after,
        )
        return [versions, lifecycle, lock]

    def _encryption(self) -> pulumi.CustomResource:
        return s3.BucketServerSideEncryptionConfiguration(
            f"{self._name}-encryption",
            bucket=self._bucket.bucket,
            rules=[
                s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                        sse_algorithm="aws:kms", kms_master_key_id=self._args.key_arn
                    ),
                    bucket_key_enabled=True,
                )
            ],
            opts=self._child,
        )


def tls_only(bucket_arn: str) -> str:
    """A bucket policy (JSON) that refuses every request without TLS."""
    statement: dict[str, Any] = {
        "Sid": "RefusePlainText",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket_arn, f"{bucket_arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def lifecycle_rules(args: BackupBucketArgs) -> list[s3.BucketLifecycleConfigurationRuleArgs]:
    """How long what is kept, and where. A version under lock stays until its lock ends, whatever stands here."""
    archive = [
        s3.BucketLifecycleConfigurationRuleTransitionArgs(days=days, storage_class=storage_class)
        for days, storage_class in ((0, "GLACIER_IR"), (DEEP_ARCHIVE_AFTER_DAYS, "DEEP_ARCHIVE"))
    ]
    everything = s3.BucketLifecycleConfigurationRuleArgs(
        id="leftovers",
        status="Enabled",
        filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        noncurrent_version_expiration=s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
            noncurrent_days=args.noncurrent_days
        ),
        expiration=s3.BucketLifecycleConfigurationRuleExpirationArgs(expired_object_delete_marker=True),
        abort_incomplete_multipart_upload=s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
            days_after_initiation=UPLOAD_DAYS
        ),
    )
    return [
        _kept("full-dumps", FULL_DUMPS, args.full_dump_days),
        _kept("hourly-dumps", HOURLY_DUMPS, args.hourly_dump_days),
        _kept("archive", ARCHIVE, args.archive_days, archive),
        everything,
    ]


def _kept(
    rule: str,
    prefix: str,
    days: int,
    transitions: list[s3.BucketLifecycleConfigurationRuleTransitionArgs] | None = None,
) -> s3.BucketLifecycleConfigurationRuleArgs:
    return s3.BucketLifecycleConfigurationRuleArgs(
        id=rule,
        status="Enabled",
        filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=prefix),
        transitions=transitions,
        expiration=s3.BucketLifecycleConfigurationRuleExpirationArgs(days=days),
    )


def _first(values: list[Any]) -> str:
    return values[0]
