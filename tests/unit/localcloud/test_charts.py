import gzip
import io
import json
import tarfile

import yaml

from components import versions
from localcloud.charts import STAND_INS, StandIn, files, index, pack, without_prose
from localcloud.paths import ROOT

DEFINITION = """
kind: CustomResourceDefinition
metadata: {name: things.example.org, annotations: {made-by: hand}}
spec: {properties: {description: {description: text, type: string}, operator: {enum: [=, in]}}}
"""


def stand_in(chart: versions.Chart) -> StandIn:
    [found] = [stand_in for stand_in in STAND_INS if stand_in.chart == chart]
    return found


def test_every_chart_of_the_program_has_a_stand_in() -> None:
    used = {value for value in vars(versions).values() if isinstance(value, versions.Chart)}
    assert {stand_in.chart for stand_in in STAND_INS} == used


def test_every_repository_is_a_key_of_the_settings() -> None:
    schema = json.loads((ROOT / "infra" / "settings.schema.json").read_text())
    text = json.dumps(schema)
    for stand_in in STAND_INS:
        assert f'"{stand_in.repository}": {{' in text


def test_a_chart_says_that_it_is_a_stand_in() -> None:
    content = files(stand_in(versions.TRAEFIK), {})
    assert "stand-in" in json.loads(content["Chart.yaml"])["description"]
    assert "stand-in" in content["templates/notice.yaml"]
    assert "templates/definitions.yaml" not in content


def test_definitions_lose_prose_and_keep_fields_called_description() -> None:
    content = files(stand_in(versions.CERT_MANAGER), {"things.yaml": DEFINITION})
    properties = json.loads(content["definitions/things.yaml"])["spec"]["properties"]
    assert properties == {"description": {"type": "string"}, "operator": {"enum": ["=", "in"]}}
    assert without_prose([{"description": "x"}, 1]) == [{}, 1]


def test_cert_managers_definitions_obey_its_switch() -> None:
    content = files(stand_in(versions.CERT_MANAGER), {"things.yaml": DEFINITION})
    assert content["templates/definitions.yaml"].startswith("{{- if .Values.crds.enabled }}")
    assert json.loads(content["values.yaml"])["crds"] == {"enabled": False, "keep": True}


def test_an_archive_is_the_same_for_the_same_content() -> None:
    content = {"Chart.yaml": "{}", "templates/a.yaml": "a: 1"}
    archive = pack("traefik", content)
    assert pack("traefik", content) == archive
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(archive))) as tar:
        assert tar.getnames() == ["traefik/Chart.yaml", "traefik/templates/a.yaml"]


def test_an_index_names_version_and_archive() -> None:
    traefik = stand_in(versions.TRAEFIK)
    entries = yaml.safe_load(index({"traefik.tgz": (traefik, b"x")}))["entries"]
    [entry] = entries["traefik"]
    assert entry["version"] == versions.TRAEFIK.version
    assert entry["urls"] == ["traefik.tgz"]
