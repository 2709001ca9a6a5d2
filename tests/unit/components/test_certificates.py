import json

import pulumi
import pytest

from components.certificates import (
    CertificateArgs,
    Certificates,
    CertificatesArgs,
    Issuer,
    certificate,
    dns_challenge_policy,
)
from components.monitoring.definitions import MonitoringDefinitions
from tests.support.recorder import Recorder
from tests.unit.conftest import Deploy

RELEASE = "kubernetes:helm.sh/v3:Release"
ISSUER = "kubernetes:cert-manager.io/v1:ClusterIssuer"
CERTIFICATE = "kubernetes:cert-manager.io/v1:Certificate"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"


def run(deploy: Deploy, issuer: Issuer = "letsencrypt") -> Recorder:
    def program() -> None:
        definitions = MonitoringDefinitions(
            "definitions", namespace="monitoring", chart_repository="https://charts.example"
        )
        manager = Certificates(
            "certificates",
            CertificatesArgs(
                namespace="cert-manager",
                cluster_name="intendly-test-eks",
                role_name="intendly-test-cert-manager",
                region="us-east-1",
                zone_id="Z0123",
                issuer=issuer,
                email="devops@intendly.xyz",
                chart_repository="https://charts.example",
                monitoring_definitions=definitions,
            ),
        )
        certificate(
            "api",
            CertificateArgs(
                namespace="intendly",
                secret_name="api-tls-secret",
                host="api.intendly.xyz",
                issuer_name=manager.issuer_name,
            ),
            pulumi.ResourceOptions(),
        )

    return deploy(program)


def test_cert_manager_brings_its_definitions_and_keeps_them(deploy: Deploy) -> None:
    manager = run(deploy).named(RELEASE, "certificates-release")
    assert (manager["name"], manager["version"]) == ("cert-manager", "v1.21.1")
    assert manager["values"]["crds"] == {"enabled": True, "keep": True}


@pytest.mark.parametrize(
    ("issuer", "server"),
    [
        ("letsencrypt", "https://acme-v02.api.letsencrypt.org/directory"),
        ("letsencrypt-staging", "https://acme-staging-v02.api.letsencrypt.org/directory"),
    ],
)
def test_the_issuer_proves_ownership_by_dns_in_the_hosts_zone(
    deploy: Deploy, issuer: Issuer, server: str
) -> None:
    made = run(deploy, issuer)
    found = made.only(ISSUER)
    assert found["metadata"]["name"] == issuer
    assert found["spec"]["acme"] == {
        "server": server,
        "email": "devops@intendly.xyz",
        "privateKeySecretRef": {"name": f"{issuer}-account"},
        "solvers": [{"dns01": {"route53": {"region": "us-east-1", "hostedZoneID": "Z0123"}}}],
    }
    assert made.follows(found, made.named(RELEASE, "certificates-release"))


def test_the_manager_starts_with_its_identity(deploy: Deploy) -> None:
    made = run(deploy)
    association = made.only(ASSOCIATION)
    assert (association["namespace"], association["serviceAccount"]) == ("cert-manager", "cert-manager")
    manager = made.named(RELEASE, "certificates-release")
    assert made.follows(manager, association)
    assert made.follows(manager, made.named(RELEASE, "definitions-release"))


def test_it_may_change_nothing_but_challenges_of_its_zone() -> None:
    statements = json.loads(dns_challenge_policy("Z0123"))["Statement"]
    [change] = [one for one in statements if one["Action"] == "route53:ChangeResourceRecordSets"]
    assert change["Resource"] == "arn:aws:route53:::hostedzone/Z0123"
    assert change["Condition"] == {
        "ForAllValues:StringEquals": {"route53:ChangeResourceRecordSetsRecordTypes": ["TXT"]},
        "ForAllValues:StringLike": {
            "route53:ChangeResourceRecordSetsNormalizedRecordNames": ["_acme-challenge.*"]
        },
    }
    assert {one["Action"] for one in statements} == {
        "route53:GetChange",
        "route53:ListResourceRecordSets",
        "route53:ChangeResourceRecordSets",
    }
    assert all(one["Resource"] != "*" for one in statements)


def test_a_certificate_is_named_like_its_secret_and_waits_for_the_issuer(deploy: Deploy) -> None:
    made = run(deploy)
    found = made.only(CERTIFICATE)
    assert found["metadata"] == {"name": "api-tls-secret", "namespace": "intendly"}
    assert found["spec"]["secretName"] == "api-tls-secret"
    assert found["spec"]["dnsNames"] == ["api.intendly.xyz"]
    assert found["spec"]["issuerRef"] == {
        "group": "cert-manager.io",
        "kind": "ClusterIssuer",
        "name": "letsencrypt",
    }
    assert made.follows(found, made.only(ISSUER))
