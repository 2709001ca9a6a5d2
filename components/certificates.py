"""cert-manager, the ACME issuer that proves ownership by DNS, and the certificates of the hosts."""

import json
from dataclasses import dataclass
from typing import Literal

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components import kubernetes_names as names
from components.helm import Values, release
from components.named import name_of
from components.pod_identity import PodIdentity, PodIdentityArgs
from components.versions import CERT_MANAGER

API_VERSION = "cert-manager.io/v1"

SERVICE_ACCOUNT = "cert-manager"
"""The chart's name for the controller's account, which writes the DNS challenges."""

Issuer = Literal["letsencrypt", "letsencrypt-staging"]

ACME_SERVERS: dict[Issuer, str] = {
    "letsencrypt": "https://acme-v02.api.letsencrypt.org/directory",
    # Its limits are far higher and browsers do not trust it: for stacks that come and go.
    "letsencrypt-staging": "https://acme-staging-v02.api.letsencrypt.org/directory",
}


def cert_manager_values() -> Values:
    """Values of the chart: two of each part, its definitions upgraded with it and kept when it goes."""
    return {
        "crds": {"enabled": True, "keep": True},
        "replicaCount": 2,
        "podDisruptionBudget": {"enabled": True},
        "prometheus": {"enabled": True, "servicemonitor": {"enabled": True, "interval": "60s"}},
        "resources": {"requests": {"cpu": "20m", "memory": "96Mi"}, "limits": {"memory": "256Mi"}},
        "webhook": {
            "replicaCount": 2,
            "podDisruptionBudget": {"enabled": True},
            "resources": {"requests": {"cpu": "10m", "memory": "48Mi"}, "limits": {"memory": "128Mi"}},
        },
        "cainjector": {
            "replicaCount": 2,
            "podDisruptionBudget": {"enabled": True},
            "resources": {"requests": {"cpu": "10m", "memory": "96Mi"}, "limits": {"memory": "256Mi"}},
        },
        "startupapicheck": {
            "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "64Mi"}}
        },
    }


def dns_challenge_policy(zone_id: str) -> str:
    """IAM policy, as JSON: write the ACME challenges of one hosted zone, and no other record.

    cert-manager's documentation names the actions; the conditions keep it to `TXT` records of challenge names.
    """
    zone = f"arn:aws:route53:::hostedzone/{zone_id}"
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "route53:GetChange",
                    # A change's id is not known before the change.
                    "Resource": "arn:aws:route53:::change/*",
                },
                {"Effect": "Allow", "Action": "route53:ListResourceRecordSets", "Resource": zone},
                {
                    "Effect": "Allow",
                    "Action": "route53:ChangeResourceRecordSets",
                    "Resource": zone,
                    "Condition": {
                        "ForAllValues:StringEquals": {"route53:ChangeResourceRecordSetsRecordTypes": ["TXT"]},
                        "ForAllValues:StringLike": {
                            "route53:ChangeResourceRecordSetsNormalizedRecordNames": ["_acme-challenge.*"]
                        },
                    },
                },
            ],
        }
    )


@dataclass(frozen=True, kw_only=True)
class CertificatesArgs:
    """What cert-manager and the issuer need."""

    namespace: pulumi.Input[str]
    """cert-manager's own namespace."""
    cluster_name: pulumi.Input[str]
    role_name: str
    """Name of the IAM role that the controller takes."""
    region: str
    zone_id: str
    """Hosted zone in which the hosts' names live, and in which challenges are answered."""
    issuer: Issuer
    email: str
    """Where Let's Encrypt writes about the account."""
    chart_repository: str
    """URL of the chart repository."""
    monitoring_definitions: pulumi.Resource
    """The Prometheus Operator's resource definitions: the chart's ServiceMonitor needs them to be there."""


class Certificates(pulumi.ComponentResource):
    """cert-manager with its issuer."""

    issuer_name: pulumi.Output[str]
    """Name of the ClusterIssuer; who uses it waits for it."""

    def __init__(self, name: str, args: CertificatesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("intendly:certificates:Certificates", name, None, opts)
        identity = PodIdentity(
            f"{name}-identity",
            PodIdentityArgs(
                cluster_name=args.cluster_name,
                namespace=names.CERT_MANAGER_NAMESPACE,
                service_account=SERVICE_ACCOUNT,
                role_name=args.role_name,
                policy=dns_challenge_policy(args.zone_id),
            ),
            pulumi.ResourceOptions(parent=self),
        )
        manager = release(
            f"{name}-release",
            CERT_MANAGER,
            namespace=args.namespace,
            repository=args.chart_repository,
            values=cert_manager_values(),
            # Credentials reach a pod only when the association exists before the pod.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[identity, args.monitoring_definitions]),
        )
        issuer = CustomResource(
            f"{name}-issuer",
            api_version=API_VERSION,
            kind="ClusterIssuer",
            metadata=ObjectMetaArgs(name=args.issuer),
            spec=issuer_spec(args),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[manager]),
        )
        self.issuer_name = name_of(issuer, args.issuer)
        self.register_outputs({"issuer_name": self.issuer_name})


def issuer_spec(args: CertificatesArgs) -> Values:
    """An ACME account whose orders are proven by DNS-01: works behind any ingress controller."""
    return {
        "acme": {
            "server": ACME_SERVERS[args.issuer],
            "email": args.email,
            "privateKeySecretRef": {"name": f"{args.issuer}-account"},
            "solvers": [{"dns01": {"route53": {"region": args.region, "hostedZoneID": args.zone_id}}}],
        }
    }


@dataclass(frozen=True, kw_only=True)
class CertificateArgs:
    """One certificate for one host."""

    namespace: pulumi.Input[str]
    secret_name: str
    """Name of the TLS Secret, and of the Certificate."""
    host: str
    issuer_name: pulumi.Input[str]


def certificate(logical_name: str, args: CertificateArgs, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """Register one Certificate; the result is the TLS Secret's name, and carries the dependency.

    The lifetime is the issuer's (90 days); cert-manager renews after two thirds of it, 30 days before the end.
    """
    made = CustomResource(
        logical_name,
        api_version=API_VERSION,
        kind="Certificate",
        metadata=ObjectMetaArgs(name=args.secret_name, namespace=args.namespace),
        spec={
            "secretName": args.secret_name,
            "dnsNames": [args.host],
            "issuerRef": {"group": "cert-manager.io", "kind": "ClusterIssuer", "name": args.issuer_name},
            "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
        },
        opts=opts,
    )
    return name_of(made, args.secret_name)
