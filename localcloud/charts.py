"""Stand-ins for Helm charts: they carry the definitions (CRDs) of the real ones and say what they are.

Chart repositories are on the internet, which nothing here speaks to. A stand-in has the real chart's name and
version and obeys the values that decide about definitions; it starts no controller.
"""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from components import versions
from localcloud.builder import module_folder
from localcloud.paths import TOOLS, Paths, write

GO = "github.com"


@dataclass(frozen=True, kw_only=True)
class StandIn:
    """One chart: where it would come from, and the definitions it has.

    Args:
        repository: folder of the chart server, named like the setting of ``chartRepositories``.
        chart: the real chart's name and version.
        module: Go module whose folder has the definitions; empty for a chart without.
        folder: the definitions' place in it.
        values: the real chart's defaults of what decides about definitions.
        switch: the value that turns them on.
        keep: template of the annotations that let definitions survive the release, as in the real chart.
        service: Service of the real chart that the program's own objects point to; nothing answers there.
    """

    repository: str
    chart: versions.Chart
    module: str = ""
    folder: str = ""
    values: Mapping[str, Any]
    switch: str = ""
    keep: str = ""
    service: str = ""


ANNOTATED = ".Values.crds.annotations"
KEPT = '(ternary (dict "helm.sh/resource-policy" "keep") dict .Values.crds.keep)'

STAND_INS = (
    StandIn(
        repository="prometheusCommunity",
        chart=versions.PROMETHEUS_OPERATOR_CRDS,
        module=f"{GO}/prometheus-operator/prometheus-operator",
        folder="example/prometheus-operator-crd",
        values={"crds": {"annotations": {}}},
        keep=ANNOTATED,
    ),
    StandIn(
        repository="prometheusCommunity",
        chart=versions.KUBE_PROMETHEUS_STACK,
        values={},
        service="{{ .Release.Name }}-grafana",
    ),
    StandIn(repository="traefik", chart=versions.TRAEFIK, values={}),
    StandIn(
        repository="externalSecrets",
        chart=versions.EXTERNAL_SECRETS,
        module=f"{GO}/external-secrets/external-secrets",
        folder="config/crds/bases",
        values={"installCRDs": True, "crds": {"annotations": {}}},
        switch=".Values.installCRDs",
        keep=ANNOTATED,
    ),
    StandIn(
        repository="jetstack",
        chart=versions.CERT_MANAGER,
        module=f"{GO}/cert-manager/cert-manager",
        folder="deploy/crds",
        values={"crds": {"enabled": False, "keep": True}},
        switch=".Values.crds.enabled",
        keep=KEPT,
    ),
    StandIn(repository="autoscaler", chart=versions.CLUSTER_AUTOSCALER, values={}),
    StandIn(repository="eks", chart=versions.FLUENT_BIT, values={}),
)
"""Traefik's and kube-prometheus-stack's own definitions are left out: nothing of ours uses the first, and the program
turns the second off in favour of prometheus-operator-crds."""

NOTICE = """apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-stand-in
  namespace: {{ .Release.Namespace }}
data:
  notice: "A stand-in of the local cloud for chart {{ .Chart.Name }} {{ .Chart.Version }}: definitions only, no pods."
"""

SERVICE = """apiVersion: v1
kind: Service
metadata:
  name: NAME
  namespace: {{ .Release.Namespace }}
spec:
  selector: {intendly.xyz/stand-in: NAME}
  ports: [{name: http, port: 80}]
"""

DEFINITIONS = """{{- range $path, $_ := .Files.Glob "definitions/*.yaml" }}
{{- $crd := $.Files.Get $path | fromYaml }}
{{- with $ }}{{- $_ := set $crd.metadata "annotations" (merge dict KEEP $crd.metadata.annotations) }}{{- end }}
---
{{ toYaml $crd }}
{{- end }}
"""


class _Loader(yaml.CSafeLoader):
    """Safe, and takes a bare ``=`` (an operator of label matchers) for the text that it is."""


_Loader.add_constructor("tag:yaml.org,2002:value", lambda _, node: str(node.value))


def template(stand_in: StandIn) -> str:
    """The chart's template of its definitions."""
    text = DEFINITIONS.replace("KEEP", stand_in.keep)
    return f"{{{{- if {stand_in.switch} }}}}\n{text}{{{{- end }}}}\n" if stand_in.switch else text


