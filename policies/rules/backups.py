"""Backups: taken, kept where nobody deletes them, and tried."""

from collections.abc import Iterator

from policies.graph import Graph, Node
from policies.rule import PRODUCTION, Level, Rule, Scene, Severity, rule
from policies.values import Record

INSTANCE = "aws:rds/instance:Instance"
VAULT = "aws:backup/vault:Vault"
LOCK = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
PLAN = "aws:backup/plan:Plan"
SELECTION = "aws:backup/selection:Selection"
TEST = "aws:backup/restoreTestingPlan:RestoreTestingPlan"
TEST_SELECTION = "aws:backup/restoreTestingSelection:RestoreTestingSelection"
ROLE = "aws:iam/role:Role"


@rule("backup-vault-locked", VAULT, severity=Severity.CRITICAL)
def vault_locked(vault: Node, scene: Scene) -> Iterator[str]:
    """Whoever gets the account's keys deletes the backups first: a locked vault lets nobody, the owner included."""
    if not _least_days(scene.graph, vault):
        yield "no lock keeps its backups for a day at least"
    if scene.environment == PRODUCTION and vault.at("forceDestroy") is not False:
        yield "it may be deleted with all that is in it (forceDestroy)"


def _least_days(graph: Graph, vault: Node) -> int:
    """How long a vault's lock keeps each backup, in days; 0 without a lock that means something."""
    locks = graph.users(vault, "backupVaultName", LOCK)
    bounds = [(one.at("minRetentionDays") or 0, one.at("maxRetentionDays") or 0) for one in locks]
    return max((least for least, most in bounds if 0 < least <= most), default=0)


@rule("backup-complete", INSTANCE, severity=Severity.CRITICAL)
def complete(instance: Node, scene: Scene) -> Iterator[str]:
    """A plan that chooses nothing backs nothing up, and a backup that is deleted at once was none.

    In production a second region has a copy: the first one's loss is what backups are for.
    """
    selections = scene.graph.users(instance, "resources", SELECTION)
    plans = [plan for one in selections for plan in scene.graph.sources(one, "planId", PLAN)]
    if not plans:
        yield "no backup plan chooses it"
    for one in selections:
        if not scene.graph.sources(one, "iamRoleArn", ROLE):
            yield "its backups have no role of the program"
    for plan in plans:
        yield from _keeps(plan, scene)


def _keeps(plan: Node, scene: Scene) -> Iterator[str]:
    vaults = scene.graph.sources(plan, "rules", VAULT)
    least = max((_least_days(scene.graph, one) for one in vaults), default=1)
    for one in plan.records("rules"):
        copies = one.records("copyActions")
        for what, days in (("it", one.at("lifecycle", "deleteAfter")), *_copies(copies)):
            if (days or 0) < max(least, 1):
                yield f"{plan.name} deletes {what} before the vault's lock would let it"
        if not one.at("schedule"):
            yield f"{plan.name} has no schedule"
        if scene.environment == PRODUCTION and not copies:
            yield f"{plan.name} copies to no other region"


def _copies(copies: tuple[Record, ...]) -> Iterator[tuple[str, int | None]]:
    for one in copies:
        yield "its copy", one.at("lifecycle", "deleteAfter")


@rule("backup-restores-tested", INSTANCE, level=Level.PRODUCTION)
def restores_tested(instance: Node, scene: Scene) -> Iterator[str]:
    """A backup that was never restored is a hope. AWS restores one by itself, and says whether it worked."""
    selections = scene.graph.users(instance, "protectedResourceArns", TEST_SELECTION)
    tests = [test for one in selections for test in scene.graph.sources(one, "restoreTestingPlanName", TEST)]
    if not tests:
        yield "no restore of it is tested"
    for test in tests:
        if not scene.graph.sources(test, "recoveryPointSelection", VAULT) or not test.at(
            "scheduleExpression"
        ):
            yield f"{test.name} restores from no vault of the program, or never"
    for one in selections:
        if not scene.graph.sources(one, "iamRoleArn", ROLE):
            yield f"{one.name} has no role of the program"


RULES: tuple[Rule, ...] = (vault_locked, complete, restores_tested)
