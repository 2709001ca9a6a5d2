"""Rules between neighbours: a minimum and its maximum, a request and its limit, an engine and its version."""

from collections.abc import Callable, Iterator
from typing import Final

from infra.settings.applications import ApplicationSettings
from infra.settings.errors import Problem
from infra.settings.rules.base import Rule, problem
from infra.settings.stack import StackSettings

HEAP_FACTOR: Final = 1.25
"""Memory limit divided by heap, at least: Node.js needs room beside the heap for buffers, stacks and code."""

ENGINE_VERSIONS: Final = {"valkey": ("7.2", "8.0", "8.1", "8.2", "9.0", "9.1"), "redis": ("7.0", "7.1")}
"""Versions of ElastiCache's engines (October 2026)."""

ApplicationRule = Callable[[ApplicationSettings, tuple[str, str]], Iterator[Problem]]


def replicas_or_autoscaling(application: ApplicationSettings, key: tuple[str, str]) -> Iterator[Problem]:
    """Two owners of a number undo each other; none leaves it to chance."""
    if (application.replicas is None) == (application.autoscaling is None):
        found = "both are given" if application.replicas is not None else "neither is given"
        yield problem(f"{found}: give replicas, or autoscaling, and leave the other out", *key, "replicas")


def autoscaling_rises(application: ApplicationSettings, key: tuple[str, str]) -> Iterator[Problem]:
    """Kubernetes refuses an autoscaler whose minimum is above its maximum."""
    scaling = application.autoscaling
    if scaling and scaling.min_replicas > scaling.max_replicas:
        yield problem(
            f"{scaling.min_replicas} is above maxReplicas {scaling.max_replicas}",
            *key,
            "autoscaling",
            "minReplicas",
        )


def memory_request_within_limit(application: ApplicationSettings, key: tuple[str, str]) -> Iterator[Problem]:
    """Kubernetes refuses a request above the limit."""
    if application.memory_request_mib > application.memory_limit_mib:
        yield problem(
            f"{application.memory_request_mib} is above memoryLimitMib {application.memory_limit_mib}",
            *key,
            "memoryRequestMib",
        )


def heap_within_limit(application: ApplicationSettings, key: tuple[str, str]) -> Iterator[Problem]:
    """A heap that fills the limit is killed before it collects its garbage."""
    largest = int(application.memory_limit_mib / HEAP_FACTOR)
    if application.heap_mib > largest:
        yield problem(
            f"{application.heap_mib} leaves too little of memoryLimitMib {application.memory_limit_mib} beside the heap; "
            f"allowed: up to {largest}",
            *key,
            "heapMib",
        )


def _of(attribute: str, key: str, rule: ApplicationRule) -> Rule:
    """Apply a rule to one of the three applications."""

    def apply(settings: StackSettings) -> Iterator[Problem]:
        yield from rule(getattr(settings.applications, attribute), ("applications", key))

    return apply


def node_group_sizes_rise(settings: StackSettings) -> Iterator[Problem]:
    """EKS refuses a desired size outside minimum and maximum."""
    for name, group in settings.cluster.node_groups.items():
        if group.min_size > group.max_size:
            yield problem(
                f"{group.min_size} is above maxSize {group.max_size}",
                "cluster",
                "nodeGroups",
                name,
                "minSize",
            )
        elif not group.min_size <= group.desired_size <= group.max_size:
            yield problem(
                f"{group.desired_size} is outside minSize {group.min_size} and maxSize {group.max_size}",
                "cluster",
                "nodeGroups",
                name,
                "desiredSize",
            )


def storage_can_grow(settings: StackSettings) -> Iterator[Problem]:
    """RDS refuses a limit that leaves no room to grow."""
    database = settings.database
    if database.max_storage_gib <= database.storage_gib:
        yield problem(
            f"{database.max_storage_gib} must be above storageGib {database.storage_gib}",
            "database",
            "maxStorageGib",
        )


def engine_has_the_version(settings: StackSettings) -> Iterator[Problem]:
    """Each engine has versions of its own."""
    cache = settings.cache
    versions = ENGINE_VERSIONS[cache.engine]
    if cache.engine_version not in versions:
        yield problem(
            f'"{cache.engine_version}" is no version of {cache.engine}; allowed: {", ".join(versions)}',
            "cache",
            "engineVersion",
        )


def recovery_window_is_taken(settings: StackSettings) -> Iterator[Problem]:
    """Secrets Manager takes no window of 1 to 6 days."""
    days = settings.secrets.recovery_window_days
    if 0 < days < 7:  # noqa: PLR2004 (AWS's number, in the message)
        yield problem(f"{days} is refused by AWS; allowed: 0, or 7 to 30", "secrets", "recoveryWindowDays")


def prometheus_request_within_limit(settings: StackSettings) -> Iterator[Problem]:
    """Kubernetes refuses a request above the limit."""
    monitoring = settings.monitoring
    if monitoring.prometheus_memory_request_mib > monitoring.prometheus_memory_limit_mib:
        yield problem(
            f"{monitoring.prometheus_memory_request_mib} is above prometheusMemoryLimitMib "
            f"{monitoring.prometheus_memory_limit_mib}",
            "monitoring",
            "prometheusMemoryRequestMib",
        )


def hosts_are_distinct(settings: StackSettings) -> Iterator[Problem]:
    """Two services cannot answer under one name."""
    hosts = settings.hosts
    seen: dict[str, str] = {}
    for key, host in (("api", hosts.api), ("app", hosts.app), ("monitoring", hosts.monitoring)):
        if host in seen:
            yield problem(
                f"{host} is hosts.{seen[host]} already: each host is a name of its own", "hosts", key
            )
        seen.setdefault(host, key)


BOUNDS_RULES: Final[tuple[Rule, ...]] = (
    *(
        _of(attribute, key, rule)
        for attribute, key in (
            ("backend_relayer", "backendRelayer"),
            ("backend_coordinator", "backendCoordinator"),
            ("websocket_server", "websocketServer"),
        )
        for rule in (
            replicas_or_autoscaling,
            autoscaling_rises,
            memory_request_within_limit,
            heap_within_limit,
        )
    ),
    node_group_sizes_rise,
    storage_can_grow,
    engine_has_the_version,
    recovery_window_is_taken,
    prometheus_request_within_limit,
    hosts_are_distinct,
)
"""All rules of this file."""
