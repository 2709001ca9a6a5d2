"""Cases of `policies/rules/storage.py`."""

from policies.rules import storage
from policies.values import UNKNOWN
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft

bucket = ("aws:s3/bucket:Bucket", "backup-bucket-bucket")
access_block = ("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "backup-bucket-private")
ownership = ("aws:s3/bucketOwnershipControls:BucketOwnershipControls", "backup-bucket-owner")


@violates(storage.private)
def the_access_block_is_gone(draft: Draft) -> None:
    draft.remove(draft.node(*access_block))


@violates(storage.private)
def one_of_the_four_is_open(draft: Draft) -> None:
    draft.set(draft.node(*access_block), "restrictPublicBuckets", to=False)


@violates(storage.private)
def access_lists_count(draft: Draft) -> None:
    draft.set(draft.node(*ownership), "rule", "objectOwnership", to="BucketOwnerPreferred")


@spares(storage.private)
def it_is_named_otherwise_everywhere(draft: Draft) -> None:
    for node in (draft.node(*bucket), draft.node(*access_block), draft.node(*ownership)):
        draft.set(node, "bucket", to="another-name")


@spares(storage.private, minimal=True)
def its_name_is_not_known_yet(draft: Draft) -> None:
    made = draft.add("aws:s3/bucket:Bucket", "new", {})
    held = dict.fromkeys(storage.BLOCKS, True)
    draft.add(storage.ACCESS_BLOCK, "new", {"bucket": UNKNOWN, **held}, {"bucket": [made]})
    rule = {"objectOwnership": "BucketOwnerEnforced"}
    draft.add(storage.OWNERSHIP, "new", {"bucket": UNKNOWN, "rule": rule}, {"bucket": [made]})
