"""AWS Backup's vaults, plan and restore test."""

import json
import re
from dataclasses import replace

import pytest

from components.backups import Backups, BackupsArgs, CopyArgs
from tests.support.recorder import Recorder, Registration
from tests.unit.conftest import Deploy

VAULT = "aws:backup/vault:Vault"
LOCK = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
KEY = "aws:kms/key:Key"
PLAN = "aws:backup/plan:Plan"
SELECTION = "aws:backup/selection:Selection"
TEST_PLAN = "aws:backup/restoreTestingPlan:RestoreTestingPlan"
TEST_SELECTION = "aws:backup/restoreTestingSelection:RestoreTestingSelection"
DATABASE = "arn:aws:rds:us-east-1:111111111111:db:intendly-test-postgres"

ARGS = BackupsArgs(
    prefix="intendly-test",
    account_id="111111111111",
    key_arn="arn:aws:kms:us-east-1:111111111111:key/k",
    database_arn=DATABASE,
    schedule="cron(0 7 ? * * *)",
    completion_minutes=120,
    retention_days=35,
    min_retention_days=7,
    max_retention_days=365,
    copy_to=CopyArgs(region="us-west-2", retention_days=21),
    restore_test_schedule="cron(0 10 ? * MON *)",
    restore_subnet_group="subnets",
    restore_security_group_id="sg-1",
    protect=True,
)
ALONE = replace(ARGS, copy_to=None)


def built(deploy: Deploy, args: BackupsArgs = ARGS) -> Recorder:
    return deploy(lambda: Backups("backups", args))


def role_of(recorder: Recorder, user: Registration) -> Registration:
    [role] = [
        one
        for one in recorder.all("aws:iam/role:Role")
        if one.urn in user.property_dependencies["iamRoleArn"]
    ]
    return role


@pytest.mark.parametrize("protect", [True, False])
def test_vaults_are_either_protected_or_emptied_with_the_stack(deploy: Deploy, *, protect: bool) -> None:
    recorder = built(deploy, replace(ARGS, protect=protect))
    vaults = recorder.all(VAULT)
    assert [one["name"] for one in vaults] == ["intendly-test-backups", "intendly-test-backups-copy"]
    for vault in vaults:
        assert vault.protect is protect
        assert vault["forceDestroy"] is not protect
    assert recorder.only(KEY).protect is protect


def test_every_vault_is_locked_but_not_for_ever(deploy: Deploy) -> None:
    recorder = built(deploy)
    locks = {one["backupVaultName"]: one for one in recorder.all(LOCK)}
    assert set(locks) == {one["name"] for one in recorder.all(VAULT)}
    for lock in locks.values():
        assert (lock["minRetentionDays"], lock["maxRetentionDays"]) == (7, 365)
        assert "changeableForDays" not in lock.inputs


def test_an_old_lock_goes_before_the_new_one_comes(deploy: Deploy) -> None:
    """Both are the vault's one lock: removed last, the old one would take the new one along."""
    assert all(lock.delete_before_replace for lock in built(deploy).all(LOCK))


def test_the_copy_lies_in_another_region_under_a_key_of_that_region(deploy: Deploy) -> None:
    recorder = built(deploy)
    vault, key = recorder.named(VAULT, "backups-copy"), recorder.only(KEY)
    here = [vault, key, recorder.named(LOCK, "backups-copy-lock"), recorder.only("aws:kms/alias:Alias")]
    assert {one["region"] for one in here} == {"us-west-2"}
    assert key.urn in vault.property_dependencies["kmsKeyArn"]
    assert key["enableKeyRotation"] is True
    [statement] = json.loads(key["policy"])["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::111111111111:root"}
    first = recorder.named(VAULT, "backups-vault")
    assert first["kmsKeyArn"] == ARGS.key_arn
    assert "region" not in first.inputs


