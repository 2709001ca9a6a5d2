"""What Helm wrote down of its releases: a Secret a revision, with its status in a label."""

from dataclasses import dataclass
from typing import Final

from operations.clients.kubernetes import KubernetesClient
from operations.json_object import Json, text

NONE: Final = ""
UNDER_WAY: Final = frozenset({"pending-install", "pending-upgrade", "pending-rollback"})
"""A revision that was begun; while the newest is one, Helm refuses every change of the release."""


@dataclass(frozen=True, kw_only=True)
class Revision:
    """The newest revision of a release; ``status`` is empty when there is no release."""

    status: str
    namespace: str
    secret: str


class HelmReleases:
    """Reads revisions, and removes one that was never finished.

    Args:
        cluster: where they are.
    """

    def __init__(self, cluster: KubernetesClient) -> None:
        self._cluster = cluster

    def newest(self, namespace: str, name: str) -> Revision:
        """The newest revision of a release.

        Raises:
            ClusterError: the cluster does not answer.
        """
        selector = f"owner%3Dhelm%2Cname%3D{name}"
        found = self._cluster.list(f"/api/v1/namespaces/{namespace}/secrets?labelSelector={selector}")
        if not found:
            return Revision(status=NONE, namespace=namespace, secret="")
        newest = max(found, key=_number)
        return Revision(
            status=text(newest, "metadata", "labels", "status"),
            namespace=namespace,
            secret=text(newest, "metadata", "name"),
        )

    def drop(self, revision: Revision) -> None:
        """Remove a revision that was never finished: the one before it is the release again.

        Raises:
            ClusterError: the cluster does not answer, or refuses.
        """
        self._cluster.delete(f"/api/v1/namespaces/{revision.namespace}/secrets/{revision.secret}")


def _number(secret: Json) -> int:
    version = text(secret, "metadata", "labels", "version")
    return int(version) if version.isdigit() else 0
