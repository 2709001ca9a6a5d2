"""Cache and queues on ElastiCache."""

from typing import Literal

from pydantic import Field

from infra.settings.base import Settings
from infra.settings.machines import CacheNodeType
from infra.settings.time_windows import CacheDailyWindow, CacheWeeklyWindow
from infra.settings.types import CacheVersion


class CacheSettings(Settings):
    """The replication group. The defaults are production's."""

    engine: Literal["valkey", "redis"] = Field(
        default="valkey",
        title="Engine",
        description="redis ends at 7.1; going back from valkey replaces the cache.",
    )
    engine_version: CacheVersion = Field(
        default="8.2", title="Engine version", description="A lower one replaces the cache."
    )
    node_type: CacheNodeType = Field(
        default="cache.r7g.large", title="Node type", description="Type of the primary and of every replica."
    )
    replicas: int = Field(
        default=1,
        ge=0,
        le=5,
        title="Replicas",
        description="Copies beside the primary; with one it fails over.",
    )
    snapshot_retention_days: int = Field(
        default=7, ge=1, le=35, title="Snapshots", description="Days for which daily snapshots are kept."
    )
    snapshot_window: CacheDailyWindow = Field(
        default="23:00-00:00", title="Snapshot window", description="When the daily snapshot is taken, UTC."
    )
    maintenance_window: CacheWeeklyWindow = Field(
        default="sun:06:30-sun:07:30",
        title="Maintenance window",
        description="When AWS may restart nodes, UTC.",
    )
    final_snapshot: bool = Field(
        default=True, title="Final snapshot", description="Take a last snapshot when the cache is deleted."
    )
    apply_immediately: bool = Field(
        default=False,
        title="Apply at once",
        description="Make changes now instead of in the maintenance window.",
    )
