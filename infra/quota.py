"""The quota of namespace `intendly`, from the applications' maxima."""

from typing import Final, NamedTuple

import pulumi

from components.quota import QuotaArgs
from infra.settings import StackSettings

ROLLOUT_FACTOR: Final = 2
"""Pods of an application at once, by its maximum: a leaving pod counts until it is gone, so a rollout may hold all old
and all new ones side by side. A tighter quota would stop rollouts in the very rush for which pods were added."""


class Room(NamedTuple):
    """What some pods take together."""

    pods: int
    cpu_millicores: int
    memory_request_mib: int
    memory_limit_mib: int


JOBS: Final = Room(pods=10, cpu_millicores=4000, memory_request_mib=8192, memory_limit_mib=16384)
"""Room for jobs beside the applications: dumps, checks and what an operator starts by hand."""


def quota(settings: StackSettings, namespace: pulumi.Input[str]) -> QuotaArgs:
    """What the namespace may hold: twice every application's maximum, and the jobs."""
    wanted = settings.applications
    rooms = [JOBS]
    for application in (wanted.backend_relayer, wanted.backend_coordinator, wanted.websocket_server):
        pods = ROLLOUT_FACTOR * application.max_pods
        rooms.append(
            Room(
                pods=pods,
                cpu_millicores=pods * application.cpu_request_millicores,
                memory_request_mib=pods * application.memory_request_mib,
                memory_limit_mib=pods * application.memory_limit_mib,
            )
        )
    return QuotaArgs(
        namespace=namespace,
        pods=sum(room.pods for room in rooms),
        cpu_request_millicores=sum(room.cpu_millicores for room in rooms),
        memory_request_mib=sum(room.memory_request_mib for room in rooms),
        memory_limit_mib=sum(room.memory_limit_mib for room in rooms),
    )
