"""The PostgreSQL database (RDS)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_random as random
from pulumi_aws import cloudwatch, rds

from components.iam_roles import service_role
from components.ports import DATABASE_PORT
from components.security_groups import single_port_group

ADMINISTRATOR = "intendly_admin"
"""Master user: RDS takes 16 letters, digits and `_` at most. No workload ever uses it."""

LOG_EXPORTS = ("postgresql", "upgrade", "iam-db-auth-error")
MONITORING_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"


@dataclass(frozen=True, kw_only=True)
class DatabaseArgs:
    """What a database needs. Windows are UTC, half an hour at least, and must not overlap."""

    prefix: str
    """Start of the physical names: `intendly-staging` gives the instance `intendly-staging-postgres` and the
    database `intendly_staging`."""
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    client_security_group_id: pulumi.Input[str]
    """Whoever carries this group may connect."""
    key_arn: pulumi.Input[str]
    """Encrypts storage, master secret, insights and logs. A key's ARN, not an alias's; it can never change."""
    engine_version: str
    """Exact, such as `18.6`: AWS upgrades nothing by itself."""
    instance_class: str
    multi_az: bool
    storage_gib: int
    max_storage_gib: int
    """Storage grows by itself up to here, and never shrinks."""
    backup_retention_days: int
    """Days of point-in-time recovery, 1 to 35."""
    backup_window: str
    maintenance_window: str
    deletion_protection: bool
    final_snapshot: bool
    """Take a snapshot when the instance is destroyed. Read from the state: an update comes before a destroy."""
    apply_immediately: bool
    """Otherwise class, version and others change in the maintenance window only."""
    ca_certificate: str
    """Authority of the server's certificate; a change rotates it."""
    slow_query_ms: int
    """Statements that take longer are logged, with their plan."""
    log_retention_days: int
    protect: bool
    """The engine refuses to destroy or replace the instance."""


