"""What the machines that can be chosen hold: nodes, database classes, cache node types.

Only what is in these tables can be set, since rules count on their memory. vCPU and memory are EC2's own
(``DescribeInstanceTypes``); classes and node types are those that CloudFormation's schema of 2026-10-20 lists for
us-east-1, older generations left out.
"""

import difflib
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import AfterValidator, Field


@dataclass(frozen=True, kw_only=True)
class Machine:
    """Size of a kind of machine."""

    vcpu: int
    memory_mib: int


_SIZES: Final = {"large": 2, "xlarge": 4, "2xlarge": 8, "4xlarge": 16}
"""vCPU of a size, the same in all families below. Larger ones take more than 110 pods and are left out."""

_GIB_PER_VCPU: Final = {"c6i": 2, "m5": 4, "m6a": 4, "m6i": 4, "m7a": 4, "m7i": 4, "r6i": 8}
"""Memory per vCPU of the x86_64 families; the applications' image is built for x86_64."""

INSTANCE_TYPES: Final = {
    "t3.medium": Machine(vcpu=2, memory_mib=4096),
    "t3.large": Machine(vcpu=2, memory_mib=8192),
    "t3.xlarge": Machine(vcpu=4, memory_mib=16384),
} | {
    f"{family}.{size}": Machine(vcpu=vcpu, memory_mib=vcpu * gib * 1024)
    for family, gib in _GIB_PER_VCPU.items()
    for size, vcpu in _SIZES.items()
}
"""Instance types of nodes."""

_LARGE_GIB: Final = {"m5": 8, "m6g": 8, "m6i": 8, "m7g": 8, "m7i": 8, "m8g": 8} | dict.fromkeys(
    ("r5", "r6g", "r6i", "r7g", "r7i", "r8g"), 16
)
"""Memory of a family's ``large`` database class, in GiB."""

DATABASE_MEMORY_GIB: Final = {
    f"db.{family}.{size}": gib
    for family in ("t3", "t4g")
    for size, gib in {"micro": 1, "small": 2, "medium": 4, "large": 8, "xlarge": 16, "2xlarge": 32}.items()
} | {
    f"db.{family}.{size}": large * factor
    for family, large in _LARGE_GIB.items()
    for size, factor in {
        "large": 1,
        "xlarge": 2,
        "2xlarge": 4,
        "4xlarge": 8,
        "8xlarge": 16,
        "12xlarge": 24,
    }.items()
}
"""Memory of a database class, in GiB."""

CACHE_NODE_TYPES: Final = (
    tuple(f"cache.{family}.{size}" for family in ("t3", "t4g") for size in ("micro", "small", "medium"))
    + tuple(
        f"cache.{family}.{size}"
        for family in ("m5", "r5")
        for size in ("large", "xlarge", "2xlarge", "4xlarge")
    )
    + tuple(
        f"cache.{family}.{size}"
        for family in ("m6g", "m7g", "r6g", "r7g")
        for size in ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge")
    )
)
"""Node types that both valkey and redis take."""


def _one_of(names: tuple[str, ...], kind: str) -> AfterValidator:
    """Take only what a table lists."""

    def check(value: str) -> str:
        if value not in names:
            near = difflib.get_close_matches(value, names, n=1)
            raise ValueError(f"not a known {kind}" + (f"; did you mean {near[0]}?" if near else ""))
        return value

    return AfterValidator(check)


def _words(names: tuple[str, ...]) -> str:
    """List names briefly: families with the same sizes share an entry, ``m5, m6i with .large|xlarge``."""
    sizes: dict[str, list[str]] = {}
    for name in names:
        family, _, size = name.rpartition(".")
        sizes.setdefault(family, []).append(size)
    families: dict[str, list[str]] = {}
    for family, found in sizes.items():
        families.setdefault("|".join(found), []).append(family)
    return "; ".join(f"{', '.join(found)} with .{size}" for size, found in families.items())


def _machine(pattern: str, names: tuple[str, ...]) -> object:
    return Field(
        pattern=pattern, json_schema_extra={"allowed": f"one of {_words(names)}", "enum": list(names)}
    )


_INSTANCES = tuple(INSTANCE_TYPES)
_CLASSES = tuple(DATABASE_MEMORY_GIB)

InstanceType = Annotated[
    str, _machine(r"^[a-z0-9]+\.[a-z0-9]+$", _INSTANCES), _one_of(_INSTANCES, "instance type")
]
DatabaseClass = Annotated[
    str, _machine(r"^db\.[a-z0-9]+\.[a-z0-9]+$", _CLASSES), _one_of(_CLASSES, "database class")
]
CacheNodeType = Annotated[
    str,
    _machine(r"^cache\.[a-z0-9]+\.[a-z0-9]+$", CACHE_NODE_TYPES),
    _one_of(CACHE_NODE_TYPES, "cache node type"),
]
