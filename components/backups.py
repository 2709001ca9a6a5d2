"""Recovery points of the database beside RDS's own: kept elsewhere, locked, and restored for a test every week."""

import json
from dataclasses import dataclass

import pulumi
from pulumi_aws import backup, kms

from components.data_key import account_statement
from components.iam_roles import ServiceRole, service_role

SERVICE = "backup.amazonaws.com"
POLICIES = "arn:aws:iam::aws:policy/service-role"
"""AWS keeps these up to date; they reach keys only through the services whose data they encrypt."""

START_WINDOW_MINUTES = 60
"""A backup starts within an hour of its time: AWS takes no less."""

VALIDATION_HOURS = 4
"""For which a restored database is there to be looked at; then AWS removes it."""


@dataclass(frozen=True, kw_only=True)
class CopyArgs:
    """Where copies go: what happens to one region's data or keys must not happen to them."""

    region: str
    retention_days: int


@dataclass(frozen=True, kw_only=True)
class BackupsArgs:
    """What backups need. Times are days, unless their name says otherwise."""

    prefix: str
    """Start of the physical names, such as `intendly-staging`."""
    account_id: str
    key_arn: pulumi.Input[str]
    """Encrypts the vault."""
    database_arn: pulumi.Input[str]
    schedule: str
    """As AWS writes it: `cron(0 7 ? * * *)`, UTC."""
    completion_minutes: int
    """After which a backup that has not ended has failed, counted from its time; 120 at least (AWS)."""
    retention_days: int
    min_retention_days: int
    max_retention_days: int
    """The vaults refuse what is to be kept for less or longer."""
    copy_to: CopyArgs | None
    restore_test_schedule: str
    """When the newest point is restored, as AWS writes it."""
    restore_subnet_group: pulumi.Input[str]
    restore_security_group_id: pulumi.Input[str]
    """Where the restored database lies. AWS would take the default VPC, and fail without one."""
    protect: bool
    """The engine refuses to destroy the vaults. Otherwise a destroy removes what is in them."""


class Backups(pulumi.ComponentResource):
    """A locked vault, the plan that fills it daily, a locked copy in another region, and a weekly test restore."""

    vault_name: str
    copy_vault_name: str | None

    def __init__(self, name: str, args: BackupsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("intendly:data:Backups", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.vault_name = f"{args.prefix}-backups"
        self.copy_vault_name = None if args.copy_to is None else f"{self.vault_name}-copy"
        vault = self._vault("vault", self.vault_name, args.key_arn)
        copy = None if args.copy_to is None else self._copy_vault(args.copy_to)
        self._plan(vault, copy)
        self._restore_test(vault)
        self.register_outputs({"vault_name": self.vault_name, "copy_vault_name": self.copy_vault_name})

    def _vault(
        self, role: str, physical_name: str, key_arn: pulumi.Input[str], region: str | None = None
    ) -> backup.Vault:
        """A vault with its lock; `region` only where it is not the stack's own."""
        args = self._args
        vault = backup.Vault(
            f"{self._name}-{role}",
            name=physical_name,
            kms_key_arn=key_arn,
            region=region,
            force_destroy=not args.protect,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        # No `changeable_for_days`: it would make the lock final, for the stack's whole life and beyond.
        backup.VaultLockConfiguration(
            f"{self._name}-{role}-lock",
            backup_vault_name=vault.name,
            min_retention_days=args.min_retention_days,
            max_retention_days=args.max_retention_days,
            region=region,
            # A vault has one lock: removing the old one last would remove the new one.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        return vault

    def _copy_vault(self, copy: CopyArgs) -> backup.Vault:
        """A vault in another region, with a key of that region: keys never leave theirs."""
        policy = {"Version": "2012-10-17", "Statement": [account_statement(self._args.account_id)]}
        key = kms.Key(
            f"{self._name}-copy-key",
            description=f"Copies of backups of {self._args.prefix}",
            enable_key_rotation=True,
            deletion_window_in_days=30,
            policy=json.dumps(policy),
            region=copy.region,
            opts=pulumi.ResourceOptions(parent=self, protect=self._args.protect),
        )
        kms.Alias(
            f"{self._name}-copy-key",
            name=f"alias/{self._args.prefix}-backups",
            target_key_id=key.key_id,
            region=copy.region,
            opts=self._child,
        )
        return self._vault("copy", f"{self.vault_name}-copy", key.arn, copy.region)

    def _plan(self, vault: backup.Vault, copy: backup.Vault | None) -> None:
        args = self._args
        plan = backup.Plan(
            f"{self._name}-plan",
            name=f"{args.prefix}-database",
            rules=[
                backup.PlanRuleArgs(
                    rule_name="daily",
                    target_vault_name=vault.name,
                    schedule=args.schedule,
                    start_window=START_WINDOW_MINUTES,
                    completion_window=args.completion_minutes,
                    # Snapshots only: continuous backup would take RDS's own retention and window over.
                    enable_continuous_backup=False,
                    lifecycle=backup.PlanRuleLifecycleArgs(delete_after=args.retention_days),
                    copy_actions=self._copies(copy),
                )
            ],
            opts=self._child,
        )
        role = self._role("backup", "AWSBackupServiceRolePolicyForBackup")
        backup.Selection(
            f"{self._name}-database",
            name="database",
            plan_id=plan.id,
            iam_role_arn=role.arn,
            resources=[args.database_arn],
            opts=pulumi.ResourceOptions(parent=self, depends_on=role.permissions),
        )

    def _copies(self, copy: backup.Vault | None) -> list[backup.PlanRuleCopyActionArgs]:
        if copy is None or self._args.copy_to is None:
            return []
        return [
            backup.PlanRuleCopyActionArgs(
                destination_vault_arn=copy.arn,
                lifecycle=backup.PlanRuleCopyActionLifecycleArgs(
                    delete_after=self._args.copy_to.retention_days
                ),
            )
        ]

    def _restore_test(self, vault: backup.Vault) -> None:
        """A backup that nobody restored is none. AWS says whether it could be restored; what is in it, others must."""
        args = self._args
        plan = backup.RestoreTestingPlan(
            f"{self._name}-restore-test",
            # Letters, digits and `_` only: the name that the engine would make is refused.
            name=f"{args.prefix}_restore_test".replace("-", "_"),
            schedule_expression=args.restore_test_schedule,
            start_window_hours=1,
            recovery_point_selection=backup.RestoreTestingPlanRecoveryPointSelectionArgs(
                algorithm="LATEST_WITHIN_WINDOW",
                include_vaults=[vault.arn],
                recovery_point_types=["SNAPSHOT"],
                selection_window_days=7,
            ),
            opts=self._child,
        )
        role = self._role("restore", "AWSBackupServiceRolePolicyForRestores")
        backup.RestoreTestingSelection(
            f"{self._name}-restore-test-database",
            name="database",
            restore_testing_plan_name=plan.name,
            iam_role_arn=role.arn,
            protected_resource_type="RDS",
            protected_resource_arns=[args.database_arn],
            validation_window_hours=VALIDATION_HOURS,
            restore_metadata_overrides={
                "dbSubnetGroupName": args.restore_subnet_group,
                "vpcSecurityGroupIds": pulumi.Output.json_dumps([args.restore_security_group_id]),
                "multiAz": "false",
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=role.permissions),
        )

    def _role(self, role: str, policy: str) -> ServiceRole:
        physical_name = f"{self._args.prefix}-{role}"
        return service_role(f"{self._name}-{role}", physical_name, SERVICE, [f"{POLICIES}/{policy}"], self)
