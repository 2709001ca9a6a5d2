"""The cache."""

from collections.abc import Iterator

from policies.graph import Node
from policies.rule import Rule, Scene, Severity, rule

GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"


@rule("cache-encrypted", GROUP, severity=Severity.HIGH, source="CKV_AWS_29/30/31/191")
def encrypted(group: Node, _: Scene) -> Iterator[str]:
    """Sessions and queues lie and travel encrypted and want a password; "preferred" would still take plain text."""
    for key in ("atRestEncryptionEnabled", "transitEncryptionEnabled"):
        if group.at(key) is not True:
            yield f"{key} is not true"
    if group.at("transitEncryptionMode") != "required":
        yield "transitEncryptionMode is not required"
    if not group.has("authToken") and not group.texts("userGroupIds"):
        yield "it has neither authToken nor userGroupIds"


RULES: tuple[Rule, ...] = (encrypted,)
