"""The cache component."""

from dataclasses import replace

import pytest

from components.cache import Cache, CacheArgs, parameter_family
from tests.support.recorder import Recorder, Registration
from tests.unit.conftest import Deploy

GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
PARAMETERS = "aws:elasticache/parameterGroup:ParameterGroup"
USER = "aws:elasticache/user:User"
USERS = "aws:elasticache/userGroup:UserGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
SUFFIX = "random:index/randomId:RandomId"
PASSWORD = "random:index/randomPassword:RandomPassword"

KEY = "arn:aws:kms:us-east-1:111111111111:key/data"
ARGS = CacheArgs(
    prefix="intendly-test",
    vpc_id="vpc-1",
    subnet_ids=["subnet-d1", "subnet-d2"],
    client_security_group_id="sg-cluster",
    key_arn=KEY,
    engine="valkey",
    engine_version="8.2",
    node_type="cache.r7g.large",
    replicas=1,
    snapshot_retention_days=7,
    snapshot_window="23:00-00:00",
    maintenance_window="sun:06:30-sun:07:30",
    final_snapshot=True,
    apply_immediately=False,
    protect=True,
)


def built(deploy: Deploy, args: CacheArgs = ARGS) -> Recorder:
    return deploy(lambda: Cache("cache", args))


def user(recorder: Recorder, role: str) -> Registration:
    return recorder.named(USER, f"cache-{role}")


def test_the_group_is_what_was_asked_for(deploy: Deploy) -> None:
    recorder = built(deploy)
    group = recorder.only(GROUP)
    assert group["replicationGroupId"] == "intendly-test-redis"
    assert (group["engine"], group["engineVersion"]) == ("valkey", "8.2")
    assert group["autoMinorVersionUpgrade"] is False
    assert group["nodeType"] == "cache.r7g.large"
    assert group["applyImmediately"] is False
    subnets = recorder.only("aws:elasticache/subnetGroup:SubnetGroup")
    assert subnets["subnetIds"] == ["subnet-d1", "subnet-d2"]
    assert group["subnetGroupName"] == subnets["name"]


def test_only_tls_is_spoken_and_everything_at_rest_is_encrypted(deploy: Deploy) -> None:
    group = built(deploy).only(GROUP)
    assert group["transitEncryptionEnabled"] is True
    assert group["transitEncryptionMode"] == "required"
    assert group["atRestEncryptionEnabled"] is True
    assert group["kmsKeyId"] == KEY


@pytest.mark.parametrize(("replicas", "fails_over"), [(0, False), (1, True), (5, True)])
def test_it_fails_over_across_zones_exactly_when_there_is_a_replica(
    deploy: Deploy, replicas: int, *, fails_over: bool
) -> None:
    group = built(deploy, replace(ARGS, replicas=replicas)).only(GROUP)
    assert group["numCacheClusters"] == replicas + 1
    assert group["automaticFailoverEnabled"] is fails_over
    assert group["multiAzEnabled"] is fails_over


def test_a_full_cache_refuses_writes_rather_than_drop_what_is_queued(deploy: Deploy) -> None:
    recorder = built(deploy)
    parameters = recorder.only(PARAMETERS)
    assert parameters["parameters"] == [{"name": "maxmemory-policy", "value": "noeviction"}]
    assert parameters["family"] == "valkey8"
    assert parameters["name"] == "intendly-test-valkey8"
    assert recorder.only(GROUP)["parameterGroupName"] == parameters["name"]


@pytest.mark.parametrize(
    ("engine", "version", "family"),
    [
        ("valkey", "7.2", "valkey7"),
        ("valkey", "9.0", "valkey9"),
        ("redis", "7.1", "redis7"),
        ("redis", "6.2", "redis6.x"),
    ],
)
def test_the_family_follows_engine_and_major(engine: str, version: str, family: str) -> None:
    assert parameter_family(engine, version) == family


def test_the_default_user_can_do_nothing(deploy: Deploy) -> None:
    default = user(built(deploy), "default")
    assert default["userName"] == "default"
    assert default["accessString"] == "off -@all"
    # A user id of its own: the built-in one has no password and a valkey group refuses it.
    assert default["userId"] == "intendly-test-default"


