"""The three applications of one image, and the configuration they share."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import (
    ConfigMap,
    ConfigMapInitArgs,
    EnvVarArgs,
    EnvVarSourceArgs,
    SecretKeySelectorArgs,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components import kubernetes_names as names
from components import ports
from components.application import Application, ApplicationArgs, Autoscaling
from components.named import name_of
from components.pod_template import PodArgs, Sizing


@dataclass(frozen=True, kw_only=True)
class BackendArgs:
    """What differs between the applications, and operators change."""

    command: Sequence[str]
    replicas: int | Autoscaling
    sizing: Sizing
    database_pool_max: int
    """Connections one pod may open (`DB_POOL_MAX`)."""


@dataclass(frozen=True, kw_only=True)
class ConnectionArgs:
    """What the applications connect to."""

    database_host: pulumi.Input[str]
    """The database's real endpoint, whose name its certificate carries."""
    database_name: pulumi.Input[str]
    database_secret: pulumi.Input[str]
    """Secret with `username` and `password`."""
    cache_secret: pulumi.Input[str]
    """Secret with `REDIS_URL`."""
    rpc_url: str
    chain_id: int
    contract_address: str | None
    """Settlement contract on that chain; unset until it is deployed."""


@dataclass(frozen=True, kw_only=True)
class ApplicationsArgs:
    """The three applications."""

    namespace: pulumi.Input[str]
    image: str
    """The one image of a release, by digest."""
    config: Mapping[str, str]
    """Content of `backend-config`: environment variables that are not secret."""
    connections: ConnectionArgs
    relayer: BackendArgs
    coordinator: BackendArgs
    websocket: BackendArgs
    websocket_max_connections: int
    """WebSockets one pod takes (`WS_MAX_CONNECTIONS`)."""


class Applications(pulumi.ComponentResource):
    """Relayer, coordinator and WebSocket server. Outputs are the names of their Services."""

    relayer_service: pulumi.Output[str]
    coordinator_service: pulumi.Output[str]
    websocket_service: pulumi.Output[str]

    def __init__(self, name: str, args: ApplicationsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("intendly:applications:Applications", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        config_map = ConfigMap(
            f"{name}-config",
            ConfigMapInitArgs(
                metadata=ObjectMetaArgs(
                    name=names.BACKEND_CONFIG,
                    namespace=args.namespace,
                    labels={names.PART_OF_LABEL: names.PRODUCT},
                ),
                data=dict(args.config),
            ),
            child,
        )
        config_name = name_of(config_map, names.BACKEND_CONFIG)
        limit = EnvVarArgs(name="WS_MAX_CONNECTIONS", value=str(args.websocket_max_connections))
        relayer = _application_args(args, _RELAYER, args.relayer, config_name)
        coordinator = _application_args(args, _COORDINATOR, args.coordinator, config_name)
        websocket = _application_args(args, _WEBSOCKET, args.websocket, config_name, limit)
        self.relayer_service = Application(_RELAYER.app, relayer, child).service_name
        self.coordinator_service = Application(_COORDINATOR.app, coordinator, child).service_name
        self.websocket_service = Application(_WEBSOCKET.app, websocket, child).service_name
        self.register_outputs(
            {
                "relayer_service": self.relayer_service,
                "coordinator_service": self.coordinator_service,
                "websocket_service": self.websocket_service,
            }
        )


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """What an application is, and no setting changes."""

    app: str
    service_name: str
    port: int
    health_path: str | None
    keeps_clients: bool


_RELAYER = _Facts(
    app=names.BACKEND_RELAYER,
    service_name=names.RELAYER_SERVICE,
    port=ports.BACKEND_PORT,
    health_path="/health",
    keeps_clients=False,
)
_COORDINATOR = _Facts(
    app=names.BACKEND_COORDINATOR,
    service_name=names.COORDINATOR_SERVICE,
    port=ports.BACKEND_PORT,
    health_path="/health",
    keeps_clients=False,
)
_WEBSOCKET = _Facts(
    app=names.WEBSOCKET_SERVER,
    service_name=names.WEBSOCKET_SERVICE,
    port=ports.WEBSOCKET_PORT,
    health_path=None,  # it serves `/ws` only
    keeps_clients=True,
)


def _application_args(
    args: ApplicationsArgs,
    facts: _Facts,
    backend: BackendArgs,
    config_name: pulumi.Output[str],
    *extra: EnvVarArgs,
) -> ApplicationArgs:
    return ApplicationArgs(
        namespace=args.namespace,
        service_name=facts.service_name,
        keeps_clients=facts.keeps_clients,
        replicas=backend.replicas,
        pod=PodArgs(
            app=facts.app,
            image=args.image,
            command=backend.command,
            port=facts.port,
            health_path=facts.health_path,
            sizing=backend.sizing,
            config_map=config_name,
            config_hash=config_hash(args.config),
            environment=[*environment(args.connections, backend), *extra],
        ),
    )


def config_hash(config: Mapping[str, str]) -> str:
    """A fingerprint of a configuration; the order of its keys does not matter."""
    return hashlib.sha256(json.dumps(dict(config), sort_keys=True).encode()).hexdigest()


def environment(connections: ConnectionArgs, backend: BackendArgs) -> list[EnvVarArgs]:
    """Variables that every application gets beside `backend-config`."""
    plain = {
        "DATABASE_HOST": connections.database_host,
        "DATABASE_NAME": connections.database_name,
        "DB_POOL_MAX": str(backend.database_pool_max),
        "RPC_URL": connections.rpc_url,
        "CHAIN_ID": str(connections.chain_id),
        "NODE_OPTIONS": f"--max-old-space-size={backend.sizing.heap_mib}",
    }
    if connections.contract_address is not None:
        plain["CONTRACT_ADDRESS"] = connections.contract_address
    return [
        *(EnvVarArgs(name=variable, value=value) for variable, value in plain.items()),
        _from_secret("DATABASE_USER", connections.database_secret, "username"),
        _from_secret("DATABASE_PASSWORD", connections.database_secret, "password"),
        _from_secret("REDIS_URL", connections.cache_secret, "REDIS_URL"),
    ]


def _from_secret(variable: str, secret: pulumi.Input[str], key: str) -> EnvVarArgs:
    return EnvVarArgs(
        name=variable,
        value_from=EnvVarSourceArgs(secret_key_ref=SecretKeySelectorArgs(name=secret, key=key)),
    )
