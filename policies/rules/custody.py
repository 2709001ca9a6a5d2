"""What holds data: under a key of our own, and not lost by one word."""

from collections.abc import Iterator, Mapping

from policies.graph import Node
from policies.rule import Level, Rule, Scene, Severity, rule

KEY = "aws:kms/key:Key"
BUCKET = "aws:s3/bucket:Bucket"
BUCKET_ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
STORAGE_CLASS = "kubernetes:storage.k8s.io/v1:StorageClass"
SECRET = "aws:secretsmanager/secret:Secret"  # noqa: S105 - a type
PASSWORD = "random:index/randomPassword:RandomPassword"  # noqa: S105 - a type
CACHE_USER = "aws:elasticache/user:User"

UNDER_OUR_KEY: Mapping[str, tuple[str, ...]] = {
    "aws:elasticache/replicationGroup:ReplicationGroup": ("kmsKeyId",),
    "aws:backup/vault:Vault": ("kmsKeyArn",),
    SECRET: ("kmsKeyId",),
}
"""Which properties name the key that a resource's data is encrypted with; database, cluster and logs have rules of
their own."""

HOLD_DATA = ("aws:elasticache/replicationGroup:ReplicationGroup", "aws:backup/vault:Vault", KEY)
"""What takes data with it; database, cluster and buckets have rules of their own."""

LONG_ENOUGH = 32
"""Characters of a password that no machine guesses; our own are letters and digits."""


@rule("encryption-own-key", *UNDER_OUR_KEY, source="CKV_AWS_149/158/166/191")
def own_key(node: Node, scene: Scene) -> Iterator[str]:
    """AWS's key cannot be taken away from anybody: ours has a policy, a log of its uses, and an end."""
    for key in UNDER_OUR_KEY[node.type]:
        if not scene.graph.sources(node, key, KEY):
            yield f"{key} is no key of the program"


@rule("encryption-of-buckets", BUCKET, source="CKV_AWS_19, CIS-AWS 2.1.1")
def of_buckets(bucket: Node, scene: Scene) -> Iterator[str]:
    """Written out, so that nobody depends on what AWS does by itself; what holds data is under our own key."""
    found = scene.graph.users(bucket, "bucket", BUCKET_ENCRYPTION)
    if not found:
        yield "nothing says how it is encrypted"
    for one in found:
        algorithms = [
            entry.at("applyServerSideEncryptionByDefault", "sseAlgorithm") for entry in one.records("rules")
        ]
        if "aws:kms" in algorithms and not _keyed(one, scene):
            yield "its key is none of the program"
        if not algorithms or None in algorithms or (bucket.options.protect and "aws:kms" not in algorithms):
            yield "what it holds is not under our own key"


def _keyed(encryption: Node, scene: Scene) -> bool:
    by_default = [one.at("applyServerSideEncryptionByDefault") for one in encryption.records("rules")]
    return bool(scene.graph.sources(encryption, "rules", KEY)) and all(
        one.has("kmsMasterKeyId") for one in by_default
    )


@rule("encryption-of-volumes", STORAGE_CLASS, severity=Severity.MEDIUM, source="CIS-AWS 2.2.1")
def of_volumes(storage: Node, _: Scene) -> Iterator[str]:
    """A pod's volume is a disk like any other. And an address is chosen only when the pod's zone is known."""
    if storage.at("parameters", "encrypted") not in (True, "true"):
        yield "its volumes are not encrypted"
    if storage.at("volumeBindingMode") != "WaitForFirstConsumer":
        yield "a volume may be made in a zone where its pod cannot run"
    if storage.at("allowVolumeExpansion") is not True:
        yield "a full volume cannot grow"


@rule("protected-what-holds-data", *HOLD_DATA, level=Level.PRODUCTION, severity=Severity.CRITICAL)
def protected(node: Node, _: Scene) -> Iterator[str]:
    """A renamed component, a typing error, a `destroy` in the wrong shell: the engine must ask a person first.

    A key that is gone takes all that was written with it.
    """
    if not node.options.protect:
        yield "the option protect is missing"


@rule("passwords-long", PASSWORD)
def long(password: Node, _: Scene) -> Iterator[str]:
    """Nobody types it: it may be long. And of letters and digits alone, for it stands in addresses and commands."""
    if (password.at("length") or 0) < LONG_ENOUGH:
        yield f"it has fewer than {LONG_ENOUGH} characters"
    if password.at("special") is not False:
        yield "it has characters that an address would have to escape"


@rule("cache-users-authenticate", CACHE_USER, severity=Severity.CRITICAL)
def users_authenticate(user: Node, _: Scene) -> Iterator[str]:
    """A user without a password is everybody in the network; one with every command empties the cache by a word."""
    if user.at("authenticationMode", "type") not in ("password", "iam"):
        yield "it needs no password"
    words = str(user.at("accessString") or "").split()
    if "off" not in words and "+@all" in words and "-@dangerous" not in words:
        yield "it may use every command, those that empty or stop the cache too"
    if user.at("userName") == "default" and "off" not in words:
        yield "the user without a name is on"


RULES: tuple[Rule, ...] = (
    own_key,
    of_buckets,
    of_volumes,
    protected,
    long,
    users_authenticate,
)
