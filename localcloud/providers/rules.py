"""Rules across the properties of one resource that AWS enforces and its service models do not carry."""

import json
import re
from collections.abc import Callable, Iterator
from itertools import combinations

from localcloud.providers.replacement import version_key
from localcloud.providers.server import StandInError
from localcloud.providers.wire import Properties, has_unknown

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_WEEK = 7 * 24 * 60
_WINDOW = re.compile(r"(?:(\w{3}):)?([01]\d|2[0-3]):([0-5]\d)-(?:(\w{3}):)?([01]\d|2[0-3]):([0-5]\d)")
_POSTGRES = {"16": range(9, 16), "17": range(5, 12), "18": (1, 2, 3, 4, 6)}  # creatable in October 2026
_STATIC_PARAMETERS = {
    "shared_preload_libraries", "max_connections", "shared_buffers", "track_activity_query_size",
    "pg_stat_statements.max", "wal_buffers", "max_wal_senders", "max_worker_processes", "rds.logical_replication",
}  # fmt: skip
_AWS_CRON = re.compile(r"cron\((\S+ ){5}\S+\)")
_BACKUP_WINDOW = 60  # minutes in which a backup starts, and in which it then ends, at least
_LARGE_GIB = 400  # below it RDS fixes the performance of gp3

Findings = Iterator[tuple[str, str]]


def cross_failures(kind: str, inputs: Properties) -> list[tuple[str, str]]:
    """Property and reason of every broken rule; what is not known yet is there, as None, and breaks none."""
    known = {name: None if has_unknown(value) else value for name, value in inputs.items()}
    rule = _RULES.get(kind)
    return list(rule(known)) if rule else []


def window_minutes(text: str) -> list[tuple[int, int]]:
    """Start and end of a daily or weekly window in minutes of the week; a daily one seven times.

    Raises:
        ValueError: not ``hh:mm-hh:mm`` or ``ddd:hh:mm-ddd:hh:mm`` in lower case.
    """
    found = _WINDOW.fullmatch(text)
    if not found or {found[1], found[4]} - {*_DAYS, None} or (found[1] is None) != (found[4] is None):
        raise ValueError(text)
    start = int(found[2]) * 60 + int(found[3])
    length = (int(found[5]) * 60 + int(found[6]) - start) % (24 * 60)
    days = [_DAYS.index(found[1])] if found[1] else range(7)
    if found[1]:
        length += (_DAYS.index(found[4]) - _DAYS.index(found[1]) - (length + start >= 24 * 60)) % 7 * 24 * 60
    return [(day * 24 * 60 + start, day * 24 * 60 + start + length) for day in days]


def _windows(inputs: Properties, least: int, *names: str) -> Findings:
    parsed: dict[str, list[tuple[int, int]]] = {}
    for name in names:
        try:
            parsed[name] = window_minutes(inputs[name]) if inputs.get(name) else []
        except ValueError as error:
            yield name, f"{error} is no window like 00:30-01:30 or sun:05:00-sun:06:00 (UTC, lower case)"
            continue
        if any(end - start < least for start, end in parsed[name]):
            yield name, f"{inputs[name]} is shorter than {least} minutes"
    for one, other in combinations(parsed, 2):
        pairs = [(a, b) for a in parsed[one] for b in parsed[other]]
        if any((b[0] - a[0]) % _WEEK < a[1] - a[0] or (a[0] - b[0]) % _WEEK < b[1] - b[0] for a, b in pairs):
            yield one, f"{inputs[one]} overlaps {other} {inputs[other]}"


