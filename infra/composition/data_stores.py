"""What keeps data: the database, the cache, and the secrets that open them."""

from dataclasses import dataclass

from components.cache import Cache, CacheArgs
from components.database import Database, DatabaseArgs
from components.secrets import Secrets, SecretsArgs
from infra.composition.foundation import Foundation
from infra.settings import StackSettings


@dataclass(frozen=True, kw_only=True)
class DataStores:
    """Made after the network, before anything that connects to them."""

    database: Database
    cache: Cache
    secrets: Secrets


def data_stores(settings: StackSettings, base: Foundation) -> DataStores:
    """Register database, cache and secrets."""
    database = Database("database", database_args(settings, base), base.aws)
    cache = Cache("cache", cache_args(settings, base), base.aws)
    secrets = Secrets(
        "secrets",
        SecretsArgs(
            prefix=settings.prefix,
            key_arn=base.key.arn,
            recovery_window_days=settings.secrets.recovery_window_days,
            cache_host=cache.primary_endpoint,
            cache_port=cache.port,
            cache_user=cache.application_user,
            cache_password=cache.application_password,
        ),
        base.aws,
    )
    return DataStores(database=database, cache=cache, secrets=secrets)


def database_args(settings: StackSettings, base: Foundation) -> DatabaseArgs:
    """What the database takes from settings and foundation."""
    database = settings.database
    return DatabaseArgs(
        prefix=settings.prefix,
        vpc_id=base.network.vpc_id,
        subnet_ids=list(base.network.data_subnet_ids.values()),
        client_security_group_id=base.cluster.security_group_id,
        key_arn=base.key.arn,
        engine_version=database.engine_version,
        instance_class=database.instance_class,
        multi_az=database.multi_az,
        storage_gib=database.storage_gib,
        max_storage_gib=database.max_storage_gib,
        backup_retention_days=database.backup_retention_days,
        backup_window=str(database.backup_window),
        maintenance_window=str(database.maintenance_window),
        deletion_protection=database.deletion_protection,
        final_snapshot=database.final_snapshot,
        apply_immediately=database.apply_immediately,
        ca_certificate=database.ca_certificate,
        slow_query_ms=database.slow_query_ms,
        log_retention_days=database.log_retention_days,
        protect=settings.is_production,
    )


def cache_args(settings: StackSettings, base: Foundation) -> CacheArgs:
    """What the cache takes from settings and foundation."""
    cache = settings.cache
    return CacheArgs(
        prefix=settings.prefix,
        vpc_id=base.network.vpc_id,
        subnet_ids=list(base.network.data_subnet_ids.values()),
        client_security_group_id=base.cluster.security_group_id,
        key_arn=base.key.arn,
        engine=cache.engine,
        engine_version=cache.engine_version,
        node_type=cache.node_type,
        replicas=cache.replicas,
        snapshot_retention_days=cache.snapshot_retention_days,
        snapshot_window=str(cache.snapshot_window),
        maintenance_window=str(cache.maintenance_window),
        final_snapshot=cache.final_snapshot,
        apply_immediately=cache.apply_immediately,
        protect=settings.is_production,
    )
