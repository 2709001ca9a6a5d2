"""The JSON schema of a stack file, for editors: ``python -m infra.settings.schema --write`` (or ``--check``)."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Final, cast

from infra.settings.catalogue import model_schema
from infra.settings.errors import NAMESPACE

SCHEMA_FILE: Final = Path(__file__).parent.parent / "settings.schema.json"
"""Where the schema is checked in; the first line of each stack file names it."""


def stack_file_schema() -> dict[str, Any]:
    """Build the schema of a whole stack file: our keys exactly, other namespaces freely."""
    models = cast("dict[str, Any]", _for_editors(model_schema()))
    text = {"type": "string"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Stack file of Intendly's infrastructure",
        "description": "Generated from infra/settings; do not edit.",
        "type": "object",
        "additionalProperties": False,
        "required": ["config"],
        "properties": {
            "config": {
                "type": "object",
                "properties": {f"{NAMESPACE}:{key}": node for key, node in models["properties"].items()},
                "required": [f"{NAMESPACE}:{key}" for key in models["required"]],
                "patternProperties": {f"^(?!{NAMESPACE}:)": True},
                "additionalProperties": False,
            },
            "encryptionsalt": text,
            "secretsprovider": text,
            "encryptedkey": text,
            "environment": True,
        },
        "$defs": models["$defs"],
    }


def _for_editors(node: object) -> object:
    """Give words to what editors show, and close the mappings of names."""
    if isinstance(node, list):
        return [_for_editors(item) for item in cast("list[object]", node)]
    if not isinstance(node, dict):
        return node
    items = cast("dict[str, object]", node)
    translated = {
        key: _for_editors(value) for key, value in items.items() if key not in {"allowed", "propertyNames"}
    }
    if isinstance(items.get("allowed"), str):
        translated["patternErrorMessage"] = f"Allowed: {items['allowed']}"
    if "patternProperties" in items:
        translated["additionalProperties"] = False
    return translated


def rendered() -> str:
    """Give the text of the schema file."""
    return json.dumps(stack_file_schema(), indent=2, ensure_ascii=False) + "\n"


def is_current() -> bool:
    """Whether the checked-in file is what the models say."""
    return SCHEMA_FILE.is_file() and SCHEMA_FILE.read_text(encoding="utf-8") == rendered()


def main(arguments: list[str] | None = None) -> int:
    """Write the schema file, or say whether it is stale."""
    parser = argparse.ArgumentParser(prog="python -m infra.settings.schema", description=__doc__)
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--write", action="store_true", help="write the file")
    action.add_argument("--check", action="store_true", help="exit with 1 when the file is stale")
    if parser.parse_args(arguments).write:
        SCHEMA_FILE.write_text(rendered(), encoding="utf-8")
        return 0
    if is_current():
        return 0
    sys.stderr.write(f"{SCHEMA_FILE.name} is stale: run python -m infra.settings.schema --write\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
