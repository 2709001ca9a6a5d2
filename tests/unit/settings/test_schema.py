"""The checked-in JSON schema, and what the models say of every key."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import jsonschema
import pytest
import yaml

from infra.settings import catalogue
from infra.settings.schema import SCHEMA_FILE, is_current, main, rendered
from tests.unit.settings.trees import ROOT, STACK_FILES


def error_of(text: str) -> str | None:
    try:
        jsonschema.validate(yaml.safe_load(text), json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))
    except jsonschema.ValidationError as error:
        return error.message
    return None


def test_the_schema_is_what_the_models_say() -> None:
    assert is_current(), "stale: run python -m infra.settings.schema --write"


def test_a_stale_schema_is_noticed_and_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stale = tmp_path / "settings.schema.json"
    stale.write_text("{}")
    monkeypatch.setattr("infra.settings.schema.SCHEMA_FILE", stale)

    assert main(["--check"]) == 1
    assert main(["--write"]) == 0
    assert main(["--check"]) == 0
    assert stale.read_text() == rendered()


@pytest.mark.parametrize("path", STACK_FILES, ids=lambda path: path.name)
def test_a_tracked_file_passes_the_schema(path: Path) -> None:
    assert error_of(path.read_text()) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("multiAz: false", "multiAz: 1"),
        ("multiAz: false", "multiAs: false"),
        ("minSize: 2", "minSize: 0"),
        ("minSize: 2", 'minSize: "2"'),
        ("t3.large", "t3.larg"),
        ("general:", "General:"),
        ("intendly:secrets:", "intendly:secretz:"),
        ("zones: [use1-az1, use1-az2]", "zones: []"),
        ("environment: staging", "environment: Staging"),
        ("config:", "confg:"),
    ],
)
def test_an_editor_marks_what_the_program_refuses(old: str, new: str) -> None:
    text = (ROOT / "Pulumi.staging.yaml").read_text()
    assert old in text

    assert error_of(text.replace(old, new)) is not None


def nodes(node: object) -> Iterator[dict[str, Any]]:
    for model in cast("dict[str, Any]", catalogue.model_schema())["$defs"].values():
        yield from model["properties"].values()
    yield from cast("dict[str, Any]", node)["properties"].values()


def test_every_field_has_a_title_and_a_description() -> None:
    for node in nodes(catalogue.model_schema()):
        assert node.get("title"), node
        assert str(catalogue.resolved(node).get("description", "")).endswith("."), node


def test_every_model_refuses_unknown_keys() -> None:
    for name, model in catalogue.model_schema()["$defs"].items():
        assert model["additionalProperties"] is False, name


def test_every_key_says_in_words_what_it_takes() -> None:
    for node in nodes(catalogue.model_schema()):
        assert catalogue.allowed(catalogue.resolved(node))


def test_settings_need_no_cloud_sdk() -> None:
    program = (
        "import sys, infra.settings, infra.settings.schema, infra.settings.environment_file; "
        "print([name for name in sys.modules if name.partition('.')[0] in {'pulumi','pulumi_aws','boto3','botocore','grpc'}])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True
    )

    assert result.stdout == "[]\n"
