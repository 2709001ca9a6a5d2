"""The manual's alerts as data, and the rules made of them."""

from dataclasses import dataclass
from typing import Literal

from components import kubernetes_names as names
from components.helm import Values
from components.monitoring import catalogue as metric

Severity = Literal["critical", "warning", "info"]


@dataclass(frozen=True, kw_only=True)
class Alert:
    """Fires when `query` stands on the wrong side of `threshold` for `hold`.

    A query that divides by no traffic gives no number, and no alarm.
    """

    name: str
    severity: Severity
    query: str
    comparison: Literal[">", "<", "=="]
    threshold: float
    hold: str
    """How long it must last, as a Prometheus duration; `0s` where the query itself looks back."""
    absent: tuple[str, ...] = ()
    """Selectors that must find something: an alert of what is down must also fire when nothing tells."""
    summary: str

    @property
    def expression(self) -> str:
        """The rule's PromQL."""
        compared = f"{self.query} {self.comparison} {self.threshold:g}"
        return " or ".join([compared, *(f"absent({selector})" for selector in self.absent)])

    @property
    def rule(self) -> Values:
        """The alert as Prometheus reads it."""
        return {
            "alert": self.name,
            "expr": self.expression,
            "for": self.hold,
            "labels": {"severity": self.severity},
            "annotations": {"summary": self.summary},
        }


_JOBS = f'job=~"{metric.APPLICATION_JOBS}"'

_REAL_FILE_SYSTEM = 'fstype!~"tmpfs|ramfs|overlay|squashfs"'

CRITICAL: tuple[Alert, ...] = (
    Alert(
        name="ServiceDown",
        severity="critical",
        query=f"min by (job) ({metric.UP}{{{_JOBS}}})",
        comparison="==",
        threshold=0,
        hold="1m",
        absent=tuple(f'{metric.UP}{{job="{app}"}}' for app in names.APPLICATIONS),
        summary="{{ $labels.job }}: a pod gives no metrics, or there is none",
    ),
    Alert(
        name="HighErrorRate",
        severity="critical",
        query=(
            f'sum by (job) (rate({metric.HTTP_REQUESTS}{{{_JOBS},status=~"5.."}}[2m]))'
            f" / sum by (job) (rate({metric.HTTP_REQUESTS}{{{_JOBS}}}[2m]))"
        ),
        comparison=">",
        threshold=0.05,
        hold="2m",
        summary="{{ $labels.job }}: {{ $value | humanizePercentage }} of requests fail",
    ),
    Alert(
        name="DatabaseDown",
        severity="critical",
        query=f"max({metric.DATABASE_UP})",
        comparison="==",
        threshold=0,
        hold="1m",
        absent=(metric.DATABASE_UP.name,),
        summary="The database does not answer, or nothing asks it",
    ),
    Alert(
        name="RedisDown",
        severity="critical",
        query=f"max({metric.REDIS_UP})",
        comparison="==",
        threshold=0,
        hold="1m",
        absent=(metric.REDIS_UP.name,),
        summary="The cache does not answer, or nothing asks it",
    ),
    Alert(
        name="IntentProcessingStalled",
        severity="critical",
        query=f"sum(increase({metric.INTENTS_PROCESSED}[5m]))",
        comparison="==",
        threshold=0,
        hold="0s",
        absent=(metric.INTENTS_PROCESSED.name,),
        summary="No intent was processed for five minutes",
    ),
    Alert(
        name="BlockchainConnectionLost",
        severity="critical",
        # Several pods probe: one that gets through is enough.
        query=f'max({metric.PROBE_SUCCESS}{{target="{metric.RPC_TARGET}"}})',
        comparison="==",
        threshold=0,
        hold="1m",
        absent=(f'{metric.PROBE_SUCCESS}{{target="{metric.RPC_TARGET}"}}',),
        summary="The blockchain's RPC does not answer, or nothing asks it",
    ),
)

WARNING: tuple[Alert, ...] = (
    Alert(
        name="HighCPUUsage",
        severity="warning",
        query=f'1 - avg by (instance) (rate({metric.NODE_CPU}{{mode="idle"}}[2m]))',
        comparison=">",
        threshold=0.8,
        hold="5m",
        summary="Node {{ $labels.instance }}: CPU at {{ $value | humanizePercentage }}",
    ),
    Alert(
        name="HighMemoryUsage",
        severity="warning",
        query=f"1 - {metric.NODE_MEMORY_AVAILABLE} / {metric.NODE_MEMORY_TOTAL}",
        comparison=">",
        threshold=0.85,
        hold="5m",
        summary="Node {{ $labels.instance }}: memory at {{ $value | humanizePercentage }}",
    ),
    Alert(
        name="DiskSpaceLow",
        severity="warning",
        # A file system that is mounted twice is one disk.
        query=(
            f"1 - min by (instance, device) ({metric.NODE_FILESYSTEM_FREE}{{{_REAL_FILE_SYSTEM}}}"
            f" / {metric.NODE_FILESYSTEM_SIZE}{{{_REAL_FILE_SYSTEM}}})"
        ),
        comparison=">",
        threshold=0.85,
        hold="5m",
        summary="Node {{ $labels.instance }}: {{ $labels.device }} at {{ $value | humanizePercentage }}",
    ),
    Alert(
        name="HighResponseTime",
        severity="warning",
        query=(
            "histogram_quantile(0.95, sum by (job, le)"
            f" (rate({metric.HTTP_REQUEST_DURATION}_bucket{{{_JOBS}}}[5m])))"
        ),
        comparison=">",
        threshold=2,
        hold="5m",
        summary="{{ $labels.job }}: one request in twenty takes longer than {{ $value | humanizeDuration }}",
    ),
    Alert(
        name="LowSolverParticipation",
        severity="warning",
        # Every pod of the coordinator tells the same number.
        query=f"max({metric.ACTIVE_SOLVERS})",
        comparison="<",
        threshold=3,
        hold="5m",
        summary="Only {{ $value }} solvers may bid",
    ),
)

INFO: tuple[Alert, ...] = (
    Alert(
        name="LowTradingVolume",
        severity="info",
        query=f"sum(increase({metric.TRADING_VOLUME}[1h]))",
        comparison="<",
        threshold=1000,
        hold="5m",
        summary="{{ $value | humanize }} USD were traded in the last hour",
    ),
    Alert(
        name="HighSlippageRate",
        severity="info",
        query=f"sum(rate({metric.SLIPPAGE}_sum[15m])) / sum(rate({metric.SLIPPAGE}_count[15m]))",
        comparison=">",
        threshold=50,
        hold="5m",
        summary="Mean slippage is {{ $value | humanize }} basis points",
    ),
    Alert(
        name="SolverPerformanceDegraded",
        severity="info",
        query=f"avg by (solver) ({metric.SOLVER_SUCCESS_RATE})",
        comparison="<",
        threshold=0.95,
        hold="5m",
        summary="Solver {{ $labels.solver }} succeeds in {{ $value | humanizePercentage }}",
    ),
)

ALERTS: tuple[Alert, ...] = (*CRITICAL, *WARNING, *INFO)


def rule_spec() -> Values:
    """Spec of the PrometheusRule: a group for each severity."""
    groups = {"critical": CRITICAL, "warning": WARNING, "info": INFO}
    return {
        "groups": [
            {"name": f"intendly-{severity}", "rules": [alert.rule for alert in alerts]}
            for severity, alerts in groups.items()
        ]
    }
