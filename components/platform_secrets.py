"""The Secrets that pods read, kept in step with Secrets Manager by External Secrets."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components import kubernetes_names as names
from components.external_secrets import API_VERSION
from components.named import name_of

REFRESH_INTERVAL = "5m"
"""How old a copy may become. A rotation asks for its own refresh at once; this is for everything else. Four
secrets read every five minutes cost well under a dollar a month."""

GRAFANA_KEYS = ("admin-user", "admin-password")
"""Keys of `grafana-admin`, as Grafana's chart reads them."""

RECEIVER_KEYS = ("smtp-password", "pagerduty-routing-key", "slack-webhook-url")
"""Keys of `alertmanager-receivers`; Alertmanager reads each as a file of that name."""


@dataclass(frozen=True, kw_only=True)
class RemoteKey:
    """One entry of a JSON secret in Secrets Manager."""

    secret: pulumi.Input[str]
    """Name of the AWS secret."""
    property: str
    """Key within its JSON text."""


@dataclass(frozen=True, kw_only=True)
class ExternalSecretArgs:
    """One Kubernetes Secret that is kept in step with Secrets Manager."""

    namespace: pulumi.Input[str]
    secret_name: str
    """Name of the Kubernetes Secret, and of the ExternalSecret."""
    store_name: pulumi.Input[str]
    entries: Mapping[str, RemoteKey]
    """Keys of the Kubernetes Secret and where each comes from."""


def external_secret(
    logical_name: str, args: ExternalSecretArgs, opts: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    """Register one ExternalSecret; the result is the Secret's name, and carries the dependency.

    An entry that vanishes in AWS leaves the last good copy: an outage there must take no pod down.
    """
    made = CustomResource(
        logical_name,
        api_version=API_VERSION,
        kind="ExternalSecret",
        metadata=ObjectMetaArgs(name=args.secret_name, namespace=args.namespace),
        spec={
            "refreshInterval": REFRESH_INTERVAL,
            "secretStoreRef": {"kind": "ClusterSecretStore", "name": args.store_name},
            "target": {"name": args.secret_name, "creationPolicy": "Owner", "deletionPolicy": "Retain"},
            "data": [
                {"secretKey": key, "remoteRef": {"key": source.secret, "property": source.property}}
                for key, source in args.entries.items()
            ],
        },
        opts=opts,
    )
    return name_of(made, args.secret_name)


@dataclass(frozen=True, kw_only=True)
class PlatformSecretsArgs:
    """Names of the four JSON secrets in Secrets Manager, and where their copies go."""

    store_name: pulumi.Input[str]
    application_namespace: pulumi.Input[str]
    monitoring_namespace: pulumi.Input[str]
    database_secret: pulumi.Input[str]
    """Keys `username`, `password`: the database role that applications use now."""
    cache_secret: pulumi.Input[str]
    """Key `url`: the cache's `rediss://` address with its password."""
    grafana_secret: pulumi.Input[str]
    """Keys `admin-user`, `admin-password`: Grafana's administrator."""
    receivers_secret: pulumi.Input[str]
    """Keys `smtp-password`, `pagerduty-routing-key`, `slack-webhook-url`: what Alertmanager notifies with."""


class PlatformSecrets(pulumi.ComponentResource):
    """The Secrets that pods read; each output is a Secret's name and carries the dependency on it."""

    database: pulumi.Output[str]
    cache: pulumi.Output[str]
    grafana: pulumi.Output[str]
    receivers: pulumi.Output[str]

    def __init__(
        self, name: str, args: PlatformSecretsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("intendly:secrets:PlatformSecrets", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)

        def copy(
            role: str, namespace: pulumi.Input[str], secret_name: str, entries: Mapping[str, RemoteKey]
        ) -> pulumi.Output[str]:
            return external_secret(
                f"{name}-{role}",
                ExternalSecretArgs(
                    namespace=namespace,
                    secret_name=secret_name,
                    store_name=args.store_name,
                    entries=entries,
                ),
                child,
            )

        self.database = copy(
            "database",
            args.application_namespace,
            names.DATABASE_SECRET,
            _entries(args.database_secret, {"username": "username", "password": "password"}),
        )
        self.cache = copy(
            "cache",
            args.application_namespace,
            names.CACHE_SECRET,
            _entries(args.cache_secret, {"REDIS_URL": "url"}),
        )
        self.grafana = copy(
            "grafana",
            args.monitoring_namespace,
            names.GRAFANA_SECRET,
            _entries(args.grafana_secret, {key: key for key in GRAFANA_KEYS}),
        )
        self.receivers = copy(
            "receivers",
            args.monitoring_namespace,
            names.RECEIVERS_SECRET,
            _entries(args.receivers_secret, {key: key for key in RECEIVER_KEYS}),
        )
        self.register_outputs(
            {
                "database": self.database,
                "cache": self.cache,
                "grafana": self.grafana,
                "receivers": self.receivers,
            }
        )


def _entries(secret: pulumi.Input[str], keys: Mapping[str, str]) -> dict[str, RemoteKey]:
    return {key: RemoteKey(secret=secret, property=source) for key, source in keys.items()}
