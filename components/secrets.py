"""Secrets that this program makes, in Secrets Manager, from where the cluster takes them."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_random as random
from pulumi_aws import secretsmanager

DATABASE_ROLE = "intendly_app_a"
"""Database role whose password is in the secret at first. Rotation goes to and fro between it and `…_b`."""

MONITORING_ROLE = "monitoring_user"
"""Database role that only reads; `intendly db init` makes it, with the password that is in its secret."""

GRAFANA_ADMINISTRATOR = "admin"


@dataclass(frozen=True, kw_only=True)
class SecretNames:
    """Names in Secrets Manager: the one place that knows them."""

    prefix: str
    """`intendly-<environment>`."""

    @property
    def database(self) -> str:
        """JSON with `username`, `password` of the active application role."""
        return f"{self.prefix}/database/application"

    @property
    def database_monitoring(self) -> str:
        """JSON with `username`, `password` of the role that reads for people and dashboards."""
        return f"{self.prefix}/database/monitoring"

    @property
    def cache(self) -> str:
        """JSON with `username`, `password`, and `url` (`rediss://…`)."""
        return f"{self.prefix}/cache/application"

    @property
    def grafana(self) -> str:
        """JSON with `admin-user`, `admin-password`."""
        return f"{self.prefix}/grafana/admin"

    @property
    def alertmanager_receivers(self) -> str:
        """JSON with `smtp-password`, `pagerduty-routing-key`, `slack-webhook-url`; filled in by a person."""
        return f"{self.prefix}/alertmanager/receivers"


@dataclass(frozen=True, kw_only=True)
class SecretsArgs:
    """What the secrets are made of."""

    prefix: str
    """Start of the physical names, such as `intendly-staging`."""
    key_arn: pulumi.Input[str]
    recovery_window_days: int
    """Days in which a deleted secret can be had back, 7 to 30; its name is taken that long. 0: gone at once."""
    cache_host: pulumi.Input[str]
    cache_port: pulumi.Input[int]
    cache_user: str
    cache_password: pulumi.Input[str]


class Secrets(pulumi.ComponentResource):
    """Credentials of the database, the cache and Grafana, each a JSON secret of its own."""

    names: SecretNames
    database_secret_arn: pulumi.Output[str]
    monitoring_secret_arn: pulumi.Output[str]
    cache_secret_arn: pulumi.Output[str]
    grafana_secret_arn: pulumi.Output[str]

    def __init__(self, name: str, args: SecretsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("intendly:data:Secrets", name, None, opts)
        self._name = name
        self._args = args
        self.names = SecretNames(prefix=args.prefix)
        # From its creation on the value is rotation's; going back must never restore a dead password.
        rotated = pulumi.ResourceOptions(parent=self, ignore_changes=["secretString"])
        self.database_secret_arn = self._secret(
            "database",
            self.names.database,
            {"username": DATABASE_ROLE, "password": self._password("database")},
            rotated,
        )
        self.monitoring_secret_arn = self._secret(
            "database-monitoring",
            self.names.database_monitoring,
            {"username": MONITORING_ROLE, "password": self._password("database-monitoring")},
            rotated,
        )
        self.cache_secret_arn = self._secret("cache", self.names.cache, self._cache())
        self.grafana_secret_arn = self._secret(
            "grafana",
            self.names.grafana,
            {"admin-user": GRAFANA_ADMINISTRATOR, "admin-password": self._password("grafana")},
        )
        self.register_outputs(
            {
                "database_secret_arn": self.database_secret_arn,
                "monitoring_secret_arn": self.monitoring_secret_arn,
                "cache_secret_arn": self.cache_secret_arn,
                "grafana_secret_arn": self.grafana_secret_arn,
            }
        )

    def _password(self, role: str) -> pulumi.Output[str]:
        """48 letters and digits: no character that an address, YAML or SQL would need quoted."""
        password = random.RandomPassword(
            f"{self._name}-{role}-password",
            length=48,
            special=False,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return password.result

    def _cache(self) -> Mapping[str, pulumi.Input[str]]:
        args = self._args
        url = pulumi.Output.concat(
            "rediss://",
            args.cache_user,
            ":",
            args.cache_password,
            "@",
            args.cache_host,
            ":",
            pulumi.Output.from_input(args.cache_port).apply(str),
        )
        return {"username": args.cache_user, "password": args.cache_password, "url": url}

    def _secret(
        self,
        role: str,
        physical_name: str,
        content: Mapping[str, pulumi.Input[str]],
        version_opts: pulumi.ResourceOptions | None = None,
    ) -> pulumi.Output[str]:
        """The secret's ARN, known once it has a value: who reads it waits for that."""
        secret = secretsmanager.Secret(
            f"{self._name}-{role}",
            name=physical_name,
            kms_key_id=self._args.key_arn,
            recovery_window_in_days=self._args.recovery_window_days,
            opts=pulumi.ResourceOptions(parent=self),
        )
        version = secretsmanager.SecretVersion(
            f"{self._name}-{role}",
            secret_id=secret.id,
            secret_string=pulumi.Output.json_dumps(content),
            opts=version_opts or pulumi.ResourceOptions(parent=self),
        )
        return version.secret_id  # the ARN: `arn` itself is deprecated
