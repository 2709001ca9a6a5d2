"""Several hundred edits of settings, program and configuration, made from what the settings' models allow."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.settings import catalogue
from tests.support.stacks import ROOT
from tests.unit.settings.trees import Location, Tree, at, full_tree, locations, place, problems_of

STACK = "staging"
ENVIRONMENT_FILE = f"infra/config/backend.{STACK}.env"

FIXED = (
    ("environment",),
    ("account",),
    ("network", "cidr"),
    ("network", "serviceCidr"),
    ("network", "zones"),
    ("hosts", "zoneId"),
    ("cluster", "kubernetesVersion"),
    ("chartRepositories",),
)
"""What a stack that is up cannot change by an update, or what the local cloud itself is made from."""

OTHER_TEXTS: dict[str, tuple[str, ...]] = {
    "owner": ("operations", "trading"),
    "costCenter": ("platform", "shared"),
    "instanceType": ("t3.xlarge", "m6i.large"),
    "instanceClass": ("db.t4g.large", "db.m6g.large"),
    "nodeType": ("cache.t4g.small", "cache.t4g.medium"),
    "image": tuple(f"ghcr.io/intendly/intendly-backend@sha256:{digit * 64}" for digit in "123456789abcdef"),
    "api": ("api2.staging.intendly.xyz",),
    "app": ("app2.staging.intendly.xyz",),
    "monitoring": ("watch.staging.intendly.xyz",),
    "email": ("operations@intendly.xyz",),
    "emailTo": ("operations@intendly.xyz",),
    "sender": ("warnings@intendly.xyz",),
    "slackChannel": ("#operations", "#staging"),
    "rpcUrl": ("https://testrpc.xlayer.tech",),
    "restoreTestSchedule": ("0 11 * * 1", "0 10 * * 2"),
    "schedule": ("0 6 * * *", "30 8 * * *", "0 12 * * 0"),
    "backupWindow": ("01:00-02:00",),
    "snapshotWindow": ("22:00-23:00",),
    "maintenanceWindow": ("mon:05:00-mon:06:00", "tue:06:00-tue:07:30"),
    "vpcCni": ("v1.22.5-eksbuild.1",),
    "coredns": ("v1.14.3-eksbuild.24",),
    "kubeProxy": ("v1.36.0-eksbuild.26",),
    "metricsServer": ("v0.8.1-eksbuild.11",),
    "accessCidrs": ("203.0.113.0/24",),
    "emails": ("operations@intendly.xyz",),
    "webRepository": ("intendly/site",),
}
"""Other values of texts that no list of the models has, by the key they are under."""

PROGRAM: tuple[tuple[str, str, str], ...] = (
    ("infra/composition/foundation.py", '    Budget("budget", budget_args(settings), aws)\n', ""),
    ("components/monitoring/alerts.py", "threshold=0.05,", "threshold=0.06,"),
    ("components/monitoring/alerts.py", "threshold=1000,", "threshold=1100,"),
    ("components/monitoring/alerts.py", "threshold=50,", "threshold=55,"),
    ("components/load_balancer.py", "healthy_threshold=2,\n", "healthy_threshold=3,\n"),
    ("components/load_balancer.py", 'description="Clients"', 'description="Everybody"'),
    ("components/load_balancer.py", 'description="Nodes"', 'description="Nodes of the cluster"'),
    ("components/data_key.py", 'f"Data of {args.prefix}"', 'f"All data of {args.prefix}"'),
    ("components/cache.py", 'f"Cache and queues of {args.prefix}"', 'f"Cache of {args.prefix}"'),
    ("components/security_groups.py", '"Nodes and pods of the cluster"', '"Pods of the cluster"'),
    ("components/pod_template.py", "failure_threshold=6,", "failure_threshold=7,"),
    ("components/backups.py", 'f"Copies of backups of', 'f"Second copies of backups of'),
)
"""Edits of the program: a component taken away, and values that no setting has."""


@dataclass(frozen=True, kw_only=True)
class MadeEdit:
    """One edit: a setting's value, or a text of a file by another."""

    kind: str
    """What it is about: ``image``, ``schedule``, ``program``, …; for counting."""
    location: Location = ()
    value: Any = None
    file: str = ""
    old: str = ""
    new: str = ""

    @property
    def place(self) -> str:
        """What it edits; two edits of one place exclude each other."""
        return f"{self.file}: {self.old}" if self.file else ".".join(map(str, self.location))

    def __str__(self) -> str:
        return f"{self.place} -> {self.new if self.file else self.value!r}"


