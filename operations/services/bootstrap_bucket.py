"""What a state bucket must be, and what one lacks of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from operations.clients.aws_state import StateBucket
from operations.json_object import Json

OLD_STATE_DAYS: Final = 90
"""Days for which an overwritten or deleted state can be had back."""

UNFINISHED_DAYS: Final = 7
"""Days after which an upload that never ended is removed."""

BLOCKS: Final = {
    "BlockPublicAcls": True,
    "BlockPublicPolicy": True,
    "IgnorePublicAcls": True,
    "RestrictPublicBuckets": True,
}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What depends on the stack. ``key`` is the ARN of the key, or finds it once it is made."""

    name: str
    key: str | Callable[[], str]
    tags: Mapping[str, str]


def mends_of(
    bucket: StateBucket, wanted: Wanted, *, there: bool
) -> Iterator[tuple[str, Callable[[], object]]]:
    """What the bucket lacks, in an order in which it is closed and encrypted before anything can be put into it.

    Args:
        bucket: which.
        wanted: what it must be.
        there: whether it exists; one that does not lacks everything.
    """
    if not there or bucket.public_access() != BLOCKS:
        yield "public access blocked", lambda: bucket.block_public_access(BLOCKS)
    key = wanted.key
    if not there or not isinstance(key, str) or bucket.encrypted_with() != key:
        yield "encryption", lambda: bucket.encrypt_with(key if isinstance(key, str) else key())
    policy = bucket.policy() if there else []
    tls = _tls_only(wanted.name)
    if tls not in policy:
        others = [one for one in policy if one.get("Sid") != tls["Sid"]]
        yield "TLS only", lambda: bucket.set_policy([*others, tls])
    if not there or not bucket.versioned():
        yield "versions", bucket.keep_versions
    rules = bucket.lifecycle() if there else []
    if not any(_removes_old(rule) for rule in rules):
        kept = [one for one in rules if one.get("ID") != _OLD_STATE["ID"]]
        yield "removal of old versions", lambda: bucket.set_lifecycle([*kept, _OLD_STATE])
    tags = bucket.tags() if there else {}
    if not wanted.tags.items() <= tags.items():
        yield "tags", lambda: bucket.set_tags({**tags, **wanted.tags})


def _tls_only(bucket: str) -> Json:
    arn = f"arn:aws:s3:::{bucket}"
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


_OLD_STATE: Final[Json] = {
    "ID": "old-state",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "NoncurrentVersionExpiration": {"NoncurrentDays": OLD_STATE_DAYS},
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": UNFINISHED_DAYS},
}


def _removes_old(rule: Json) -> bool:
    """AWS gives rules back with members of its own, so those that matter are compared."""
    mattering = ("ID", "Status", "NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload")
    return all(rule.get(one) == _OLD_STATE[one] for one in mattering)
