"""The cache and queues (ElastiCache)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_random as random
from pulumi_aws import elasticache

from components.ports import CACHE_PORT
from components.security_groups import single_port_group

APPLICATION_USER = "intendly-app"

APPLICATION_ACCESS = "on ~* &* +@all -@dangerous +info"
"""All keys and channels, no administration; queue libraries ask `INFO` for the version."""


@dataclass(frozen=True, kw_only=True)
class CacheArgs:
    """What a cache needs. Windows are UTC and an hour at least."""

    prefix: str
    """Start of the physical names: `intendly-staging` gives the replication group `intendly-staging-redis`."""
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    client_security_group_id: pulumi.Input[str]
    """Whoever carries this group may connect."""
    key_arn: pulumi.Input[str]
    """Encrypts memory and snapshots at rest. It can never change."""
    engine: Literal["valkey", "redis"]
    """From redis to valkey is an update; back is a replacement that empties the cache."""
    engine_version: str
    """Major and minor, such as `8.2`. Lower than before is a replacement."""
    node_type: str
    replicas: int
    """Copies beside the primary, 0 to 5; from one on it fails over by itself, across zones."""
    snapshot_retention_days: int
    snapshot_window: str
    maintenance_window: str
    final_snapshot: bool
    """Take a snapshot when the group is destroyed."""
    apply_immediately: bool
    """Otherwise node type, version and others change in the maintenance window only."""
    protect: bool
    """The engine refuses to destroy or replace the group."""


class Cache(pulumi.ComponentResource):
    """One replication group that takes TLS and one application's user only, and never evicts what it queues."""

    primary_endpoint: pulumi.Output[str]
    """Host name of the primary, kept through a failover."""
    port: pulumi.Output[int]
    application_user: str
    application_password: pulumi.Output[str]
    """Secret; letters and digits only, so that it fits an address as it is."""
    security_group_id: pulumi.Output[str]
    replication_group_id: str

    def __init__(self, name: str, args: CacheArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("intendly:data:Cache", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.replication_group_id = f"{args.prefix}-redis"
        self.application_user = APPLICATION_USER
        access = single_port_group(
            f"{name}-access", args.vpc_id, CACHE_PORT, args.client_security_group_id, self
        )
        self.security_group_id = access.id
        self.application_password = self._password("application")
        group = self._replication_group(access.id, self._user_group())
        self.primary_endpoint = group.primary_endpoint_address
        self.port = group.port.apply(lambda port: port or CACHE_PORT)
        self.register_outputs(
            {
                "primary_endpoint": self.primary_endpoint,
                "port": self.port,
                "application_user": self.application_user,
                "application_password": self.application_password,
                "security_group_id": self.security_group_id,
                "replication_group_id": self.replication_group_id,
            }
        )

    def _password(self, role: str) -> pulumi.Output[str]:
        # ElastiCache takes 16 to 128 characters.
        password = random.RandomPassword(
            f"{self._name}-{role}-password", length=48, special=False, opts=self._child
        )
        return password.result

    def _user_group(self) -> pulumi.Output[str]:
        """The application's user, and `default` switched off.

        Every group must hold a user named `default`. The built-in one has no password, which a valkey group
        refuses, so it is one of our own with a password that nobody is told.
        """
        default = self._user("default", "default", "off -@all", self._password("default"))
        application = self._user(
            "application", APPLICATION_USER, APPLICATION_ACCESS, self.application_password
        )
        return elasticache.UserGroup(
            f"{self._name}-users",
            user_group_id=f"{self._args.prefix}-users",
            engine=self._args.engine,
            user_ids=[default, application],
            opts=self._child,
        ).user_group_id

    def _user(
        self, role: str, user_name: str, access: str, password: pulumi.Output[str]
    ) -> pulumi.Output[str]:
        return elasticache.User(
            f"{self._name}-{role}",
            user_id=f"{self._args.prefix}-{role}",
            user_name=user_name,
            engine=self._args.engine,
            access_string=access,
            authentication_mode=elasticache.UserAuthenticationModeArgs(type="password", passwords=[password]),
            opts=self._child,
        ).user_id

    def _replication_group(
        self, access_id: pulumi.Input[str], user_group_id: pulumi.Input[str]
    ) -> elasticache.ReplicationGroup:
        args = self._args
        subnets = elasticache.SubnetGroup(
            f"{self._name}-subnets",
            name=self.replication_group_id,
            subnet_ids=args.subnet_ids,
            opts=self._child,
        )
        family = parameter_family(args.engine, args.engine_version)
        parameters = elasticache.ParameterGroup(
            f"{self._name}-parameters",
            # Another family needs a group beside the one in use, so its name carries the family.
            name=f"{args.prefix}-{family.replace('.', '-')}",
            family=family,
            # It holds queues: a full cache must refuse writes, never drop what is queued.
            parameters=[elasticache.ParameterGroupParameterArgs(name="maxmemory-policy", value="noeviction")],
            opts=self._child,
        )
        return elasticache.ReplicationGroup(
            f"{self._name}-group",
            replication_group_id=self.replication_group_id,
            description=f"Cache and queues of {args.prefix}",
            engine=args.engine,
            engine_version=args.engine_version,
            # A minor version that AWS chose could only be left by a replacement.
            auto_minor_version_upgrade=False,
            node_type=args.node_type,
            num_cache_clusters=1 + args.replicas,
            automatic_failover_enabled=args.replicas > 0,
            multi_az_enabled=args.replicas > 0,
            port=CACHE_PORT,
            subnet_group_name=subnets.name,
            security_group_ids=[access_id],
            parameter_group_name=parameters.name,
            user_group_ids=[user_group_id],
            # Both written out: the provider sends "no" for what is left out.
            transit_encryption_enabled=True,
            transit_encryption_mode="required",
            at_rest_encryption_enabled=True,
            kms_key_id=args.key_arn,
            snapshot_retention_limit=args.snapshot_retention_days,
            snapshot_window=args.snapshot_window,
            maintenance_window=args.maintenance_window,
            final_snapshot_identifier=self._final_snapshot(),
            apply_immediately=args.apply_immediately,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )

    def _final_snapshot(self) -> pulumi.Output[str] | None:
        """A name that no earlier group's last snapshot has taken."""
        if not self._args.final_snapshot:
            return None
        suffix = random.RandomId(f"{self._name}-final-snapshot", byte_length=4, opts=self._child)
        return pulumi.Output.concat(self.replication_group_id, "-final-", suffix.hex)


def parameter_family(engine: str, version: str) -> str:
    """The parameter group family of an engine's version: `valkey8`, `redis7`, and `redis6.x` before."""
    major = version.split(".", maxsplit=1)[0]
    return "redis6.x" if (engine, major) == ("redis", "6") else f"{engine}{major}"
