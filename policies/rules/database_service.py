"""The database as a service: what it runs, how it is reached, how it comes back, and what it tells."""

from collections.abc import Iterator
from datetime import timedelta

from infra.settings.rules.schedule import tasks
from infra.settings.time_windows import Stretch, daily_window, weekly_window
from policies.graph import Node
from policies.kubernetes import EXTERNAL_SECRET
from policies.reach import DATABASE
from policies.rule import PRODUCTION, Level, Rule, Scene, Severity, rule
from policies.support import CERTIFICATE_AUTHORITIES, POSTGRESQL, POSTGRESQL_NEVER_RELEASED

KEY = "aws:kms/key:Key"
PARAMETER_GROUP = "aws:rds/parameterGroup:ParameterGroup"

RECOVERY_DAYS = 14
RECOVERY_DAYS_ELSEWHERE = 1
"""Days of point-in-time recovery: in production, and in other environments."""

AUTHORITY_LEFT = timedelta(days=365)
"""What changing the authority takes: every client must trust the new one before the server shows it."""

LOADING = ("jobs.fullDump", "jobs.hourlyDump", "jobs.maintenance", "jobs.awsBackup")
"""Recurring work that reads or writes the database for a long time."""


def parameters(instance: Node, scene: Scene) -> dict[str, tuple[str, str]]:
    """The parameters of a database: value and when it is applied, by name."""
    return {
        str(one.at("name")): (str(one.at("value")), str(one.at("applyMethod") or "immediate"))
        for group in scene.graph.sources(instance, "parameterGroupName", PARAMETER_GROUP)
        for one in group.records("parameters")
    }


@rule(
    "database-encrypted",
    DATABASE,
    severity=Severity.CRITICAL,
    source="CKV_AWS_16, CIS-AWS 2.3.1, AWSGuard rds-storage-encrypted",
)
def encrypted(instance: Node, scene: Scene) -> Iterator[str]:
    """Disks, backups and snapshots are encrypted from the start, for it cannot be added; with a key that the stack rules."""
    if instance.at("storageEncrypted") is not True:
        yield "storageEncrypted is not true"
    elif not scene.graph.sources(instance, "kmsKeyId", KEY):
        yield "kmsKeyId is no key of the stack"


@rule(
    "database-multi-az",
    DATABASE,
    level=Level.PRODUCTION,
    source="CKV_AWS_157, AWSGuard rds-instance-multi-az-enabled",
)
def multi_az(instance: Node, _: Scene) -> Iterator[str]:
    """Without a standby in a second zone the loss of one means hours of restoring, and what was last written is gone."""
    if instance.at("multiAz") is not True:
        yield "multiAz is not true"


@rule("database-backups", DATABASE, severity=Severity.CRITICAL, source="CKV_AWS_133, CKV2_AWS_60")
def backups(instance: Node, scene: Scene) -> Iterator[str]:
    """Two weeks to notice a mistake and go back to the minute before it; the nightly copy meets neither maintenance nor dumps."""
    wanted = RECOVERY_DAYS if scene.environment == PRODUCTION else RECOVERY_DAYS_ELSEWHERE
    if (instance.at("backupRetentionPeriod") or 0) < wanted:
        yield f"backupRetentionPeriod is below {wanted}"
    if instance.at("copyTagsToSnapshot") is not True:
        yield "copyTagsToSnapshot is not true: snapshots escape what is chosen by tags"
    if not instance.at("backupWindow") or not instance.at("maintenanceWindow"):
        yield "AWS chooses its backupWindow or maintenanceWindow"
        return
    backup = daily_window(str(instance.at("backupWindow")))
    maintenance = weekly_window(str(instance.at("maintenanceWindow")))
    busy = {"maintenanceWindow": maintenance} | {
        one.key: list(one.stretches) for one in tasks(scene.settings) if one.key in LOADING
    }
    yield from (f"backupWindow meets {name}" for name, other in busy.items() if _meet(backup, other))
    del busy["maintenanceWindow"]
    yield from (
        f"maintenanceWindow meets {name}" for name, other in busy.items() if _meet(maintenance, other)
    )


def _meet(some: list[Stretch], others: list[Stretch]) -> bool:
    return any(one.meets(other) for one in some for other in others)