def without_prose(schema: object) -> object:
    """An OpenAPI schema without its descriptions: with them a release is larger than a Secret may be."""
    if isinstance(schema, list):
        return [without_prose(item) for item in cast("list[object]", schema)]
    if not isinstance(schema, dict):
        return schema
    fields = cast("dict[str, object]", schema)
    # A field may be called description too; then its value is a schema, not text.
    return {
        name: without_prose(value)
        for name, value in fields.items()
        if name != "description" or not isinstance(value, str)
    }


def files(stand_in: StandIn, definitions: Mapping[str, str]) -> dict[str, str]:
    """The chart's files by path; ``definitions`` are YAML texts by file name."""
    about = {
        "apiVersion": "v2",
        "name": stand_in.chart.name,
        "version": stand_in.chart.version,
        "description": "stand-in of the local cloud: definitions only",
    }
    content = {"Chart.yaml": about, "values.yaml": dict(stand_in.values)}
    packed = {name: json.dumps(document) for name, document in content.items()}
    packed["templates/notice.yaml"] = NOTICE
    if stand_in.service:
        packed["templates/service.yaml"] = SERVICE.replace("NAME", stand_in.service)
    if definitions:
        packed["templates/definitions.yaml"] = template(stand_in)
    for name, text in definitions.items():
        packed[f"definitions/{name}"] = json.dumps(without_prose(yaml.load(text, _Loader)))  # noqa: S506 - safe, below
    return packed


def pack(chart: str, content: Mapping[str, str]) -> bytes:
    """The chart as Helm downloads it; the same content gives the same bytes."""
    archive = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=archive, mode="wb", mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w") as tar,
    ):
        for name, text in sorted(content.items()):
            data = text.encode()
            entry = tarfile.TarInfo(f"{chart}/{name}")
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return archive.getvalue()


def index(charts: Mapping[str, tuple[StandIn, bytes]]) -> str:
    """A repository's ``index.yaml`` for archives by file name."""
    entries: dict[str, list[dict[str, Any]]] = {}
    for file, (stand_in, archive) in charts.items():
        entry = {
            "apiVersion": "v2",
            "name": stand_in.chart.name,
            "version": stand_in.chart.version,
            "urls": [file],
            "digest": hashlib.sha256(archive).hexdigest(),
            "description": "stand-in of the local cloud",
        }
        entries.setdefault(stand_in.chart.name, []).append(entry)
    return yaml.safe_dump({"apiVersion": "v1", "entries": entries})


def folder(paths: Paths) -> Path:
    """Where the repositories are, one folder each."""
    return paths.share / "charts"


def write_repositories(paths: Paths) -> None:
    """Write every repository, unless they are there for the pins of this checkout."""
    key_file = folder(paths) / "key"
    sources = [(TOOLS / "crds" / "go.sum").read_bytes(), Path(__file__).read_bytes()]
    key = hashlib.sha256(
        b"".join(sources) + json.dumps([vars(s.chart) for s in STAND_INS]).encode()
    ).hexdigest()
    if key_file.exists() and key_file.read_text(encoding="utf-8") == key:
        return
    repositories: dict[str, dict[str, tuple[StandIn, bytes]]] = {}
    for stand_in in STAND_INS:
        archive = pack(stand_in.chart.name, files(stand_in, _definitions(stand_in)))
        file = f"{stand_in.chart.name}-{stand_in.chart.version}.tgz"
        repositories.setdefault(stand_in.repository, {})[file] = (stand_in, archive)
    for repository, charts in repositories.items():
        target = folder(paths) / repository
        target.mkdir(parents=True, exist_ok=True)
        for file, (_, archive) in charts.items():
            (target / file).write_bytes(archive)
        write(target / "index.yaml", index(charts))
    write(key_file, key)


def _definitions(stand_in: StandIn) -> dict[str, str]:
    if not stand_in.module:
        return {}
    source = module_folder("crds", stand_in.module) / stand_in.folder
    found = {file.name: file.read_text(encoding="utf-8") for file in sorted(source.glob("*.yaml"))}
    return {name: text for name, text in found.items() if "kind: CustomResourceDefinition" in text}
