"""The secrets that the program makes."""

import json
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.secrets import SecretNames, Secrets, SecretsArgs
from tests.support.recorder import Recorder
from tests.unit.conftest import Deploy

SECRET = "aws:secretsmanager/secret:Secret"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
PASSWORD = "random:index/randomPassword:RandomPassword"

KEY = "arn:aws:kms:us-east-1:111111111111:key/data"
ARGS = SecretsArgs(
    prefix="intendly-test",
    key_arn=KEY,
    recovery_window_days=30,
    cache_host="cache.test",
    cache_port=6379,
    cache_user="intendly-app",
    cache_password="c4che",
)


def built(deploy: Deploy, args: SecretsArgs = ARGS) -> Recorder:
    return deploy(lambda: Secrets("secrets", args))


def content(recorder: Recorder, role: str) -> dict[str, Any]:
    return json.loads(recorder.named(VERSION, f"secrets-{role}")["secretString"])


def test_names_are_the_agreed_ones(deploy: Deploy) -> None:
    assert {one["name"] for one in built(deploy).all(SECRET)} == {
        "intendly-test/database/application",
        "intendly-test/database/monitoring",
        "intendly-test/cache/application",
        "intendly-test/grafana/admin",
    }
    assert (
        SecretNames(prefix="intendly-test").alertmanager_receivers == "intendly-test/alertmanager/receivers"
    )


def test_the_database_secret_holds_the_first_application_role(deploy: Deploy) -> None:
    assert content(built(deploy), "database") == {
        "username": "intendly_app_a",
        "password": "result-of-secrets-database-password",
    }


def test_the_monitoring_secret_holds_the_role_that_reads(deploy: Deploy) -> None:
    assert content(built(deploy), "database-monitoring") == {
        "username": "monitoring_user",
        "password": "result-of-secrets-database-monitoring-password",
    }


def test_rotation_owns_the_database_secrets_value_after_creation(deploy: Deploy) -> None:
    recorder = built(deploy)
    ignored = {one.name: one.ignore_changes for one in recorder.all(VERSION)}
    assert ignored == {
        "secrets-database": ("secretString",),
        "secrets-database-monitoring": ("secretString",),
        "secrets-cache": (),
        "secrets-grafana": (),
    }


def test_the_cache_secret_holds_an_address_that_demands_tls(deploy: Deploy) -> None:
    assert content(built(deploy), "cache") == {
        "username": "intendly-app",
        "password": "c4che",
        "url": "rediss://intendly-app:c4che@cache.test:6379",
    }


def test_the_grafana_secret_has_the_charts_keys(deploy: Deploy) -> None:
    assert content(built(deploy), "grafana") == {
        "admin-user": "admin",
        "admin-password": "result-of-secrets-grafana-password",
    }


def test_no_value_is_ever_plain(deploy: Deploy) -> None:
    versions = built(deploy).all(VERSION)
    assert len(versions) == 4
    assert all("secretString" in one.secret_inputs for one in versions)


def test_a_secret_password_stays_secret_in_what_is_made_of_it(deploy: Deploy) -> None:
    args = replace(ARGS, cache_password=pulumi.Output.secret("c4che"))
    recorder = built(deploy, args)
    assert content(recorder, "cache")["password"] == "c4che"
    assert "secretString" in recorder.named(VERSION, "secrets-cache").secret_inputs


def test_passwords_need_no_quoting_anywhere(deploy: Deploy) -> None:
    passwords = built(deploy).all(PASSWORD)
    assert {(one["length"], one["special"]) for one in passwords} == {(48, False)}
    assert {one.name for one in passwords} == {
        "secrets-database-password",
        "secrets-database-monitoring-password",
        "secrets-grafana-password",
    }


@pytest.mark.parametrize("days", [30, 0])
def test_secrets_are_encrypted_and_kept_as_long_as_asked(deploy: Deploy, days: int) -> None:
    secrets = built(deploy, replace(ARGS, recovery_window_days=days)).all(SECRET)
    assert {(one["kmsKeyId"], one["recoveryWindowInDays"]) for one in secrets} == {(KEY, days)}


def test_outputs_are_addresses_of_secrets_that_have_a_value(deploy: Deploy) -> None:
    def program() -> None:
        from pulumi_aws import ssm  # noqa: PLC0415 - only a stand-in for a reader

        secrets = Secrets("secrets", ARGS)
        ssm.Parameter("reader", type="String", value=secrets.database_secret_arn)

    recorder = deploy(program)
    reader = recorder.only("aws:ssm/parameter:Parameter")
    assert reader["value"].endswith("secret/intendly-test/database/application")
    assert recorder.follows(reader, recorder.named(VERSION, "secrets-database"))
    component = recorder.only("intendly:data:Secrets")
    assert recorder.outputs[component.urn].keys() == {
        "database_secret_arn",
        "monitoring_secret_arn",
        "cache_secret_arn",
        "grafana_secret_arn",
    }
    assert recorder.secret_outputs[component.urn] == frozenset()
