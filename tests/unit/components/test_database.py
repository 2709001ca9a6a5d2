"""The database component."""

from dataclasses import replace

import pytest

from components.database import Database, DatabaseArgs
from tests.support.recorder import Recorder
from tests.unit.conftest import Deploy

INSTANCE = "aws:rds/instance:Instance"
PARAMETERS = "aws:rds/parameterGroup:ParameterGroup"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
SUFFIX = "random:index/randomId:RandomId"

KEY = "arn:aws:kms:us-east-1:111111111111:key/data"
ARGS = DatabaseArgs(
    prefix="intendly-test",
    vpc_id="vpc-1",
    subnet_ids=["subnet-d1", "subnet-d2"],
    client_security_group_id="sg-cluster",
    key_arn=KEY,
    engine_version="18.6",
    instance_class="db.r6g.large",
    multi_az=True,
    storage_gib=100,
    max_storage_gib=500,
    backup_retention_days=14,
    backup_window="00:30-01:30",
    maintenance_window="sun:05:00-sun:06:00",
    deletion_protection=True,
    final_snapshot=True,
    apply_immediately=False,
    ca_certificate="rds-ca-rsa2048-g1",
    slow_query_ms=500,
    log_retention_days=90,
    protect=True,
)


def built(deploy: Deploy, args: DatabaseArgs = ARGS) -> Recorder:
    return deploy(lambda: Database("database", args))


def test_the_instance_has_the_manuals_names(deploy: Deploy) -> None:
    instance = built(deploy).only(INSTANCE)
    assert instance["identifier"] == "intendly-test-postgres"
    assert instance["dbName"] == "intendly_test"
    assert instance["username"] == "intendly_admin"


def test_the_engine_is_pinned_and_never_moves_by_itself(deploy: Deploy) -> None:
    instance = built(deploy).only(INSTANCE)
    assert (instance["engine"], instance["engineVersion"]) == ("postgres", "18.6")
    assert instance["autoMinorVersionUpgrade"] is False
    assert instance["engineLifecycleSupport"] == "open-source-rds-extended-support-disabled"
    assert instance["applyImmediately"] is False


def test_everything_at_rest_is_encrypted_with_the_stacks_key(deploy: Deploy) -> None:
    recorder = built(deploy)
    instance = recorder.only(INSTANCE)
    assert instance["storageEncrypted"] is True
    for key in ("kmsKeyId", "masterUserSecretKmsKeyId", "performanceInsightsKmsKeyId"):
        assert instance[key] == KEY
    assert {one["kmsKeyId"] for one in recorder.all(LOG_GROUP)} == {KEY}


def test_rds_keeps_the_masters_password(deploy: Deploy) -> None:
    instance = built(deploy).only(INSTANCE)
    assert instance["manageMasterUserPassword"] is True
    assert not {"password", "passwordWo"} & instance.inputs.keys()


def test_the_cluster_gets_in_on_one_port_and_nothing_gets_out(deploy: Deploy) -> None:
    recorder = built(deploy)
    group, rule = recorder.only(GROUP), recorder.only(INGRESS)
    assert rule["securityGroupId"] == "database-access-id"
    assert rule["referencedSecurityGroupId"] == "sg-cluster"
    assert (rule["ipProtocol"], rule["fromPort"], rule["toPort"]) == ("tcp", 5432, 5432)
    assert recorder.all(EGRESS) == []
    assert not {"ingress", "egress"} & group.inputs.keys()


def test_it_lies_in_the_data_subnets_out_of_the_internets_reach(deploy: Deploy) -> None:
    recorder = built(deploy)
    instance = recorder.only(INSTANCE)
    assert instance["publiclyAccessible"] is False
    assert instance["vpcSecurityGroupIds"] == ["database-access-id"]
    subnets = recorder.only("aws:rds/subnetGroup:SubnetGroup")
    assert subnets["subnetIds"] == ["subnet-d1", "subnet-d2"]
    assert instance["dbSubnetGroupName"] == subnets["name"]


def test_storage_grows_by_itself_and_leaves_throughput_to_gp3(deploy: Deploy) -> None:
    instance = built(deploy).only(INSTANCE)
    assert instance["storageType"] == "gp3"
    assert (instance["allocatedStorage"], instance["maxAllocatedStorage"]) == (100, 500)
    assert not {"iops", "storageThroughput"} & instance.inputs.keys()


def test_backups_are_kept_and_outlive_the_instance(deploy: Deploy) -> None:
    instance = built(deploy).only(INSTANCE)
    assert instance["backupRetentionPeriod"] == 14
    assert instance["backupWindow"] == "00:30-01:30"
    assert instance["maintenanceWindow"] == "sun:05:00-sun:06:00"
    assert instance["copyTagsToSnapshot"] is True
    assert instance["deleteAutomatedBackups"] is False