def test_the_plan_takes_snapshots_daily_and_copies_them(deploy: Deploy) -> None:
    [rule] = built(deploy).only(PLAN)["rules"]
    assert rule["schedule"] == "cron(0 7 ? * * *)"
    assert rule["targetVaultName"] == "intendly-test-backups"
    assert (rule["startWindow"], rule["completionWindow"]) == (60, 120)
    assert rule["enableContinuousBackup"] is False
    assert rule["lifecycle"] == {"deleteAfter": 35}
    [copy] = rule["copyActions"]
    assert copy["destinationVaultArn"].split(":")[3] == "us-west-2"
    assert copy["lifecycle"] == {"deleteAfter": 21}


def test_without_a_second_region_there_is_one_vault_and_no_copy(deploy: Deploy) -> None:
    recorder = built(deploy, ALONE)
    assert [one["name"] for one in recorder.all(VAULT)] == ["intendly-test-backups"]
    assert recorder.all(KEY) == []
    [rule] = recorder.only(PLAN)["rules"]
    assert rule["copyActions"] == []


def test_the_database_is_selected_by_its_arn_and_by_a_role_that_may(deploy: Deploy) -> None:
    recorder = built(deploy)
    selection = recorder.only(SELECTION)
    assert selection["resources"] == [DATABASE]
    assert selection["planId"] == "backups-plan-id"
    assert role_of(recorder, selection)["name"] == "intendly-test-backup"
    permission = recorder.named(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "backups-backup-AWSBackupServiceRolePolicyForBackup",
    )
    assert recorder.follows(selection, permission)


def test_the_newest_snapshot_is_restored_for_a_test(deploy: Deploy) -> None:
    plan = built(deploy).only(TEST_PLAN)
    assert plan["scheduleExpression"] == "cron(0 10 ? * MON *)"
    chosen = plan["recoveryPointSelection"]
    assert chosen["algorithm"] == "LATEST_WITHIN_WINDOW"
    assert chosen["recoveryPointTypes"] == ["SNAPSHOT"]
    [vault] = chosen["includeVaults"]
    assert vault.endswith("/intendly-test-backups")


def test_names_of_the_restore_test_have_no_hyphen(deploy: Deploy) -> None:
    recorder = built(deploy)
    for one in (recorder.only(TEST_PLAN), recorder.only(TEST_SELECTION)):
        assert re.fullmatch("[0-9A-Za-z_]{1,50}", one["name"])
    assert recorder.only(TEST_SELECTION)["restoreTestingPlanName"] == recorder.only(TEST_PLAN)["name"]


def test_the_restored_database_lies_in_our_subnets_behind_our_group(deploy: Deploy) -> None:
    recorder = built(deploy)
    selection = recorder.only(TEST_SELECTION)
    assert selection["protectedResourceType"] == "RDS"
    assert selection["protectedResourceArns"] == [DATABASE]
    assert selection["restoreMetadataOverrides"] == {
        "dbSubnetGroupName": "subnets",
        "vpcSecurityGroupIds": '["sg-1"]',
        "multiAz": "false",
    }
    assert role_of(recorder, selection)["name"] == "intendly-test-restore"
    permission = recorder.named(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "backups-restore-AWSBackupServiceRolePolicyForRestores",
    )
    assert recorder.follows(selection, permission)


def test_the_two_roles_may_different_things(deploy: Deploy) -> None:
    recorder = built(deploy)
    attachments = recorder.all("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    granted = {(one["role"], one["policyArn"].rpartition("/")[2]) for one in attachments}
    assert granted == {
        ("intendly-test-backup", "AWSBackupServiceRolePolicyForBackup"),
        ("intendly-test-restore", "AWSBackupServiceRolePolicyForRestores"),
    }


@pytest.mark.parametrize(("args", "copy"), [(ARGS, "intendly-test-backups-copy"), (ALONE, None)])
def test_outputs_name_the_vaults(deploy: Deploy, args: BackupsArgs, copy: str | None) -> None:
    recorder = built(deploy, args)
    outputs = recorder.outputs[recorder.only("intendly:data:Backups").urn]
    assert outputs.get("vault_name") == "intendly-test-backups"
    assert outputs.get("copy_vault_name") == copy
