"""Pods' logs: fluent-bit on every node, CloudWatch Logs behind it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch

from components import kubernetes_names as names
from components.helm import Values, release
from components.pod_identity import PodIdentity, PodIdentityArgs
from components.versions import FLUENT_BIT

SERVICE_ACCOUNT = "fluent-bit"

STREAM = "$kubernetes['pod_name'].$kubernetes['container_name']"
"""A stream per container, in fluent-bit's own notation."""

FALLBACK = "unnamed-"
"""Start of a stream's name where the template finds no pod; without a name or prefix fluent-bit refuses to start."""

APPLICATIONS_MATCH = f"kube.*_{names.INTENDLY_NAMESPACE}_*"
"""Tags of the product's containers: `kube.var.log.containers.<pod>_<namespace>_<container>-<id>.log`. Names in
Kubernetes have no underscore, so nothing else has the namespace between two."""

PLATFORM_MATCH = rf"^kube\.[^_]+_(?!{names.INTENDLY_NAMESPACE}_)"
"""A regular expression for the tags of all other containers: each line goes to exactly one group."""


def fluent_bit_values(*, region: str, applications_group: str, platform_group: str) -> Values:
    """Values of the chart: on every node, the product's lines to one group and everybody else's to another.

    Args:
        region: where CloudWatch Logs is.
        applications_group: name of the log group for namespace `intendly`.
        platform_group: name of the log group for all other namespaces.
    """
    return {
        "input": {"memBufLimit": "50MB"},
        "serviceAccount": {"name": SERVICE_ACCOUNT},
        # Every node has logs, whatever it is reserved for.
        "tolerations": [{"operator": "Exists"}],
        "priorityClassName": "system-node-critical",
        "cloudWatchLogs": {
            "enabled": True,
            "match": APPLICATIONS_MATCH,
            "region": region,
            "logGroupName": applications_group,
            "logStreamPrefix": FALLBACK,
            "logStreamTemplate": STREAM,
            # A group made behind the program's back would be kept for ever, unencrypted.
            "autoCreateGroup": False,
        },
        "additionalOutputs": _platform_output(region, platform_group),
        "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}},
    }


def _platform_output(region: str, group: str) -> str:
    """The chart knows one output of a kind; the second is written in fluent-bit's own configuration."""
    settings = {
        "Name": "cloudwatch_logs",
        "Match_Regex": PLATFORM_MATCH,
        "region": region,
        "log_group_name": group,
        "log_stream_prefix": FALLBACK,
        "log_stream_template": STREAM,
        "auto_create_group": "false",
    }
    return "\n".join(["[OUTPUT]", *(f"    {key} {value}" for key, value in settings.items())])


def writer_policy(group_arns: Sequence[str]) -> str:
    """IAM policy, as JSON: write into these groups. Nothing may be read, made or deleted."""
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                    # The streams of a group; AWS writes them with this suffix.
                    "Resource": [f"{arn}:*" for arn in group_arns],
                }
            ],
        }
    )


@dataclass(frozen=True, kw_only=True)
class LogsArgs:
    """What logging needs."""

    namespace: pulumi.Input[str]
    """Namespace `logging`, the only one beside node-exporter's that lets a pod read the node's files."""
    environment: str
    """Part of the groups' names: `/intendly/<environment>/applications` and `.../platform`."""
    cluster_name: pulumi.Input[str]
    region: str
    role_name: str
    """Name of the IAM role that fluent-bit takes."""
    key_arn: pulumi.Input[str]
    """Encrypts both groups."""
    applications_retention_days: int
    platform_retention_days: int
    chart_repository: str
    """URL of the chart repository."""


class Logs(pulumi.ComponentResource):
    """Two encrypted log groups, and fluent-bit, which may write into them and nothing else."""

    applications_group: pulumi.Output[str]
    """Name of the group with the lines of `intendly`: for filters, alarms and queries."""
    platform_group: pulumi.Output[str]
    """Name of the group with the lines of all other namespaces."""

    def __init__(self, name: str, args: LogsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("intendly:logs:Logs", name, None, opts)
        self._name = name
        self._args = args
        applications = self._group("applications", args.applications_retention_days)
        platform = self._group("platform", args.platform_retention_days)
        self.applications_group, self.platform_group = applications.name, platform.name
        identity = PodIdentity(
            f"{name}-identity",
            PodIdentityArgs(
                cluster_name=args.cluster_name,
                namespace=names.LOGGING_NAMESPACE,
                service_account=SERVICE_ACCOUNT,
                role_name=args.role_name,
                policy=pulumi.Output.all(applications.arn, platform.arn).apply(writer_policy),
            ),
            pulumi.ResourceOptions(parent=self),
        )
        release(
            f"{name}-release",
            FLUENT_BIT,
            namespace=args.namespace,
            repository=args.chart_repository,
            values=fluent_bit_values(
                region=args.region,
                applications_group=group_name(args.environment, "applications"),
                platform_group=group_name(args.environment, "platform"),
            ),
            # Credentials reach a pod only when the association exists before the pod; and since the role's policy
            # names the groups, they are there too.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[identity]),
        )
        self.register_outputs(
            {"applications_group": self.applications_group, "platform_group": self.platform_group}
        )

    def _group(self, role: str, retention_days: int) -> cloudwatch.LogGroup:
        return cloudwatch.LogGroup(
            f"{self._name}-{role}",
            name=group_name(self._args.environment, role),
            retention_in_days=retention_days,
            kms_key_id=self._args.key_arn,
            opts=pulumi.ResourceOptions(parent=self),
        )


def group_name(environment: str, role: str) -> str:
    """Name of a log group of the stack."""
    return f"/intendly/{environment}/{role}"