@pytest.mark.parametrize("guarded", [True, False])
def test_the_guards_against_deletion_follow_the_arguments(deploy: Deploy, *, guarded: bool) -> None:
    args = replace(ARGS, protect=guarded, deletion_protection=guarded, multi_az=guarded)
    instance = built(deploy, args).only(INSTANCE)
    assert instance.protect is guarded
    assert instance["deletionProtection"] is guarded
    assert instance["multiAz"] is guarded


def test_the_last_snapshot_has_a_name_that_no_earlier_one_has(deploy: Deploy) -> None:
    recorder = built(deploy)
    instance = recorder.only(INSTANCE)
    assert instance["skipFinalSnapshot"] is False
    assert instance["finalSnapshotIdentifier"] == "intendly-test-postgres-final-0a1b2c3d"
    assert recorder.follows(instance, recorder.only(SUFFIX))


def test_without_a_last_snapshot_none_is_named(deploy: Deploy) -> None:
    recorder = built(deploy, replace(ARGS, final_snapshot=False))
    instance = recorder.only(INSTANCE)
    assert instance["skipFinalSnapshot"] is True
    assert "finalSnapshotIdentifier" not in instance.inputs
    assert recorder.all(SUFFIX) == []


@pytest.mark.parametrize(("version", "family"), [("18.6", "postgres18"), ("17.11", "postgres17")])
def test_the_parameter_group_fits_the_major_and_can_stand_beside_the_old_one(
    deploy: Deploy, version: str, family: str
) -> None:
    recorder = built(deploy, replace(ARGS, engine_version=version))
    group = recorder.only(PARAMETERS)
    assert group["family"] == family
    assert group["name"] == f"intendly-test-{family}"
    assert recorder.only(INSTANCE)["parameterGroupName"] == group["name"]


def test_parameters_force_tls_and_watch_statements_each_by_its_own_method(deploy: Deploy) -> None:
    group = built(deploy).only(PARAMETERS)
    assert {one["name"]: (one["value"], one["applyMethod"]) for one in group["parameters"]} == {
        "shared_preload_libraries": ("pg_stat_statements,auto_explain", "pending-reboot"),
        "track_activity_query_size": ("4096", "pending-reboot"),
        "auto_explain.log_min_duration": ("500", "immediate"),
        "log_lock_waits": ("1", "immediate"),
        "log_min_duration_statement": ("500", "immediate"),
        "rds.force_ssl": ("1", "immediate"),
    }


def test_the_server_shows_a_certificate_of_the_named_authority(deploy: Deploy) -> None:
    assert built(deploy).only(INSTANCE)["caCertIdentifier"] == "rds-ca-rsa2048-g1"


def test_logs_go_to_groups_that_were_there_first(deploy: Deploy) -> None:
    recorder = built(deploy)
    instance, groups = recorder.only(INSTANCE), recorder.all(LOG_GROUP)
    assert {one["name"] for one in groups} == {
        f"/aws/rds/instance/intendly-test-postgres/{export}"
        for export in instance["enabledCloudwatchLogsExports"]
    }
    assert set(instance["enabledCloudwatchLogsExports"]) == {"postgresql", "upgrade", "iam-db-auth-error"}
    assert {one["retentionInDays"] for one in groups} == {90}
    assert all(recorder.follows(instance, one) for one in groups)


def test_the_instance_is_measured_by_a_role_that_already_may(deploy: Deploy) -> None:
    recorder = built(deploy)
    instance = recorder.only(INSTANCE)
    assert instance["databaseInsightsMode"] == "standard"
    assert instance["performanceInsightsEnabled"] is True
    assert instance["performanceInsightsRetentionPeriod"] == 7
    assert instance["monitoringInterval"] == 60
    role = recorder.only("aws:iam/role:Role")
    assert "monitoring.rds.amazonaws.com" in role["assumeRolePolicy"]
    assert instance["monitoringRoleArn"].endswith(f"role/{role['name']}")
    assert recorder.follows(instance, recorder.only("aws:iam/rolePolicyAttachment:RolePolicyAttachment"))


def test_outputs_say_where_it_is_and_where_the_masters_secret_is(deploy: Deploy) -> None:
    recorder = built(deploy)
    component = recorder.only("intendly:data:Database")
    host = "database-instance.us-east-1.amazonaws.test"
    assert recorder.outputs[component.urn] == {
        "address": host,
        "port": 5432,
        "endpoint": f"{host}:5432",
        "database_name": "intendly_test",
        "master_secret_arn": "arn:aws:secretsmanager:us-east-1:111111111111:secret:rds!database-instance",
        "arn": "arn:aws:rds:us-east-1:111111111111:instance/database-instance-0123456",
        "subnet_group_name": "intendly-test-postgres",
        "security_group_id": "database-access-id",
        "identifier": "intendly-test-postgres",
    }
    children = [one for one in recorder.registrations if one is not component]
    assert {one.parent for one in children} == {component.urn}
