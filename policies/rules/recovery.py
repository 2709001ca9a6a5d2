"""How cache and buckets come back, and how buckets are reached."""

from collections.abc import Iterator

from policies.graph import Graph, Node
from policies.reach import CACHE
from policies.rule import Level, Rule, Scene, Severity, rule
from policies.statements import principals, statements
from policies.values import Record

CACHE_CLUSTER = "aws:elasticache/cluster:Cluster"
BUCKET = "aws:s3/bucket:Bucket"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"

NODES = 2
"""Of the cache, at least: one that serves and one that takes over."""

FULL_DUMPS = "postgresql/full/"
HOURLY_DUMPS = "postgresql/hourly/"
ARCHIVE = "postgresql/archive/"
"""Where dumps lie, as the stack tells those who write them."""


@rule("cache-is-replicated", CACHE, CACHE_CLUSTER, level=Level.PRODUCTION, source="CKV2_AWS_50")
def is_replicated(cache: Node, _: Scene) -> Iterator[str]:
    """Queues and sessions survive a node and a zone; and a single Cluster would be replaced by a change of its engine."""
    if cache.type == CACHE_CLUSTER:
        yield "it is a Cluster: a change of its engine replaces it"
        return
    for key in ("automaticFailoverEnabled", "multiAzEnabled"):
        if cache.at(key) is not True:
            yield f"{key} is not true"
    if (cache.at("numCacheClusters") or 0) < NODES:
        yield f"numCacheClusters is below {NODES}"


@rule(
    "cache-snapshots",
    CACHE,
    level=Level.PRODUCTION,
    severity=Severity.MEDIUM,
    source="trivy elasticache enable-backup-retention",
)
def snapshots(cache: Node, _: Scene) -> Iterator[str]:
    """What waits in queues is in no other place: yesterday's snapshot and the last one are how it comes back."""
    if not cache.at("snapshotRetentionLimit"):
        yield "snapshotRetentionLimit is 0 or missing"
    if not cache.has("finalSnapshotIdentifier"):
        yield "finalSnapshotIdentifier is missing"


@rule(
    "bucket-tls-only",
    BUCKET,
    source="CKV_AWS_379, CIS-AWS 2.1.2",
    may_wait="the text of a policy is unknown as long as one ARN in it is",
)
def tls_only(bucket: Node, scene: Scene) -> Iterator[str]:
    """S3 still answers plain HTTP, to whoever asks: only the bucket's own policy refuses it, for bucket and objects."""
    policies = scene.graph.users(bucket, "bucket", BUCKET_POLICY)
    if not any(
        _refuses_plain_text(one) for policy in policies for one in statements(policy, "policy", "Deny")
    ):
        yield "no policy denies it and its objects to requests without TLS"


def _refuses_plain_text(statement: Record) -> bool:
    resources = statement.texts("Resource")
    both = any(one.endswith("/*") for one in resources) and any(not one.endswith("/*") for one in resources)
    everybody = any(name == "*" for _, name in principals(statement))
    plain = statement.at("Condition", "Bool", "aws:SecureTransport") in ("false", False)
    return both and everybody and plain and "s3:*" in statement.texts("Action")


def _keeping(graph: Graph) -> Iterator[Node]:
    """Buckets that keep data: all but those that a distribution shows, which are filled anew."""
    return (one for one in graph.of(BUCKET) if not graph.users(one, "origins", DISTRIBUTION))


@rule(
    "bucket-recoverable",
    _keeping,
    level=Level.PRODUCTION,
    severity=Severity.CRITICAL,
    source="CKV_AWS_21/143/300, CKV2_AWS_61",
)
def recoverable(bucket: Node, scene: Scene) -> Iterator[str]:
    """Backups are what a blackmailer deletes first: versions and a lock keep them, and nothing expires before its time."""
    graph = scene.graph
    versions = graph.users(bucket, "bucket", VERSIONING)
    if not any(one.at("versioningConfiguration", "status") == "Enabled" for one in versions):
        yield "its objects have no versions"
    locks = graph.users(bucket, "bucket", LOCK)
    if not any(one.at("rule", "defaultRetention", "days") for one in locks):
        yield "no lock keeps its objects for a time"
    if bucket.at("forceDestroy") is not False:
        yield "forceDestroy is not false: a destroy empties it"
    if not bucket.options.protect:
        yield "the option protect is missing"
    yield from _expiry(bucket, scene)


def _expiry(bucket: Node, scene: Scene) -> Iterator[str]:
    rules = [
        one
        for lifecycle in scene.graph.users(bucket, "bucket", LIFECYCLE)
        for one in lifecycle.records("rules")
        if one.at("status") == "Enabled"
    ]
    for what in ("noncurrentVersionExpiration", "abortIncompleteMultipartUpload"):
        if not any(what in one for one in rules):
            yield f"no rule of its life cycle has {what}: leftovers are paid for for ever"
    storage = scene.settings.storage
    promised = {
        FULL_DUMPS: storage.full_dump_days,
        HOURLY_DUMPS: storage.hourly_dump_days,
        ARCHIVE: storage.archive_days,
    }
    for place, days in promised.items():
        kept = [
            int(one.at("expiration", "days"))
            for one in rules
            if place.startswith(one.at("filter", "prefix") or "") and one.at("expiration", "days")
        ]
        if min(kept, default=0) < days:
            yield f"what lies in {place} expires after {min(kept, default=0)} days; the settings promise {days}"


RULES: tuple[Rule, ...] = (is_replicated, snapshots, tls_only, recoverable)
