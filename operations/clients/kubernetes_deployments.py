"""The applications' Deployments: stopped and started by their number of replicas, and waited for."""

import time
from collections.abc import Callable, Mapping
from typing import Final

from operations.clients.kubernetes import KubernetesClient
from operations.errors import ClusterError
from operations.json_object import Json, number, text

PATH: Final = "/apis/apps/v1/namespaces/intendly/deployments"

WAIT_S: Final = 300
"""For all of them to stop, or to be ready: the time that the operations manual gives a rollout."""

PAUSE_S: Final = 2.0


class Deployments:
    """The applications in a cluster.

    Args:
        client: the cluster.
        pause: what passes between two looks.
    """

    def __init__(
        self, client: KubernetesClient, pause: Callable[[], None] = lambda: time.sleep(PAUSE_S)
    ) -> None:
        self._client = client
        self._pause = pause

    def replicas(self) -> dict[str, int]:
        """How many of each are wanted now.

        Raises:
            ClusterError: the cluster does not answer, or refuses.
        """
        return {_name(one): number(one, "spec", "replicas") for one in self._client.list(PATH)}

    def scale(self, wanted: Mapping[str, int]) -> None:
        """Want so many of each, and wait until it is so. An autoscaler rests at 0 and takes over above it.

        Raises:
            ClusterError: the cluster refuses, or they are not there in time.
        """
        for name, replicas in wanted.items():
            self._client.patch(f"{PATH}/{name}", {"spec": {"replicas": replicas}})
        deadline = time.monotonic() + WAIT_S
        while waiting := self._unsettled(wanted):
            if time.monotonic() > deadline:
                raise ClusterError(
                    f"after {WAIT_S} s these are not as wanted: {', '.join(waiting)}",
                    "kubectl -n intendly get pods; then run the command again",
                )
            self._pause()

    def _unsettled(self, wanted: Mapping[str, int]) -> list[str]:
        there = {_name(one): one for one in self._client.list(PATH)}
        return [name for name, replicas in wanted.items() if not _settled(there.get(name, {}), replicas)]


def _settled(deployment: Json, replicas: int) -> bool:
    """Whether all that are wanted are ready, or, for 0, none is left."""
    seen = number(deployment, "status", "observedGeneration") >= number(deployment, "metadata", "generation")
    if replicas == 0:
        return seen and number(deployment, "status", "replicas") == 0
    return seen and number(deployment, "status", "readyReplicas") >= replicas


def _name(deployment: Json) -> str:
    return text(deployment, "metadata", "name")
