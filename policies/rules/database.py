"""The database: who reaches it, and how hard it is to lose."""

from collections.abc import Iterator

from policies.graph import Node
from policies.rule import Level, Rule, Scene, Severity, rule

INSTANCE = "aws:rds/instance:Instance"


@rule(
    "database-private",
    INSTANCE,
    severity=Severity.CRITICAL,
    source="CKV_AWS_17, AWSGuard rds-instance-public-access",
)
def private(instance: Node, _: Scene) -> Iterator[str]:
    """A database with a public address is one password away from everybody; left out, AWS decides by the subnets."""
    if instance.at("publiclyAccessible") is not False:
        yield "publiclyAccessible is not false"


@rule(
    "database-undeletable",
    INSTANCE,
    level=Level.PRODUCTION,
    severity=Severity.CRITICAL,
    source="CKV_AWS_293 has one of the four",
)
def undeletable(instance: Node, _: Scene) -> Iterator[str]:
    """Four locks, for there are four ways of losing it: AWS's lock, the last snapshot, the backups, the engine's lock."""
    if instance.at("deletionProtection") is not True:
        yield "deletionProtection is not true"
    if instance.at("skipFinalSnapshot") is not False:
        yield "skipFinalSnapshot is not false"
    # Its suffix is made by the engine: a first preview knows only that there is a name.
    if not instance.has("finalSnapshotIdentifier"):
        yield "finalSnapshotIdentifier is missing"
    if instance.at("deleteAutomatedBackups") is not False:
        yield "deleteAutomatedBackups is not false"
    if not instance.options.protect:
        yield "the option protect is missing"


RULES: tuple[Rule, ...] = (private, undeletable)
