"""The three applications: one image, three commands."""

from typing import Annotated

from pydantic import Field

from infra.settings.base import Settings
from infra.settings.types import CommandWord, ImageByDigest

Command = Annotated[tuple[CommandWord, ...], Field(strict=False, min_length=1, max_length=20)]


class AutoscalingSettings(Settings):
    """A HorizontalPodAutoscaler. To scale such an application by hand is to move its minimum."""

    min_replicas: int = Field(ge=1, le=100, title="Fewest pods", description="Pods that always run.")
    max_replicas: int = Field(ge=1, le=100, title="Most pods", description="Pods that it may reach.")
    cpu_percent: int = Field(
        default=70, ge=10, le=95, title="CPU", description="Mean use that it keeps, in % of the request."
    )
    memory_percent: int = Field(
        default=80, ge=10, le=95, title="Memory", description="Mean use that it keeps, in % of the request."
    )


class ApplicationSettings(Settings):
    """One Deployment: either ``replicas`` or ``autoscaling``, and what each pod gets."""

    replicas: int | None = Field(
        default=None,
        ge=1,
        le=100,
        title="Pods",
        description="Fixed number of pods; leave out with autoscaling.",
    )
    autoscaling: AutoscalingSettings | None = Field(
        default=None, title="Autoscaling", description="Limits of an autoscaler; leave out with replicas."
    )
    command: Command = Field(title="Command", description="What the container runs, word by word.")
    database_pool_max: int = Field(
        default=20,
        ge=1,
        le=200,
        title="Database pool",
        description="Most connections of a pod (DB_POOL_MAX).",
    )
    cpu_request_millicores: int = Field(
        default=500,
        ge=50,
        le=16000,
        title="CPU",
        description="Reserved for a pod, in millicores; there is no limit.",
    )
    memory_request_mib: int = Field(
        default=2048, ge=128, le=65536, title="Memory", description="Reserved for a pod, in MiB."
    )
    memory_limit_mib: int = Field(
        default=2048, ge=128, le=65536, title="Memory limit", description="Above it a pod is killed, in MiB."
    )
    heap_mib: int = Field(
        default=1536,
        ge=64,
        le=65536,
        title="Node.js heap",
        description="--max-old-space-size in NODE_OPTIONS, in MiB; at most the limit divided by 1.25.",
    )

    @property
    def max_pods(self) -> int:
        """The most pods that may run when nothing is being rolled out."""
        return self.autoscaling.max_replicas if self.autoscaling else self.replicas or 0

    @property
    def min_pods(self) -> int:
        """The pods that always run."""
        return self.autoscaling.min_replicas if self.autoscaling else self.replicas or 0


class RelayerSettings(ApplicationSettings):
    """backend-relayer: takes intents in."""

    command: Command = Field(
        default=("node", "dist/relayer.js"),
        title="Command",
        description="What the container runs, word by word.",
    )


class CoordinatorSettings(ApplicationSettings):
    """backend-coordinator: coordinates bids."""

    command: Command = Field(
        default=("node", "dist/coordinator.js"),
        title="Command",
        description="What the container runs, word by word.",
    )


class WebsocketSettings(ApplicationSettings):
    """websocket-server: real-time updates."""

    command: Command = Field(
        default=("node", "dist/websocket.js"),
        title="Command",
        description="What the container runs, word by word.",
    )
    max_connections: int = Field(
        default=20000,
        ge=1,
        le=100000,
        title="Connections",
        description="Most clients of a pod (WS_MAX_CONNECTIONS).",
    )


class ApplicationsSettings(Settings):
    """Image and applications."""

    image: ImageByDigest = Field(title="Image", description="The image of all three, by digest.")
    backend_relayer: RelayerSettings = Field(title="backend-relayer", description="Takes intents in.")
    backend_coordinator: CoordinatorSettings = Field(
        title="backend-coordinator", description="Coordinates bids."
    )
    websocket_server: WebsocketSettings = Field(title="websocket-server", description="Real-time updates.")
