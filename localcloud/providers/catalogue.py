"""The table of AWS types in catalogue.yaml, typed."""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

PATH = Path(__file__).with_name("catalogue.yaml")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What the stand-in knows of one type; the fields are explained at the top of the table."""

    api: str = ""
    names: dict[str, str] = field(default_factory=dict[str, str])
    auto: str = ""
    rules: dict[str, Any] = field(default_factory=dict[str, Any])
    defaults: dict[str, Any] = field(default_factory=dict[str, Any])
    outputs: dict[str, Any] = field(default_factory=dict[str, Any])
    imports: str = ""
    replaces: str = ""
    unique: str = ""
    held: str = ""
    tags: bool = True
    moto: dict[str, Any] | None = None

    @property
    def computed(self) -> set[str]:
        """Names of the outputs that only an update can know, id apart."""
        given: dict[str, str] = (self.moto or {}).get("gives", {})
        return {name for name, value in self.outputs.items() if isinstance(value, str)} | set(given) - {"id"}

    def import_id(self, outputs: dict[str, Any]) -> str:
        """What `pulumi import` is given for a resource, where that is not its id; else nothing."""
        return re.sub(r"<(\w+)>", lambda found: str(outputs.get(found[1], "")), self.imports)


@cache
def entries() -> dict[str, Entry]:
    """Every known type by its token."""
    table: dict[str, dict[str, Any]] = yaml.load(PATH.read_text(), yaml.CSafeLoader)
    return {f"aws:{kind}": Entry(**row) for kind, row in table.items()}