def _database(given: Properties) -> Findings:
    yield from _windows(given, 30, "backupWindow", "maintenanceWindow")
    size = given.get("allocatedStorage") or 0
    if given.get("maxAllocatedStorage") and given["maxAllocatedStorage"] <= size:
        yield (
            "maxAllocatedStorage",
            f"{given['maxAllocatedStorage']} must be greater than allocatedStorage {size}",
        )
    if (
        given.get("storageType") == "gp3"
        and 0 < size < _LARGE_GIB
        and {"iops", "storageThroughput"} & given.keys()
    ):
        yield "iops", f"iops and storageThroughput are fixed for gp3 below {_LARGE_GIB} GiB ({size} given)"
    if given.get("multiAz") and "availabilityZone" in given:
        yield "availabilityZone", "not together with multiAz"
    if given.get("manageMasterUserPassword") and "password" in given:
        yield "password", "not together with manageMasterUserPassword"
    if (given.get("monitoringInterval", 0) == 0) == ("monitoringRoleArn" in given):
        yield "monitoringInterval", "needs monitoringRoleArn, and the role needs an interval above 0"
    major, _, minor = str(given.get("engineVersion") or "").partition(".")
    if given.get("engine") == "postgres" and minor and int(minor) not in _POSTGRES.get(major, ()):
        offered = ", ".join(f"{name}.{number}" for name, numbers in _POSTGRES.items() for number in numbers)
        yield "engineVersion", f"{major}.{minor} cannot be created; offered: {offered}"


def _parameters(given: Properties) -> Findings:
    for index, parameter in enumerate(given.get("parameters") or []):
        if parameter.get("name") in _STATIC_PARAMETERS and parameter.get("applyMethod") != "pending-reboot":
            yield f"parameters[{index}]", f"{parameter['name']} is static: applyMethod must be pending-reboot"


def _cache(given: Properties) -> Findings:
    yield from _windows(given, 60, "snapshotWindow", "maintenanceWindow")
    single = given.get("numCacheClusters", 1) == 1 and "numNodeGroups" not in given
    if given.get("automaticFailoverEnabled") and single:
        yield "automaticFailoverEnabled", "needs numCacheClusters of at least 2"
    if given.get("multiAzEnabled") and given.get("automaticFailoverEnabled", False) is False:
        yield "multiAzEnabled", "needs automaticFailoverEnabled"
    if "authToken" in given and "userGroupIds" in given:
        yield "authToken", "not together with userGroupIds"
    if len(given.get("userGroupIds") or [""]) != 1:
        yield "userGroupIds", "exactly one user group"
    if "userGroupIds" in given and given.get("transitEncryptionEnabled", False) is False:
        yield "userGroupIds", "access control needs transitEncryptionEnabled"


def _node_group(given: Properties) -> Findings:
    sizes = given.get("scalingConfig") or {"maxSize": 1}
    low, wanted, high = (sizes.get(name, 0) for name in ("minSize", "desiredSize", "maxSize"))
    if not low <= wanted <= high or high < 1:
        yield "scalingConfig", f"minSize {low} ≤ desiredSize {wanted} ≤ maxSize {high}, the last at least 1"
    if len(given.get("updateConfig") or ()) > 1:
        yield "updateConfig", "maxUnavailable or maxUnavailablePercentage, not both"
    for name in {"diskSize", "remoteAccess"} & given.keys() if "launchTemplate" in given else ():
        yield name, "belongs into the launch template when there is one"
    if (given.get("launchTemplate") or Properties()).get("version") in ("$Latest", "$Default"):
        yield "launchTemplate.version", "the API stores the number: an endless difference; use latestVersion"


def _addon(given: Properties) -> Findings:
    try:
        if not isinstance(json.loads(given.get("configurationValues") or "{}"), dict):
            yield "configurationValues", "must be a JSON object"
    except ValueError:
        yield "configurationValues", "must be JSON"


def _cluster(given: Properties) -> Findings:
    access = given.get("vpcConfig") or Properties()
    if len(access.get("subnetIds", ["", ""])) < 2:  # noqa: PLR2004 AWS's minimum of zones
        yield "vpcConfig.subnetIds", "at least two subnets, in two zones"
    if access.get("endpointPublicAccess") is False and not access.get("endpointPrivateAccess"):
        yield "vpcConfig.endpointPrivateAccess", "the private or the public endpoint must be on"


def _group_rule(given: Properties) -> Findings:
    sources = {"cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"}
    if len(sources & given.keys()) > 1:
        yield "cidrIpv4", f"exactly one of {', '.join(sorted(sources))}"
    if given.get("ipProtocol") == "-1" and {"fromPort", "toPort"} & given.keys():
        yield "fromPort", "no ports with ipProtocol -1"


