"""The blockchain and the chart repositories: what lives elsewhere."""

from typing import Final, Literal

from pydantic import Field

from infra.settings.base import Settings
from infra.settings.types import ChartRepositoryUrl, ContractAddress, HttpsUrl

MAINNET: Final = 196
"""X Layer mainnet's chain id. X Layer's documentation ("Network information") gives 1952 for the test network."""


class ChainSettings(Settings):
    """The network on which intents settle."""

    id: Literal[196, 1952] = Field(
        default=MAINNET, title="Chain", description="196 is X Layer mainnet, 1952 the X Layer test network."
    )
    rpc_url: HttpsUrl = Field(
        default="https://xlayerrpc.okx.com",
        title="RPC address",
        description="Where the applications reach the chain.",
    )
    contract_address: ContractAddress | None = Field(
        default=None,
        title="Contract",
        description="Address of the settlement contract; null until it is deployed.",
    )


class ChartRepositoriesSettings(Settings):
    """Where Helm charts come from; a company's mirror can stand in for each."""

    prometheus_community: ChartRepositoryUrl = Field(
        default="https://prometheus-community.github.io/helm-charts",
        title="prometheus-community",
        description="Repository of kube-prometheus-stack and prometheus-operator-crds.",
    )
    traefik: ChartRepositoryUrl = Field(
        default="https://traefik.github.io/charts", title="traefik", description="Repository of traefik."
    )
    external_secrets: ChartRepositoryUrl = Field(
        default="https://charts.external-secrets.io",
        title="external-secrets",
        description="Repository of external-secrets.",
    )
    jetstack: ChartRepositoryUrl = Field(
        default="https://charts.jetstack.io", title="jetstack", description="Repository of cert-manager."
    )
    autoscaler: ChartRepositoryUrl = Field(
        default="https://kubernetes.github.io/autoscaler",
        title="autoscaler",
        description="Repository of cluster-autoscaler.",
    )
    eks: ChartRepositoryUrl = Field(
        default="https://aws.github.io/eks-charts",
        title="eks-charts",
        description="Repository of aws-for-fluent-bit.",
    )
