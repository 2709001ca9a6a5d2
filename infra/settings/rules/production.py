"""What production must have, and what only production may have."""

from collections.abc import Callable, Iterator
from typing import Final

from infra.settings.applications import ApplicationSettings
from infra.settings.chain import MAINNET
from infra.settings.errors import Problem
from infra.settings.rules.base import Rule, problem
from infra.settings.stack import StackSettings

FEWEST: Final = 2
"""Of anything that must survive the loss of one."""

LOCK_DAYS: Final = 30
"""Days for which production's dumps can be removed by nobody, at least."""

RECOVERY_DAYS: Final = 14
"""Days of point-in-time recovery that production keeps, at least."""


def _needs(holds: Callable[[StackSettings], bool], words: str, *location: str) -> Rule:
    """Make a rule that binds production alone."""

    def rule(settings: StackSettings) -> Iterator[Problem]:
        if settings.is_production and not holds(settings):
            yield problem(f"production needs {words}", *location)

    return rule


def _application(key: str, pick: Callable[[StackSettings], ApplicationSettings]) -> Rule:
    """Make the rule that an application survives the loss of a pod."""

    def rule(settings: StackSettings) -> Iterator[Problem]:
        application = pick(settings)
        if settings.is_production and 0 < application.min_pods < FEWEST:
            last = ("autoscaling", "minReplicas") if application.autoscaling else ("replicas",)
            yield problem(
                f"production needs {FEWEST} or more, not {application.min_pods}", "applications", key, *last
            )

    return rule


def chain_fits_the_environment(settings: StackSettings) -> Iterator[Problem]:
    """Tests must not trade real money, and production nothing else."""
    chain = settings.chain
    if settings.is_production and chain.id != MAINNET:
        yield problem(f"production settles on X Layer mainnet ({MAINNET}), not {chain.id}", "chain", "id")
    if not settings.is_production and chain.id == MAINNET:
        yield problem(
            f"{MAINNET} is X Layer mainnet, for production alone; allowed here: 1952", "chain", "id"
        )


PRODUCTION_RULES: Final[tuple[Rule, ...]] = (
    _needs(
        lambda s: sum(group.min_size for group in s.cluster.node_groups.values()) >= FEWEST,
        f"{FEWEST} or more nodes: raise a group's minSize",
        "cluster",
        "nodeGroups",
    ),
    _needs(lambda s: s.network.nat_gateways == "perZone", "perZone", "network", "natGateways"),
    _needs(lambda s: s.database.multi_az, "true: a standby in a second zone", "database", "multiAz"),
    _needs(lambda s: s.cache.replicas >= 1, "1 or more: a replica to fail over to", "cache", "replicas"),
    _needs(lambda s: s.cluster.deletion_protection, "true", "cluster", "deletionProtection"),
    _needs(lambda s: s.database.deletion_protection, "true", "database", "deletionProtection"),
    _needs(lambda s: s.ingress.deletion_protection, "true", "ingress", "deletionProtection"),
    _needs(lambda s: s.database.final_snapshot, "true", "database", "finalSnapshot"),
    _needs(lambda s: s.cache.final_snapshot, "true", "cache", "finalSnapshot"),
    _needs(
        lambda s: s.database.backup_retention_days >= RECOVERY_DAYS,
        f"{RECOVERY_DAYS} days or more",
        "database",
        "backupRetentionDays",
    ),
    _needs(
        lambda s: s.storage.object_lock_days >= LOCK_DAYS,
        f"{LOCK_DAYS} days or more",
        "storage",
        "objectLockDays",
    ),
    _needs(
        lambda s: s.backups.copy_region is not None,
        "a second region: one region's loss must not take the backups along",
        "backups",
        "copyRegion",
    ),
    _needs(
        lambda s: s.secrets.recovery_window_days > 0,
        "7 days or more: a secret deleted at once is lost",
        "secrets",
        "recoveryWindowDays",
    ),
    _needs(lambda s: s.ingress.replicas >= FEWEST, f"{FEWEST} or more", "ingress", "replicas"),
    _needs(
        lambda s: s.monitoring.prometheus_replicas >= FEWEST, f"{FEWEST}", "monitoring", "prometheusReplicas"
    ),
    _needs(
        lambda s: s.monitoring.alertmanager_replicas >= FEWEST,
        f"{FEWEST} or more",
        "monitoring",
        "alertmanagerReplicas",
    ),
    _needs(
        lambda s: s.certificates.issuer == "letsencrypt",
        "letsencrypt: browsers refuse the other's certificates",
        "certificates",
        "issuer",
    ),
    _application("backendRelayer", lambda s: s.applications.backend_relayer),
    _application("backendCoordinator", lambda s: s.applications.backend_coordinator),
    _application("websocketServer", lambda s: s.applications.websocket_server),
    chain_fits_the_environment,
)
"""All rules of this file."""