def _backup_plan(given: Properties) -> Findings:
    for rule in given.get("rules") or ():
        start = rule.get("startWindow") or _BACKUP_WINDOW
        if start < _BACKUP_WINDOW:
            yield "rules", f"startWindow {start} is shorter than {_BACKUP_WINDOW} minutes"
        if (rule.get("completionWindow") or _WEEK) < start + _BACKUP_WINDOW:
            yield (
                "rules",
                f"completionWindow must be {_BACKUP_WINDOW} minutes longer than startWindow {start}",
            )
        if "schedule" in rule and not _AWS_CRON.fullmatch(str(rule["schedule"])):
            yield "rules", f"{rule['schedule']} is no schedule like cron(0 7 ? * * *)"


def _lifecycle(given: Properties) -> Findings:
    for rule in given.get("rules") or ():
        days = [step.get("days") or 0 for step in rule.get("transitions") or ()]
        last = (rule.get("expiration") or Properties()).get("days")
        if last is not None and any(last <= step for step in days):
            yield "rules", f"rule {rule.get('id')} expires after {last} days, before its last transition"
        if "prefix" in rule and "filter" in rule:
            yield "rules", f"rule {rule.get('id')} has both prefix and filter"


def _vault_lock(given: Properties) -> Findings:
    if (given.get("minRetentionDays") or 1) > (given.get("maxRetentionDays") or _WEEK * 100):
        yield "minRetentionDays", "must not be above maxRetentionDays"


def _flow_log(given: Properties) -> Findings:
    if given.get("logDestinationType") == "cloud-watch-logs" and "iamRoleArn" not in given:
        yield "iamRoleArn", "needed to write into CloudWatch Logs"


_RULES: dict[str, Callable[[Properties], Findings]] = {
    "aws:rds/instance:Instance": _database,
    "aws:rds/parameterGroup:ParameterGroup": _parameters,
    "aws:elasticache/replicationGroup:ReplicationGroup": _cache,
    "aws:eks/nodeGroup:NodeGroup": _node_group,
    "aws:eks/addon:Addon": _addon,
    "aws:eks/cluster:Cluster": _cluster,
    "aws:backup/plan:Plan": _backup_plan,
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration": _vault_lock,
    "aws:ec2/flowLog:FlowLog": _flow_log,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _lifecycle,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _group_rule,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _group_rule,
}


def refuse_update(kind: str, olds: Properties, news: Properties) -> None:
    """Refuse what a preview shows as an update and AWS then does not do.

    Raises:
        StandInError: AWS's code and reason.
    """
    if kind == "aws:rds/instance:Instance":
        if news.get("allocatedStorage", 0) < olds.get("allocatedStorage", 0):
            raise StandInError("InvalidParameterCombination: allocatedStorage cannot shrink")
        if version_key(news.get("engineVersion"))[:1] != version_key(olds.get("engineVersion"))[
            :1
        ] and not news.get("allowMajorVersionUpgrade"):
            raise StandInError(
                "InvalidParameterCombination: a major engineVersion needs allowMajorVersionUpgrade"
            )
    if kind == "aws:eks/cluster:Cluster":
        old, new = version_key(olds.get("version")), version_key(news.get("version"))
        if old and new and (old[0] != new[0] or not 0 <= new[1] - old[1] <= 1):
            raise StandInError("InvalidParameterException: version goes up one minor at a time, never down")
        if (olds.get("accessConfig", {}).get("authenticationMode"), "CONFIG_MAP") == (
            "API",
            news.get("accessConfig", {}).get("authenticationMode"),
        ):
            raise StandInError("InvalidParameterException: authenticationMode never goes back to CONFIG_MAP")


def refuse_protected(kind: str, outputs: Properties) -> None:
    """Refuse to delete what its own protection keeps.

    Raises:
        StandInError: AWS's words.
    """
    name = outputs.get("identifier") or outputs.get("name")
    snapshot = outputs.get("skipFinalSnapshot") or outputs.get("finalSnapshotIdentifier")
    if kind == "aws:rds/instance:Instance" and not snapshot:
        raise StandInError("finalSnapshotIdentifier is required when skipFinalSnapshot is false")
    if outputs.get("deletionProtection"):
        raise StandInError(
            f"InvalidParameterCombination: cannot delete protected {name}: deletionProtection is on"
        )
    if outputs.get("enableDeletionProtection"):
        raise StandInError(
            f"OperationNotPermitted: load balancer {name} cannot be deleted: deletion protection is on"
        )