def all_edits() -> list[MadeEdit]:
    """Every edit that leaves the settings valid by itself."""
    return [*_setting_edits(), *_configuration_edits(), *_program_edits()]


def batches(edits: Sequence[MadeEdit], size: int, seed: int) -> list[list[MadeEdit]]:
    """The edits in batches whose members get along: no place twice, and the settings valid together."""
    waiting = list(edits)
    random.Random(seed).shuffle(waiting)  # noqa: S311 - a sample for a test, repeatable by its seed
    made: list[list[MadeEdit]] = []
    while waiting:
        batch: list[MadeEdit] = []
        for edit in list(waiting):
            if len(batch) < size and _fits(batch, edit):
                batch.append(edit)
                waiting.remove(edit)
        made.append(batch)
    return made


def settings_of(batch: Sequence[MadeEdit]) -> Tree:
    """The stack's settings with a batch's values."""
    tree = full_tree(STACK)
    for edit in batch:
        if not edit.file:
            place(tree, edit.location, edit.value)
    return tree


def _fits(batch: Sequence[MadeEdit], edit: MadeEdit) -> bool:
    if edit.place in {one.place for one in batch}:
        return False
    return bool(edit.file) or not problems_of(settings_of([*batch, edit]))


def _setting_edits() -> Iterator[MadeEdit]:
    tree = full_tree(STACK)
    for location in locations(tree):
        value = at(tree, location)
        if isinstance(value, dict | list) or any(location[: len(fixed)] == fixed for fixed in FIXED):
            continue
        for other in _others(location, value):
            edit = MadeEdit(kind=_kind(location), location=location, value=other)
            if not problems_of(settings_of([edit])):
                yield edit


def _others(location: Location, value: object) -> list[object]:
    node = catalogue.find(location) or {}
    name = str(next(part for part in reversed(location) if isinstance(part, str)))
    if isinstance(value, bool):
        return [not value]
    if name in OTHER_TEXTS:
        return [other for other in OTHER_TEXTS[name] if other != value]
    if "enum" in node:
        choices: list[object] = list(node["enum"])
        at_now = choices.index(value) if value in choices else 0
        return [other for other in choices[max(0, at_now - 1) : at_now + 3] if other != value]
    if isinstance(value, int):
        near = (value + 1, value - 1, value * 2, value + 10, value + 25)
        return [other for other in dict.fromkeys(near) if node["minimum"] <= other <= node["maximum"]]
    return []


def _kind(location: Location) -> str:
    name = str(next(part for part in reversed(location) if isinstance(part, str)))
    kinds = {
        "image": ("image",),
        "class": ("instanceType", "instanceClass", "nodeType"),
        "scale": ("replicas", "minReplicas", "maxReplicas", "minSize", "maxSize", "desiredSize"),
        "schedule": (
            "schedule",
            "restoreTestSchedule",
            "backupWindow",
            "snapshotWindow",
            "maintenanceWindow",
        ),
        "tag": ("owner", "costCenter"),
        "name": ("api", "app", "monitoring", "webRepository"),
    }
    return next((kind for kind, names in kinds.items() if name in names), "value")


def _configuration_edits() -> Iterator[MadeEdit]:
    for line in (ROOT / ENVIRONMENT_FILE).read_text().splitlines():
        if re.fullmatch(r"[A-Z_]+=\d+", line):
            name, _, number = line.partition("=")
            yield MadeEdit(
                kind="configuration",
                file=ENVIRONMENT_FILE,
                old=f"{line}\n",
                new=f"{name}={int(number) + 1}\n",
            )
    yield MadeEdit(
        kind="configuration", file=ENVIRONMENT_FILE, old="LOG_LEVEL=debug\n", new="LOG_LEVEL=warn\n"
    )


def _program_edits() -> Iterator[MadeEdit]:
    for file, old, new in PROGRAM:
        if (ROOT / file).read_text().count(old) == 1:
            yield MadeEdit(kind="program", file=file, old=old, new=new)


def write(batch: Sequence[MadeEdit], root: Path) -> dict[str, str]:
    """Edit the files of a checkout; the settings are the caller's.

    Returns:
        what the files were, by name.
    """
    kept: dict[str, str] = {}
    for edit in batch:
        if edit.file:
            file = root / edit.file
            kept.setdefault(edit.file, file.read_text())
            assert edit.old in file.read_text(), edit
            file.write_text(file.read_text().replace(edit.old, edit.new, 1))
    return kept
