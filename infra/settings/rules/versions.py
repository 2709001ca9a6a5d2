"""Rules between the Kubernetes versions of control plane, nodes, add-ons and autoscaler."""

from collections.abc import Iterator
from typing import Final

from components.versions import CLUSTER_AUTOSCALER_IMAGES
from infra.settings.errors import Problem
from infra.settings.rules.base import Rule, problem
from infra.settings.stack import StackSettings

NODES_MAY_LAG: Final = 1
"""Minor versions that nodes may be behind the control plane. EKS refuses the control plane's next upgrade while a
managed group lags (API reference, UpdateClusterVersion), so more than one is never reached."""

PROXY_MAY_LAG: Final = 3
"""Minor versions that kube-proxy may be behind the API server (Kubernetes, version skew policy); never ahead."""


def minor(version: str) -> int:
    """Give the minor version of `1.36` or of an add-on's `v1.36.0-eksbuild.25`."""
    return int(version.removeprefix("v").split(".")[1])


def nodes_follow_the_control_plane(settings: StackSettings) -> Iterator[Problem]:
    """The control plane goes first, one minor version at a time; nodes come after it and never go back."""
    cluster = settings.cluster.kubernetes_version
    for name, group in settings.cluster.node_groups.items():
        version = group.kubernetes_version or cluster
        behind = minor(cluster) - minor(version)
        if not 0 <= behind <= NODES_MAY_LAG:
            yield problem(
                f'"{version}" is {abs(behind)} minor versions {"behind" if behind > 0 else "ahead of"} '
                f'kubernetesVersion "{cluster}"; allowed: "{cluster}" or "1.{minor(cluster) - 1}"',
                "cluster",
                "nodeGroups",
                name,
                "kubernetesVersion",
            )


def kube_proxy_follows_the_control_plane(settings: StackSettings) -> Iterator[Problem]:
    """A kube-proxy newer than the API server is not supported; the add-on of another minor version is refused."""
    cluster, proxy = settings.cluster.kubernetes_version, settings.cluster.addons.kube_proxy
    behind = minor(cluster) - minor(proxy)
    if not 0 <= behind <= PROXY_MAY_LAG:
        yield problem(
            f"{proxy} does not fit kubernetesVersion {cluster}; allowed: 1.{minor(cluster) - PROXY_MAY_LAG} "
            f"to {cluster}, as aws eks describe-addon-versions lists them",
            "cluster",
            "addons",
            "kubeProxy",
        )


def autoscaler_has_the_version(settings: StackSettings) -> Iterator[Problem]:
    """The autoscaler simulates the scheduler of one minor version."""
    version = settings.cluster.kubernetes_version
    if version not in CLUSTER_AUTOSCALER_IMAGES:
        yield problem(
            f'no cluster autoscaler is pinned for "{version}" (components/versions.py); allowed: '
            + ", ".join(CLUSTER_AUTOSCALER_IMAGES),
            "cluster",
            "kubernetesVersion",
        )


VERSION_RULES: Final[tuple[Rule, ...]] = (
    nodes_follow_the_control_plane,
    kube_proxy_follows_the_control_plane,
    autoscaler_has_the_version,
)
"""All rules of this file."""
