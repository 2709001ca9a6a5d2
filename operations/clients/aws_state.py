"""Where the engine keeps a stack's state in AWS: a bucket, and the key that encrypts it and its secrets."""

import json
from collections.abc import Mapping
from typing import Any, Final

from operations.clients.aws import AwsSession
from operations.errors import AwsError
from operations.json_object import Json, dig, objects, text

NOT_FOUND: Final = frozenset(
    {
        "404",
        "NoSuchBucket",
        "NoSuchBucketPolicy",
        "NoSuchLifecycleConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
        "NoSuchTagSet",
        "NotFound",
        "NotFoundException",
        "ServerSideEncryptionConfigurationNotFoundError",
    }
)
"""How S3 and KMS say that something is not there."""

_FIRST_REGION = "us-east-1"  # the one region that S3 refuses to be told


class StateBucket:
    """One bucket. Every request names the account that must own it, so that a stranger's is never written to.

    Args:
        session: whose credentials, which region.
        name: the bucket.
        account: who must own it.
    """

    def __init__(self, session: AwsSession, name: str, account: str) -> None:
        self._session = session
        self._name = name
        self._account = account

    def exists(self) -> bool:
        """Whether it is there and ours.

        Raises:
            AwsError: it is another account's, or AWS did not say.
        """
        try:
            self._ask("head_bucket")
        except AwsError as error:
            if error.code in NOT_FOUND:
                return False
            if error.code in {"403", "AccessDenied"}:
                raise _taken(self._name) from error
            raise
        return True

    def create(self) -> None:
        """Make it; nobody but the account may reach it from its first moment (S3's default since 2023).

        Raises:
            AwsError: the name is taken, in this account or another.
        """
        region = self._session.region
        place = {"LocationConstraint": region}
        given = {} if region == _FIRST_REGION else {"CreateBucketConfiguration": place}
        try:
            self._session.call("s3", "create_bucket", Bucket=self._name, **given)
        except AwsError as error:
            if error.code in {"BucketAlreadyExists", "BucketAlreadyOwnedByYou"}:
                raise _taken(self._name) from error
            raise

    def versioned(self) -> bool:
        """Whether an overwritten or deleted state can be had back."""
        return self._ask("get_bucket_versioning").get("Status") == "Enabled"

    def keep_versions(self) -> None:
        """Keep what is overwritten or deleted."""
        self._ask("put_bucket_versioning", VersioningConfiguration={"Status": "Enabled"})

    def encrypted_with(self) -> str:
        """The KMS key that new objects are encrypted with; empty where it is S3's own."""
        answer = self._find("get_bucket_encryption")
        rules = objects(dig(answer, "ServerSideEncryptionConfiguration", "Rules"))
        defaults: Json = dig(rules[0], "ApplyServerSideEncryptionByDefault") if rules else {}
        return text(defaults, "KMSMasterKeyID")

    def encrypt_with(self, key_arn: str) -> None:
        """Encrypt new objects with a key of the account; the bucket key makes one request to KMS of many."""
        default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_arn}
        rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}
        self._ask("put_bucket_encryption", ServerSideEncryptionConfiguration={"Rules": [rule]})

    def public_access(self) -> Mapping[str, bool]:
        """The four blocks of public access that are on."""
        return dig(self._find("get_public_access_block"), "PublicAccessBlockConfiguration") or {}

    def block_public_access(self, blocks: Mapping[str, bool]) -> None:
        """Set the four blocks."""
        self._ask("put_public_access_block", PublicAccessBlockConfiguration=dict(blocks))

    def policy(self) -> list[Json]:
        """The statements of its policy."""
        found = text(self._find("get_bucket_policy"), "Policy")
        return objects(dig(json.loads(found), "Statement")) if found else []

    def set_policy(self, statements: list[Json]) -> None:
        """Set its policy."""
        document = {"Version": "2012-10-17", "Statement": statements}
        self._ask("put_bucket_policy", Policy=json.dumps(document))

    def lifecycle(self) -> list[Json]:
        """The rules by which objects are removed."""
        return objects(self._find("get_bucket_lifecycle_configuration").get("Rules"))

    def set_lifecycle(self, rules: list[Json]) -> None:
        """Set the rules by which objects are removed."""
        self._ask("put_bucket_lifecycle_configuration", LifecycleConfiguration={"Rules": rules})

    def tags(self) -> dict[str, str]:
        """Its tags."""
        found = objects(self._find("get_bucket_tagging").get("TagSet"))
        return {text(one, "Key"): text(one, "Value") for one in found}

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Set its tags, all of them."""
        self._ask("put_bucket_tagging", Tagging={"TagSet": tag_list(tags, "Key", "Value")})

    def _ask(self, operation: str, **parameters: object) -> Mapping[str, Any]:
        return self._session.call(
            "s3", operation, Bucket=self._name, ExpectedBucketOwner=self._account, **parameters
        )

    def _find(self, operation: str) -> Mapping[str, Any]:
        """The answer, or an empty one where nothing was ever set."""
        try:
            return self._ask(operation)
        except AwsError as error:
            if error.code in NOT_FOUND:
                return {}
            raise


class StateKey:
    """The KMS key behind an alias.

    Args:
        session: whose credentials, which region.
        alias: its name, ``alias/…``.
        purpose: its description, by which a key that never got its alias is found again.
    """

    def __init__(self, session: AwsSession, alias: str, purpose: str) -> None:
        self._session = session
        self._alias = alias
        self._purpose = purpose

    def find(self) -> str:
        """The ARN of the key that the alias stands for; empty where there is none.

        Raises:
            AwsError: the key cannot be used any more, since somebody disabled it or has it deleted.
        """
        found = self._describe(self._alias)
        state = text(found, "KeyState")
        if state and state != "Enabled":
            raise AwsError(
                f"the key {self._alias} is {state}: the state's secrets cannot be read",
                f"aws kms cancel-key-deletion --key-id {text(found, 'KeyId')}, then aws kms enable-key",
            )
        return text(found, "Arn")

    def find_without_alias(self) -> str:
        """The ARN of a key that was made for this and never got its alias; empty where there is none."""
        for one in self._session.pages("kms", "list_keys", "Keys"):
            found = self._describe(text(one, "KeyId"))
            if (text(found, "Description"), text(found, "KeyState")) == (self._purpose, "Enabled"):
                return text(found, "Arn")
        return ""

    def create(self, tags: Mapping[str, str]) -> str:
        """Make a key that its account's IAM policies decide on (KMS's default policy); its ARN."""
        made = self._session.call(
            "kms", "create_key", Description=self._purpose, Tags=tag_list(tags, "TagKey", "TagValue")
        )
        return text(made, "KeyMetadata", "Arn")

    def name(self, arn: str) -> None:
        """Give it the alias."""
        self._session.call("kms", "create_alias", AliasName=self._alias, TargetKeyId=arn)

    def rotates(self, arn: str) -> bool:
        """Whether KMS makes new key material once a year."""
        return bool(self._session.call("kms", "get_key_rotation_status", KeyId=arn).get("KeyRotationEnabled"))

    def rotate(self, arn: str) -> None:
        """Have KMS make new key material once a year; old ciphertext stays readable."""
        self._session.call("kms", "enable_key_rotation", KeyId=arn)

    def _describe(self, key: str) -> Json:
        try:
            return dict(self._session.call("kms", "describe_key", KeyId=key).get("KeyMetadata", {}))
        except AwsError as error:
            if error.code in NOT_FOUND:
                return {}
            raise


def tag_list(tags: Mapping[str, str], key: str, value: str) -> list[dict[str, str]]:
    """Tags as a list, each service with its own words for key and value."""
    return [{key: name, value: content} for name, content in tags.items()]


def _taken(name: str) -> AwsError:
    return AwsError(
        f"the bucket {name} is not this account's: somebody else has the name, or may not be asked about it",
        "choose another with --state-bucket NAME; names of buckets are the world's",
        "BucketAlreadyExists",
    )
