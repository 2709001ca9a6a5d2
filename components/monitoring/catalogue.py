"""Every metric that our own rules name, in one home.

Authors of the applications read here what their programs must export, under which name and in which unit.
"""

from dataclasses import dataclass
from typing import Literal

from components import kubernetes_names as names


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One metric. A histogram also has the series `_bucket`, `_sum` and `_count`."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    meaning: str
    """What it measures, and in which unit."""

    def __str__(self) -> str:
        return self.name


APPLICATION_JOBS = "|".join(names.APPLICATIONS)
"""Regular expression for the label `job` of the applications' own metrics: the Deployments' names."""

UP = Metric(name="up", kind="gauge", meaning="1 when Prometheus could read a pod's metrics, else 0")

# Business metrics, exported by the applications.
INTENTS_PROCESSED = Metric(name="intents_processed_total", kind="counter", meaning="intents taken in")
INTENTS_SETTLED = Metric(name="intents_settled_total", kind="counter", meaning="intents settled on chain")
SETTLEMENT_SUCCESS_RATE = Metric(
    name="settlement_success_rate", kind="gauge", meaning="share of settlements that succeeded, 0 to 1"
)
AVERAGE_SETTLEMENT_TIME = Metric(
    name="average_settlement_time", kind="gauge", meaning="mean time to settle, in seconds"
)
TRADING_VOLUME = Metric(name="trading_volume_usd", kind="counter", meaning="value settled, in USD")
ACTIVE_SOLVERS = Metric(name="active_solvers_count", kind="gauge", meaning="solvers that may bid now")
SLIPPAGE = Metric(
    name="slippage_bps", kind="histogram", meaning="settled against quoted price, in basis points"
)
SOLVER_SUCCESS_RATE = Metric(
    name="solver_success_rate",
    kind="gauge",
    meaning="share of a solver's settlements that succeeded, 0 to 1; label `solver`",
)

# System metrics, exported by the applications.
HTTP_REQUESTS = Metric(
    name="http_requests_total", kind="counter", meaning="requests answered; labels `status`, `endpoint`"
)
HTTP_REQUEST_DURATION = Metric(
    name="http_request_duration_seconds", kind="histogram", meaning="time to answer, in seconds"
)
WEBSOCKET_CONNECTIONS = Metric(
    name="websocket_connections_active", kind="gauge", meaning="open WebSockets of a pod"
)
DATABASE_CONNECTIONS = Metric(
    name="database_connections_active", kind="gauge", meaning="connections a pod's pool holds"
)
REDIS_CLIENTS = Metric(
    name="redis_connected_clients", kind="gauge", meaning="connections to the cache, as it counts them"
)

APPLICATION_METRICS = (
    INTENTS_PROCESSED,
    INTENTS_SETTLED,
    SETTLEMENT_SUCCESS_RATE,
    AVERAGE_SETTLEMENT_TIME,
    TRADING_VOLUME,
    ACTIVE_SOLVERS,
    SLIPPAGE,
    SOLVER_SUCCESS_RATE,
    HTTP_REQUESTS,
    HTTP_REQUEST_DURATION,
    WEBSOCKET_CONNECTIONS,
    DATABASE_CONNECTIONS,
    REDIS_CLIENTS,
)
"""What the applications export, all of it on the metrics port."""

# Infrastructure metrics, exported by node-exporter on every node.
NODE_CPU = Metric(name="node_cpu_seconds_total", kind="counter", meaning="CPU time by `mode`, in seconds")
NODE_MEMORY_AVAILABLE = Metric(
    name="node_memory_MemAvailable_bytes", kind="gauge", meaning="memory that can be had, in bytes"
)
NODE_MEMORY_TOTAL = Metric(name="node_memory_MemTotal_bytes", kind="gauge", meaning="memory, in bytes")
NODE_FILESYSTEM_FREE = Metric(
    name="node_filesystem_free_bytes", kind="gauge", meaning="free space of a file system, in bytes"
)
NODE_FILESYSTEM_SIZE = Metric(
    name="node_filesystem_size_bytes", kind="gauge", meaning="size of a file system, in bytes"
)

# Exported by probes of what is not ours.
DATABASE_UP = Metric(name="pg_up", kind="gauge", meaning="1 when the database answers its exporter, else 0")
REDIS_UP = Metric(name="redis_up", kind="gauge", meaning="1 when the cache answers its exporter, else 0")
PROBE_SUCCESS = Metric(
    name="probe_success", kind="gauge", meaning="1 when a probed address answered as it must; label `target`"
)
RPC_TARGET = "rpc"
"""Label `target` of the probe that asks the blockchain's RPC for its block number."""
