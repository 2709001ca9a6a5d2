"""Where copies of the data go: the bucket of dumps, and AWS Backup's vaults."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.backups import Backups, BackupsArgs, CopyArgs
from components.storage import ARCHIVE, FULL_DUMPS, HOURLY_DUMPS, BackupBucket, BackupBucketArgs
from infra.composition.data_stores import DataStores
from infra.composition.foundation import Foundation
from infra.settings import StackSettings
from infra.settings.time_windows import aws_cron


@dataclass(frozen=True, kw_only=True)
class Safekeeping:
    """Made after the data stores."""

    bucket: BackupBucket
    backups: Backups


def safekeeping(settings: StackSettings, base: Foundation, data: DataStores) -> Safekeeping:
    """Register bucket, vaults, plan and restore test."""
    storage = settings.storage
    bucket = BackupBucket(
        "backup-bucket",
        BackupBucketArgs(
            prefix=settings.prefix,
            key_arn=base.key.arn,
            object_lock_days=storage.object_lock_days,
            full_dump_days=storage.full_dump_days,
            hourly_dump_days=storage.hourly_dump_days,
            archive_days=storage.archive_days,
            noncurrent_days=storage.noncurrent_days,
            protect=settings.is_production,
        ),
        base.aws,
    )
    return Safekeeping(
        bucket=bucket, backups=Backups("backups", backups_args(settings, base, data), base.aws)
    )


def backups_args(settings: StackSettings, base: Foundation, data: DataStores) -> BackupsArgs:
    """What AWS Backup takes from settings, foundation and data stores."""
    backups, job = settings.backups, settings.jobs.aws_backup
    return BackupsArgs(
        prefix=settings.prefix,
        account_id=settings.account.id,
        key_arn=base.key.arn,
        database_arn=data.database.arn,
        schedule=aws_cron(job.schedule),
        completion_minutes=job.deadline_minutes,
        retention_days=backups.retention_days,
        min_retention_days=backups.min_retention_days,
        max_retention_days=backups.max_retention_days,
        copy_to=None
        if backups.copy_region is None
        else CopyArgs(region=backups.copy_region, retention_days=backups.copy_retention_days),
        restore_test_schedule=aws_cron(backups.restore_test_schedule),
        restore_subnet_group=data.database.subnet_group_name,
        restore_security_group_id=data.database.security_group_id,
        protect=settings.is_production,
    )


def backup_outputs(settings: StackSettings, kept: Safekeeping) -> Mapping[str, Any]:
    """What those need who write copies, look for them, and restore them."""
    return {
        "bucket": kept.bucket.name,
        "fullDumps": FULL_DUMPS,
        "hourlyDumps": HOURLY_DUMPS,
        "archive": ARCHIVE,
        "vault": kept.backups.vault_name,
        "copyVault": kept.backups.copy_vault_name,
        "copyRegion": settings.backups.copy_region,
    }