class Database(pulumi.ComponentResource):
    """One encrypted PostgreSQL instance that only TLS reaches, with its master password kept and rotated by RDS."""

    address: pulumi.Output[str]
    """Host name; the server's certificate carries it."""
    port: pulumi.Output[int]
    endpoint: pulumi.Output[str]
    """`address:port`."""
    database_name: str
    master_secret_arn: pulumi.Output[str]
    arn: pulumi.Output[str]
    subnet_group_name: pulumi.Output[str]
    security_group_id: pulumi.Output[str]
    identifier: str

    def __init__(self, name: str, args: DatabaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("intendly:data:Database", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.identifier = f"{args.prefix}-postgres"
        self.database_name = args.prefix.replace("-", "_")
        access = single_port_group(
            f"{name}-access", args.vpc_id, DATABASE_PORT, args.client_security_group_id, self
        )
        subnets = rds.SubnetGroup(
            f"{name}-subnets", name=self.identifier, subnet_ids=args.subnet_ids, opts=self._child
        )
        instance = self._instance(access.id, subnets)
        self.arn, self.subnet_group_name = instance.arn, subnets.name
        self.security_group_id = access.id
        self.address, self.port, self.endpoint = instance.address, instance.port, instance.endpoint
        self.master_secret_arn = instance.master_user_secrets.apply(_master_secret_arn)
        self.register_outputs(
            {
                "address": self.address,
                "port": self.port,
                "endpoint": self.endpoint,
                "database_name": self.database_name,
                "master_secret_arn": self.master_secret_arn,
                "arn": self.arn,
                "subnet_group_name": self.subnet_group_name,
                "security_group_id": self.security_group_id,
                "identifier": self.identifier,
            }
        )

    def _instance(self, access_id: pulumi.Input[str], subnets: rds.SubnetGroup) -> rds.Instance:
        args = self._args
        parameters = self._parameter_group()
        monitoring = service_role(
            f"{self._name}-monitoring",
            f"{self.identifier}-monitoring",
            "monitoring.rds.amazonaws.com",
            [MONITORING_POLICY],
            self,
        )
        return rds.Instance(
            f"{self._name}-instance",
            identifier=self.identifier,
            engine="postgres",
            engine_version=args.engine_version,
            # On by default, paid by the vCPU hour; without it AWS upgrades at the end of standard support.
            engine_lifecycle_support="open-source-rds-extended-support-disabled",
            auto_minor_version_upgrade=False,
            instance_class=args.instance_class,
            multi_az=args.multi_az,
            db_name=self.database_name,
            username=ADMINISTRATOR,
            manage_master_user_password=True,
            master_user_secret_kms_key_id=args.key_arn,
            port=DATABASE_PORT,
            db_subnet_group_name=subnets.name,
            vpc_security_group_ids=[access_id],
            publicly_accessible=False,
            ca_cert_identifier=args.ca_certificate,
            parameter_group_name=parameters.name,
            # No IOPS nor throughput: below 400 GiB gp3's are fixed and AWS refuses to be told.
            storage_type="gp3",
            allocated_storage=args.storage_gib,
            max_allocated_storage=args.max_storage_gib,
            storage_encrypted=True,
            kms_key_id=args.key_arn,
            backup_retention_period=args.backup_retention_days,
            backup_window=args.backup_window,
            maintenance_window=args.maintenance_window,
            apply_immediately=args.apply_immediately,
            copy_tags_to_snapshot=True,
            # The history of point-in-time recovery outlives the instance.
            delete_automated_backups=False,
            deletion_protection=args.deletion_protection,
            skip_final_snapshot=not args.final_snapshot,
            final_snapshot_identifier=self._final_snapshot(),
            database_insights_mode="standard",
            performance_insights_enabled=True,
            performance_insights_kms_key_id=args.key_arn,
            performance_insights_retention_period=7,
            monitoring_interval=60,
            monitoring_role_arn=monitoring.arn,
            enabled_cloudwatch_logs_exports=list(LOG_EXPORTS),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=args.protect,
                depends_on=[*self._log_groups(), *monitoring.permissions],
            ),
        )

    def _parameter_group(self) -> rds.ParameterGroup:
        family = f"postgres{self._args.engine_version.split('.', maxsplit=1)[0]}"
        return rds.ParameterGroup(
            f"{self._name}-parameters",
            # Another family needs a group beside the one in use, so its name carries the family.
            name=f"{self._args.prefix}-{family}",
            family=family,
            parameters=[
                rds.ParameterGroupParameterArgs(**each) for each in parameters(self._args.slow_query_ms)
            ],
            opts=self._child,
        )

    def _log_groups(self) -> list[pulumi.Resource]:
        """RDS makes them itself, kept for ever and unencrypted, if they are not there first."""
        return [
            cloudwatch.LogGroup(
                f"{self._name}-logs-{export}",
                name=f"/aws/rds/instance/{self.identifier}/{export}",
                retention_in_days=self._args.log_retention_days,
                kms_key_id=self._args.key_arn,
                opts=self._child,
            )
            for export in LOG_EXPORTS
        ]

    def _final_snapshot(self) -> pulumi.Output[str] | None:
        """A name that no earlier instance's last snapshot has taken."""
        if not self._args.final_snapshot:
            return None
        suffix = random.RandomId(f"{self._name}-final-snapshot", byte_length=4, opts=self._child)
        return pulumi.Output.concat(self.identifier, "-final-", suffix.hex)


def parameters(slow_query_ms: int) -> list[Mapping[str, str]]:
    """Parameters that differ from RDS's own. Static ones wait for a reboot: AWS refuses `immediate` for them."""
    static = {
        # Replaces the engine's list, so it repeats what that one holds.
        "shared_preload_libraries": "pg_stat_statements,auto_explain",
        "track_activity_query_size": "4096",
    }
    dynamic = {
        "auto_explain.log_min_duration": str(slow_query_ms),
        "log_lock_waits": "1",
        "log_min_duration_statement": str(slow_query_ms),
        "rds.force_ssl": "1",
    }
    return [
        {"name": name, "value": value, "apply_method": method}
        for method, chosen in (("pending-reboot", static), ("immediate", dynamic))
        for name, value in chosen.items()
    ]


def _master_secret_arn(secrets: Sequence[rds.outputs.InstanceMasterUserSecret]) -> str:
    if not secrets or secrets[0].secret_arn is None:
        raise ValueError("RDS reported no secret of the master user")
    return secrets[0].secret_arn