def test_applications_have_a_user_without_administration(deploy: Deploy) -> None:
    application = user(built(deploy), "application")
    assert application["userName"] == "intendly-app"
    assert application["accessString"].startswith("on ~* ")
    assert "-@dangerous" in application["accessString"].split()


def test_the_one_user_group_holds_both_users(deploy: Deploy) -> None:
    recorder = built(deploy)
    users = recorder.only(USERS)
    assert users["userIds"] == ["intendly-test-default", "intendly-test-application"]
    assert users["engine"] == "valkey"
    assert {one["engine"] for one in recorder.all(USER)} == {"valkey"}
    assert recorder.only(GROUP)["userGroupIds"] == ["intendly-test-users"]


@pytest.mark.parametrize("role", ["default", "application"])
def test_each_user_has_a_password_of_its_own_that_stays_secret(deploy: Deploy, role: str) -> None:
    found = user(built(deploy), role)
    assert found["authenticationMode"] == {
        "type": "password",
        "passwords": [f"result-of-cache-{role}-password"],
    }
    assert "authenticationMode" in found.secret_inputs


def test_a_user_has_room_for_a_second_password_while_one_is_rotated(deploy: Deploy) -> None:
    """ElastiCache takes two: clients with the old one and with the new one both get in meanwhile."""
    for found in built(deploy).all(USER):
        assert len(found["authenticationMode"]["passwords"]) == 1


def test_the_applications_user_administers_nothing(deploy: Deploy) -> None:
    rules = user(built(deploy), "application")["accessString"].split()
    assert rules.index("-@dangerous") > rules.index("+@all")
    # Beyond what is dangerous only the question for the version, which queue libraries ask.
    assert rules[rules.index("-@dangerous") + 1 :] == ["+info"]
    assert "nopass" not in rules


def test_passwords_have_a_length_that_elasticache_takes_and_fit_an_address(deploy: Deploy) -> None:
    for password in built(deploy).all(PASSWORD):
        assert 16 <= password["length"] <= 128
        assert password["special"] is False


def test_the_cluster_gets_in_on_one_port_and_nothing_gets_out(deploy: Deploy) -> None:
    recorder = built(deploy)
    rule = recorder.only(INGRESS)
    assert rule["securityGroupId"] == "cache-access-id"
    assert rule["referencedSecurityGroupId"] == "sg-cluster"
    assert (rule["fromPort"], rule["toPort"]) == (6379, 6379)
    assert recorder.all(EGRESS) == []
    assert recorder.only(GROUP)["securityGroupIds"] == ["cache-access-id"]
    assert recorder.only(GROUP)["port"] == 6379


def test_snapshots_and_windows_are_the_arguments(deploy: Deploy) -> None:
    group = built(deploy).only(GROUP)
    assert group["snapshotRetentionLimit"] == 7
    assert group["snapshotWindow"] == "23:00-00:00"
    assert group["maintenanceWindow"] == "sun:06:30-sun:07:30"


def test_the_last_snapshot_is_taken_under_a_free_name_or_not_at_all(deploy: Deploy) -> None:
    kept = built(deploy)
    assert kept.only(GROUP)["finalSnapshotIdentifier"] == "intendly-test-redis-final-0a1b2c3d"
    dropped = built(deploy, replace(ARGS, final_snapshot=False))
    assert "finalSnapshotIdentifier" not in dropped.only(GROUP).inputs
    assert dropped.all(SUFFIX) == []


@pytest.mark.parametrize("protect", [True, False])
def test_protection_follows_the_argument(deploy: Deploy, *, protect: bool) -> None:
    assert built(deploy, replace(ARGS, protect=protect)).only(GROUP).protect is protect


def test_outputs_say_where_it_is_and_keep_the_password_secret(deploy: Deploy) -> None:
    recorder = built(deploy)
    component = recorder.only("intendly:data:Cache")
    assert recorder.outputs[component.urn] == {
        "primary_endpoint": "cache-group.us-east-1.amazonaws.test",
        "port": 6379,
        "application_user": "intendly-app",
        "application_password": "result-of-cache-application-password",
        "security_group_id": "cache-access-id",
        "replication_group_id": "intendly-test-redis",
    }
    assert recorder.secret_outputs[component.urn] == {"application_password"}
    children = [one for one in recorder.registrations if one is not component]
    assert {one.parent for one in children} == {component.urn}
