import json

import pytest

from components.external_secrets import ExternalSecrets, ExternalSecretsArgs, reader_policy
from components.monitoring.definitions import MonitoringDefinitions
from components.platform_secrets import PlatformSecrets, PlatformSecretsArgs
from tests.support.recorder import Recorder, Registration
from tests.unit.conftest import Deploy

RELEASE = "kubernetes:helm.sh/v3:Release"
STORE = "kubernetes:external-secrets.io/v1:ClusterSecretStore"
EXTERNAL_SECRET = "kubernetes:external-secrets.io/v1:ExternalSecret"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
POLICY = "aws:iam/rolePolicy:RolePolicy"


def platform() -> None:
    definitions = MonitoringDefinitions(
        "definitions", namespace="monitoring", chart_repository="https://charts.example"
    )
    operator = ExternalSecrets(
        "external-secrets",
        ExternalSecretsArgs(
            namespace="external-secrets",
            reader_namespaces=["intendly", "monitoring"],
            cluster_name="intendly-test-eks",
            role_name="intendly-test-external-secrets",
            region="us-east-1",
            secret_arns=["arn:database", "arn:cache"],
            key_arn="arn:key",
            chart_repository="https://charts.example",
            monitoring_definitions=definitions,
        ),
    )
    PlatformSecrets(
        "secrets",
        PlatformSecretsArgs(
            store_name=operator.store_name,
            application_namespace="intendly",
            monitoring_namespace="monitoring",
            database_secret="test/database",
            cache_secret="test/cache",
            grafana_secret="test/grafana",
            receivers_secret="test/receivers",
        ),
    )


@pytest.fixture
def made(deploy: Deploy) -> Recorder:
    return deploy(platform)


def entries(made: Recorder, secret_name: str) -> dict[str, tuple[str, str]]:
    spec = secret(made, secret_name)["spec"]
    return {one["secretKey"]: (one["remoteRef"]["key"], one["remoteRef"]["property"]) for one in spec["data"]}


def secret(made: Recorder, secret_name: str) -> Registration:
    [found] = [one for one in made.all(EXTERNAL_SECRET) if one["metadata"]["name"] == secret_name]
    return found


def test_the_operator_is_installed_at_its_exact_version_after_its_identity(made: Recorder) -> None:
    operator = made.named(RELEASE, "external-secrets-release")
    assert (operator["name"], operator["chart"], operator["version"]) == (
        "external-secrets",
        "external-secrets",
        "2.9.0",
    )
    assert operator["repositoryOpts"] == {"repo": "https://charts.example"}
    assert operator["atomic"] is True
    assert made.follows(operator, made.only(ASSOCIATION))
    assert made.follows(operator, made.named(RELEASE, "definitions-release"))


def test_two_controllers_elect_a_leader_and_definitions_outlive_the_release(made: Recorder) -> None:
    values = made.named(RELEASE, "external-secrets-release")["values"]
    assert values["replicaCount"] == 2
    assert values["leaderElect"] is True
    assert values["crds"] == {"annotations": {"helm.sh/resource-policy": "keep"}}


def test_the_controllers_account_has_the_identity(made: Recorder) -> None:
    association = made.only(ASSOCIATION)
    assert association["namespace"] == "external-secrets"
    assert association["serviceAccount"] == "external-secrets"


def test_it_reads_the_secrets_it_was_given_and_no_others(made: Recorder) -> None:
    [read, decrypt] = json.loads(made.only(POLICY)["policy"])["Statement"]
    assert read["Resource"] == ["arn:database", "arn:cache"]
    assert set(read["Action"]) == {"secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"}
    assert (decrypt["Action"], decrypt["Resource"]) == ("kms:Decrypt", "arn:key")


def test_the_key_serves_secrets_manager_only() -> None:
    [_, decrypt] = json.loads(reader_policy(["arn:a"], "arn:key", "eu-west-1"))["Statement"]
    assert decrypt["Condition"] == {
        "StringEquals": {"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"}
    }


def test_the_store_waits_for_the_operator_and_serves_two_namespaces(made: Recorder) -> None:
    store = made.only(STORE)
    assert store["spec"] == {
        "provider": {"aws": {"service": "SecretsManager", "region": "us-east-1"}},
        "conditions": [{"namespaces": ["intendly", "monitoring"]}],
    }
    assert made.follows(store, made.named(RELEASE, "external-secrets-release"))


@pytest.mark.parametrize(
    ("name", "namespace", "expected"),
    [
        (
            "database-secret",
            "intendly",
            {"username": ("test/database", "username"), "password": ("test/database", "password")},
        ),
        ("cache-secret", "intendly", {"REDIS_URL": ("test/cache", "url")}),
        (
            "grafana-admin",
            "monitoring",
            {
                "admin-user": ("test/grafana", "admin-user"),
                "admin-password": ("test/grafana", "admin-password"),
            },
        ),
        (
            "alertmanager-receivers",
            "monitoring",
            {
                "smtp-password": ("test/receivers", "smtp-password"),
                "pagerduty-routing-key": ("test/receivers", "pagerduty-routing-key"),
                "slack-webhook-url": ("test/receivers", "slack-webhook-url"),
            },
        ),
    ],
)
def test_each_secret_has_the_keys_its_readers_expect(
    made: Recorder, name: str, namespace: str, expected: dict[str, tuple[str, str]]
) -> None:
    assert entries(made, name) == expected
    found = secret(made, name)
    assert found["metadata"]["namespace"] == namespace
    assert found["spec"]["target"] == {"name": name, "creationPolicy": "Owner", "deletionPolicy": "Retain"}
    assert made.follows(found, made.only(STORE))


def test_there_are_these_four_and_no_more(made: Recorder) -> None:
    assert len(made.all(EXTERNAL_SECRET)) == 4


def test_outputs_are_the_secrets_names(deploy: Deploy) -> None:
    made = deploy(platform)
    [outputs] = [made.outputs[one.urn] for one in made.all("intendly:secrets:PlatformSecrets")]
    assert outputs == {
        "database": "database-secret",
        "cache": "cache-secret",
        "grafana": "grafana-admin",
        "receivers": "alertmanager-receivers",
    }
