"""The matrix of allowed traffic, computed from production's policies: docs/traffic.md, `--write` or `--check`."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from components.traffic.declaration import CLOSED, CLOSED_WORKLOADS, OPEN
from tests.support import generated
from tests.support.reachability import Connection, Endpoint
from tests.support.stacks import ROOT
from tests.support.world import belongs, cluster, declared, endpoints

PAGE = ROOT / "docs" / "traffic.md"

PROTOCOLS = ("TCP", "UDP")

OTHER_PORTS = frozenset({1, 22, 80, 443, 2703, 5432, 6379, 6443, 8443, 9094, 10250, 10255, 65535})
"""Ports that are asked beside the declared ones: what an intruder would look for."""


@dataclass(frozen=True, kw_only=True, order=True)
class Opening:
    """A connection that is possible."""

    source: str
    target: str
    port: int
    protocol: str


@cache
def closed(endpoint: Endpoint) -> bool:
    """Whether something is refused to an endpoint."""
    return any(cluster().isolated(endpoint, direction) for direction in ("Ingress", "Egress"))


def asked_ports() -> frozenset[int]:
    """Every port that the matrix asks for."""
    return OTHER_PORTS | {port.number for flow in declared() for port in flow.ports}


@cache
def allowed() -> frozenset[Opening]:
    """What the policies let through, wherever one end is closed."""
    return frozenset(
        Opening(
            source=connection.source.name,
            target=connection.target.name,
            port=connection.port,
            protocol=connection.protocol,
        )
        for connection in _connections()
        if cluster().allows(connection)
    )


@cache
def expected() -> frozenset[Opening]:
    """What the declaration says: each closed end must have declared it."""
    return frozenset(
        Opening(source=one.source.name, target=one.target.name, port=one.port, protocol=one.protocol)
        for one in _connections()
        if (not closed(one.source) or _declares(one, own=one.source))
        and (not closed(one.target) or _declares(one, own=one.target))
    )


def _declares(connection: Connection, *, own: Endpoint) -> bool:
    """Whether a flow covers a connection and names this end itself, not a range that it happens to lie in."""
    names = {workload.name for workload in CLOSED_WORKLOADS}
    return own.name in names and any(
        belongs(connection.source, flow.source)
        and belongs(connection.target, flow.target)
        and own.name in (flow.source.name, flow.target.name)
        and any((port.number, port.protocol) == (connection.port, connection.protocol) for port in flow.ports)
        for flow in declared()
    )


def _connections() -> Iterator[Connection]:
    for source in endpoints():
        for target in endpoints():
            if source is not target and (closed(source) or closed(target)):
                for port in sorted(asked_ports()):
                    for protocol in PROTOCOLS:
                        yield Connection(source=source, target=target, port=port, protocol=protocol)


def _rows() -> Iterator[str]:
    pairs: dict[tuple[str, str], list[Opening]] = {}
    for opening in sorted(allowed()):
        pairs.setdefault((opening.source, opening.target), []).append(opening)
    for (source, target), openings in pairs.items():
        ports = ", ".join(f"{one.protocol} {one.port}" for one in openings)
        reasons = dict.fromkeys(_reason(one) for one in openings)
        yield f"| {source} | {target} | {ports} | {', '.join(reasons)} |"


def _reason(opening: Opening) -> str:
    by_name: Mapping[str, Endpoint] = {one.name: one for one in endpoints()}
    source, target = by_name[opening.source], by_name[opening.target]
    return next(
        flow.why
        for flow in declared()
        if belongs(source, flow.source)
        and belongs(target, flow.target)
        and any((port.number, port.protocol) == (opening.port, opening.protocol) for port in flow.ports)
    )


def page() -> str:
    """The whole page."""
    number = len(asked_ports()) * len(PROTOCOLS)
    return "\n".join(
        [
            "# Allowed traffic",
            "",
            "Made by `make docs`: computed from the NetworkPolicies that the program registers for production, by an",
            f"evaluator of their semantics that asks for each pair below {number} ports. A test holds the result against",
            "the declaration (`components/traffic/`) both ways: nothing declared is refused, nothing else is let through.",
            "",
            "## Namespaces",
            "| namespace | default deny | why |",
            "| --- | --- | --- |",
            *(f"| `{name}` | yes | |" for name in CLOSED),
            *(f"| `{name}` | no | {reason} |" for name, reason in OPEN.items()),
            "",
            "## What is possible",
            "Wherever one end is closed; between two open ends everything is. Ports are the pods' own. A kubelet always",
            "reaches the pods of its node, which is how probes and `kubectl port-forward` arrive.",
            "",
            "| from | to | ports | for |",
            "| --- | --- | --- | --- |",
            *_rows(),
            "",
            "## To add a dependency",
            "An application declares in `components/traffic/applications.py` what it needs and whom it calls; both ends",
            "follow. Until then the connection hangs until it times out: the network agent of EKS drops what is refused.",
            "A new workload of a closed namespace needs an entry of its own, and a Service whose port has the number of",
            "the pod's and whose selector is among the declared labels, or the Service's address is refused.",
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(generated.run(PAGE, page))