@rule("database-tls", DATABASE, source="CKV2_AWS_69, which passes when there is no group at all")
def tls(instance: Node, scene: Scene) -> Iterator[str]:
    """Nobody speaks to it in the clear; and the group that says so is of its version, else the update fails half-way."""
    groups = scene.graph.sources(instance, "parameterGroupName", PARAMETER_GROUP)
    if parameters(instance, scene).get("rds.force_ssl", ("", ""))[0] != "1":
        yield "no parameter group of the program sets rds.force_ssl to 1"
    family = f"postgres{str(instance.at('engineVersion')).partition('.')[0]}"
    yield from (
        f"its parameter group is not of family {family}" for one in groups if one.at("family") != family
    )


@rule(
    "database-observable",
    DATABASE,
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    source="CKV2_AWS_30, CKV_AWS_118/129/353",
)
def observable(instance: Node, scene: Scene) -> Iterator[str]:
    """Which query is slow, what fills the disk, who failed to log in: it must be written down before somebody asks."""
    found = parameters(instance, scene)
    libraries, applied = found.get("shared_preload_libraries", ("", ""))
    if "pg_stat_statements" not in libraries.split(","):
        yield "shared_preload_libraries lacks pg_stat_statements"
    elif applied != "pending-reboot":
        yield "shared_preload_libraries is not applied by a reboot: AWS refuses that"
    if found.get("log_min_duration_statement", ("-1", ""))[0] == "-1":
        yield "slow queries are not logged (log_min_duration_statement)"
    if "postgresql" not in instance.texts("enabledCloudwatchLogsExports"):
        yield "its log does not go to CloudWatch (enabledCloudwatchLogsExports)"
    if not instance.at("monitoringInterval"):
        yield "monitoringInterval is 0 or missing: nobody sees its processes"
    if instance.at("performanceInsightsEnabled") is not True:
        yield "performanceInsightsEnabled is not true"
    if (instance.at("maxAllocatedStorage") or 0) <= instance.at("allocatedStorage"):
        yield "maxAllocatedStorage is not above allocatedStorage: a full disk stops it"


@rule("database-authority", DATABASE, source="CKV_AWS_211, which passes when it is absent")
def authority(instance: Node, scene: Scene) -> Iterator[str]:
    """An authority that runs out cuts off every client that checks; the one that nobody pinned ran out in 2024."""
    name = instance.at("caCertIdentifier")
    end = CERTIFICATE_AUTHORITIES.get(str(name))
    if end is None:
        yield "caCertIdentifier is not written out, or not in the table of authorities"
    elif end - scene.today < AUTHORITY_LEFT:
        yield f"caCertIdentifier {name} ends {end}, in less than a year"


@rule("database-version", DATABASE, source="CKV_AWS_226 only asks for the switch")
def version(instance: Node, _: Scene) -> Iterator[str]:
    """A minor version that AWS has given up is upgraded by force: downtime at an hour that nobody chose."""
    text = str(instance.at("engineVersion"))
    major, _dot, minor = text.partition(".")
    lowest = POSTGRESQL.get(int(major)) if major.isdigit() else None
    if lowest is None or not minor.isdigit():
        yield f"engineVersion {text} is not a major version in the table with its minor version"
    elif int(minor) < lowest or text in POSTGRESQL_NEVER_RELEASED:
        yield f"engineVersion {text} is no version that AWS supports: {major}.{lowest} or later is"


@rule("database-master-managed", DATABASE, severity=Severity.CRITICAL, source="CKV2_AWS_57 in part")
def master_managed(instance: Node, scene: Scene) -> Iterator[str]:
    """AWS makes and rotates the master's password every week: it stands in no state, and nothing may depend on it."""
    if instance.at("manageMasterUserPassword") is not True:
        yield "manageMasterUserPassword is not true"
    if instance.has("password"):
        yield "the program sets its password"
    for secret in scene.graph.users(instance, "spec", EXTERNAL_SECRET):
        yield f"{secret.name} hands the master's secret to pods"


RULES: tuple[Rule, ...] = (
    encrypted,
    multi_az,
    backups,
    tls,
    observable,
    authority,
    version,
    master_managed,
)
