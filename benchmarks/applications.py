"""The program with more applications than three, to see how a preview grows: `main(30)`."""

import gc
from collections.abc import Mapping
from typing import Any
from unittest.mock import patch

import pulumi

from components import ports
from components.application import Application, ApplicationArgs
from components.applications import ApplicationsArgs, config_hash, environment
from components.kubernetes_names import BACKEND_CONFIG
from components.pod_template import PodArgs
from infra import stack
from infra.composition.data_stores import DataStores
from infra.composition.foundation import Foundation
from infra.composition.platform import Platform
from infra.composition.workloads import Workloads, applications_args, workloads
from infra.settings import StackSettings, load_file
from infra.settings.environment_file import load_environment_file
from localcloud.paths import ROOT

OWN = 3
"""Applications that the program has."""

STACK = "production"


def build(settings: StackSettings, config: Mapping[str, str], count: int) -> Mapping[str, Any]:
    """Register the whole stack, and as many applications beside its own; gives its outputs."""

    def more(
        settings: StackSettings,
        config: Mapping[str, str],
        base: Foundation,
        data: DataStores,
        services: Platform,
    ) -> Workloads:
        shared = applications_args(settings, config, data, services)
        made = workloads(settings, config, base, data, services)
        for number in range(OWN + 1, count + 1):
            name = f"application-{number}"
            Application(name, application_args(name, shared), base.platform)
        return made

    with patch.object(stack, "workloads", more):  # the rest of the composition stays the program's own
        return stack.build(settings, config)


def application_args(name: str, shared: ApplicationsArgs) -> ApplicationArgs:
    """Another application like the relayer: five resources."""
    backend = shared.relayer
    return ApplicationArgs(
        namespace=shared.namespace,
        service_name=f"{name}-service",
        keeps_clients=False,
        replicas=backend.replicas,
        pod=PodArgs(
            app=name,
            image=shared.image,
            command=backend.command,
            port=ports.BACKEND_PORT,
            health_path="/health",
            sizing=backend.sizing,
            config_map=BACKEND_CONFIG,
            config_hash=config_hash(shared.config),
            environment=environment(shared.connections, backend),
        ),
    )


def production() -> tuple[StackSettings, dict[str, str]]:
    """Production's tracked settings and configuration."""
    config = load_environment_file(ROOT / "infra" / "config" / f"backend.{STACK}.env")
    return load_file(ROOT / f"Pulumi.{STACK}.yaml"), config


def main(count: int) -> None:
    """What the engine runs, as `infra/__main__.py`."""
    gc.disable()
    for name, value in build(*production(), count).items():
        pulumi.export(name, value)
