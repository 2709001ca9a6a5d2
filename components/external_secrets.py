"""External Secrets: the operator, and what it may read in Secrets Manager."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components import kubernetes_names as names
from components.helm import Values, release
from components.named import name_of
from components.pod_identity import PodIdentity, PodIdentityArgs
from components.versions import EXTERNAL_SECRETS

API_VERSION = "external-secrets.io/v1"

STORE = "secrets-manager"

SERVICE_ACCOUNT = "external-secrets"
"""The chart's name for the account of the controller, the only part that reads secrets."""


def external_secrets_values() -> Values:
    """Values of the chart: two controllers of which one leads, two webhooks, monitored and drainable."""
    return {
        "replicaCount": 2,
        # Off by default: two replicas would both write.
        "leaderElect": True,
        "concurrent": 5,
        # Removing the definitions would remove every Secret that they own.
        "crds": {"annotations": {"helm.sh/resource-policy": "keep"}},
        "podDisruptionBudget": {"enabled": True, "minAvailable": 1},
        # Without alwaysRender the monitor is left out silently where its definition is not found.
        "serviceMonitor": {"enabled": True, "renderMode": "alwaysRender"},
        "resources": {"requests": {"cpu": "20m", "memory": "96Mi"}, "limits": {"memory": "256Mi"}},
        "webhook": {
            "replicaCount": 2,
            "podDisruptionBudget": {"enabled": True, "minAvailable": 1},
            "resources": {"requests": {"cpu": "10m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
        },
        "certController": {
            "resources": {"requests": {"cpu": "10m", "memory": "96Mi"}, "limits": {"memory": "256Mi"}}
        },
    }


def reader_policy(secret_arns: Sequence[str], key_arn: str, region: str) -> str:
    """IAM policy, as JSON: read these secrets, decrypt with this key by way of Secrets Manager, nothing else."""
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
                    "Resource": list(secret_arns),
                },
                {
                    "Effect": "Allow",
                    "Action": "kms:Decrypt",
                    "Resource": key_arn,
                    "Condition": {
                        "StringEquals": {"kms:ViaService": f"secretsmanager.{region}.amazonaws.com"}
                    },
                },
            ],
        }
    )


@dataclass(frozen=True, kw_only=True)
class ExternalSecretsArgs:
    """What the operator needs."""

    namespace: pulumi.Input[str]
    """The operator's own namespace, `external-secrets`."""
    reader_namespaces: Sequence[pulumi.Input[str]]
    """Namespaces whose ExternalSecrets may use the store."""
    cluster_name: pulumi.Input[str]
    role_name: str
    """Name of the IAM role that the controller takes."""
    region: str
    secret_arns: Sequence[pulumi.Input[str]]
    """Secrets the controller may read; it can read no other."""
    key_arn: pulumi.Input[str]
    """KMS key that those secrets are encrypted with."""
    chart_repository: str
    """URL of the chart repository."""
    monitoring_definitions: pulumi.Resource
    """The Prometheus Operator's resource definitions: the chart's ServiceMonitor needs them to be there."""


class ExternalSecrets(pulumi.ComponentResource):
    """The operator and the one store, AWS Secrets Manager, through Pod Identity."""

    store_name: pulumi.Output[str]
    """Name of the ClusterSecretStore; who uses it waits for the operator."""

    def __init__(
        self, name: str, args: ExternalSecretsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("intendly:secrets:ExternalSecrets", name, None, opts)
        identity = PodIdentity(
            f"{name}-identity",
            PodIdentityArgs(
                cluster_name=args.cluster_name,
                namespace=names.EXTERNAL_SECRETS_NAMESPACE,
                service_account=SERVICE_ACCOUNT,
                role_name=args.role_name,
                policy=pulumi.Output.all(args.key_arn, *args.secret_arns).apply(
                    lambda arns: reader_policy(arns[1:], arns[0], args.region)
                ),
            ),
            pulumi.ResourceOptions(parent=self),
        )
        operator = release(
            f"{name}-release",
            EXTERNAL_SECRETS,
            namespace=args.namespace,
            repository=args.chart_repository,
            values=external_secrets_values(),
            # Credentials reach a pod only when the association exists before the pod.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[identity, args.monitoring_definitions]),
        )
        store = CustomResource(
            f"{name}-store",
            api_version=API_VERSION,
            kind="ClusterSecretStore",
            metadata=ObjectMetaArgs(name=STORE),
            spec={
                "provider": {"aws": {"service": "SecretsManager", "region": args.region}},
                "conditions": [{"namespaces": list(args.reader_namespaces)}],
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[operator]),
        )
        self.store_name = name_of(store, STORE)
        self.register_outputs({"store_name": self.store_name})
