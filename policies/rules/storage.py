"""Buckets."""

from collections.abc import Iterator

from policies.graph import Node
from policies.rule import Rule, Scene, Severity, rule

BUCKETS = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
ACCESS_BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
OWNERSHIP = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


@rule(
    "bucket-private",
    *BUCKETS,
    severity=Severity.CRITICAL,
    source="CKV2_AWS_6/65, CKV_AWS_53-56",
)
def private(bucket: Node, scene: Scene) -> Iterator[str]:
    """No policy and no access list written later can make a bucket public, for both ways are shut beforehand."""
    blocks = scene.graph.users(bucket, "bucket", ACCESS_BLOCK)
    if not blocks:
        yield "it has no public access block"
    for block in blocks:
        yield from (f"its public access block lacks {key}" for key in BLOCKS if block.at(key) is not True)
    owners = [one.at("rule", "objectOwnership") for one in scene.graph.users(bucket, "bucket", OWNERSHIP)]
    if owners != ["BucketOwnerEnforced"]:
        yield "its objects' owner is not BucketOwnerEnforced, so access lists count"


RULES: tuple[Rule, ...] = (private,)
