"""The private bucket of a static site, which one distribution alone may read."""

import json
from typing import Any

import pulumi
from pulumi_aws import s3

DISTRIBUTION_READS = "DistributionReads"
TLS_ONLY = "TlsOnly"


def site_bucket(
    name: str, physical_name: str, *, disposable: bool, opts: pulumi.ResourceOptions
) -> s3.Bucket:
    """A bucket that is encrypted by S3 itself, owned by the account alone, and closed to the public.

    Args:
        name: start of the logical names.
        physical_name: the bucket's name, unique in the world.
        disposable: whether a destroy may delete the site's files with it.
        opts: the component it belongs to.
    """
    bucket = s3.Bucket(f"{name}-bucket", bucket=physical_name, force_destroy=disposable, opts=opts)
    s3.BucketServerSideEncryptionConfiguration(
        f"{name}-encryption",
        bucket=bucket.bucket,
        # S3's own key: a key of ours would have to let CloudFront in.
        rules=[
            s3.BucketServerSideEncryptionConfigurationRuleArgs(
                apply_server_side_encryption_by_default=(
                    s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                        sse_algorithm="AES256"
                    )
                )
            )
        ],
        opts=opts,
    )
    s3.BucketOwnershipControls(
        f"{name}-ownership",
        bucket=bucket.bucket,
        rule=s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
        opts=opts,
    )
    s3.BucketPublicAccessBlock(
        f"{name}-public-access",
        bucket=bucket.bucket,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=opts,
    )
    return bucket


def bucket_policy(bucket_arn: str, distribution_arn: str) -> str:
    """Policy document (JSON): this one distribution reads objects, and nobody comes without TLS.

    It may not list: a missing object is then 403, which the distribution turns into the application's page.
    """
    statements: list[dict[str, Any]] = [
        {
            "Sid": DISTRIBUTION_READS,
            "Effect": "Allow",
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": "s3:GetObject",
            "Resource": f"{bucket_arn}/*",
            "Condition": {"StringEquals": {"AWS:SourceArn": distribution_arn}},
        },
        {
            "Sid": TLS_ONLY,
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [bucket_arn, f"{bucket_arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
