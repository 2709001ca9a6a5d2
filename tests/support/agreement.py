"""Whether state and cloud say the same: what an interrupted and healed stack must hold."""

import json
from collections import Counter
from typing import Any

from localcloud import inventory
from localcloud.cloud import LocalCloud
from localcloud.kube_api import METADATA_ONLY, Json
from localcloud.paths import read_json
from operations.identities import REPEATABLE

MANAGER = "pulumi-kubernetes"
"""How the field manager of the Kubernetes provider begins: its mark on every object that it made."""

RELEASE_MARK = "meta.helm.sh/release-name"
KEPT_MARK = "helm.sh/resource-policy"
HELMS_OWN = "sh.helm.release.v1."
"""How the Secrets are called in which Helm writes down its releases."""


def deployment(cloud: LocalCloud) -> Json:
    """The stack's state as the engine exports it."""
    return json.loads(cloud.pulumi("stack", "export", capture=True))["deployment"]


def disagreements(cloud: LocalCloud) -> list[str]:
    """Everything in which state and cloud differ; nothing when both say the same.

    The old one of an interrupted replacement is in both, marked in the state: the next update deletes it.
    """
    state = deployment(cloud)
    resources: list[Json] = state.get("resources", [])
    locks = (cloud.paths.state / "state" / ".pulumi" / "locks").rglob("*.json")
    found = [f"lock {lock.name}" for lock in locks]
    pending: list[Json] = state.get("pending_operations") or []
    found += [f"pending {one['type']} {one['resource']['urn']}" for one in pending]
    return found + _aws(cloud, resources) + _kubernetes(cloud, resources)


def _aws(cloud: LocalCloud, resources: list[Json]) -> list[str]:
    """The stand-in's ledger against the state, each resource once on both sides.

    Of what heal forgets because doing it again changes nothing, AWS has nothing; the ledger has a line.
    """
    known = Counter((one["type"], one["id"]) for one in resources if one["type"].startswith("aws:"))
    there = Counter((one["type"], one["id"]) for one in read_json(cloud.paths.ledger).get("resources", []))
    missing, orphans = known - there, there - known
    return [f"only in the state: {' '.join(one)}" for one in missing] + [
        f"only in AWS: {' '.join(one)}" for one in orphans if one[0] not in REPEATABLE
    ]


def _kubernetes(cloud: LocalCloud, resources: list[Json]) -> list[str]:
    """Objects that the provider made against the state; a chart's objects belong to its release."""
    ours = [one for one in resources if one["type"].startswith("kubernetes:")]
    releases = {one["id"] for one in ours if one["type"] == "kubernetes:helm.sh/v3:Release"}
    known = {(_kind(one["type"]), one["id"]) for one in ours} - {("Release", one) for one in releases}
    made: set[tuple[str, str]] = set()
    orphans: list[str] = []
    for kind, metadata in _objects(cloud):
        name = "/".join(filter(None, [metadata.get("namespace"), metadata["name"]]))
        notes: dict[str, str] = metadata.get("annotations", {})
        managers = [one["manager"] for one in metadata.get("managedFields", [])]
        if kind == "Secret" and name.partition("/")[2].startswith(HELMS_OWN):
            release = name.replace(HELMS_OWN, "").rpartition(".v")[0]
            orphans += [f"Helm's record of a release that the state has not: {name}"] * (
                release not in releases
            )
        elif any(manager.startswith(MANAGER) for manager in managers):
            made.add((kind, name))
        elif RELEASE_MARK in notes and notes.get(KEPT_MARK) != "keep":
            release = f"{notes['meta.helm.sh/release-namespace']}/{notes[RELEASE_MARK]}"
            orphans += [f"of a release that the state has not: {kind} {name}"] * (release not in releases)
    return (
        orphans
        + [f"only in the state: {kind} {name}" for kind, name in sorted(known - made)]
        + [f"only in the cluster: {kind} {name}" for kind, name in sorted(made - known)]
    )


def _objects(cloud: LocalCloud) -> list[tuple[str, Json]]:
    api = cloud.control_plane.api()
    found: list[tuple[str, Json]] = []
    for path, kind in inventory.listable(api):
        items: list[Any] = api.get(path, METADATA_ONLY)["items"] or []
        found += [(kind, item["metadata"]) for item in items]
    return found


def _kind(token: str) -> str:
    return token.rpartition(":")[2]
