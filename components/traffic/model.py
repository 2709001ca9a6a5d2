"""What a declaration of traffic is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from typing import Literal

Protocol = Literal["TCP", "UDP"]

PRIVATE = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    # Instance metadata among others.
    "169.254.0.0/16",
    "127.0.0.0/8",
)
"""What is never meant by "the internet": RFC 1918, RFC 6598, link-local and loopback addresses."""


@dataclass(frozen=True, kw_only=True)
class Port:
    """A port of a pod or of an address. With pods it is the pod's own, never its Service's."""

    number: int
    protocol: Protocol = "TCP"


@dataclass(frozen=True, kw_only=True)
class Workload:
    """The pods of a namespace that carry these labels.

    The labels must hold all those that the Service in front of the pods selects by, and the Service must have the
    port's number: AWS's controller lets traffic through a Service's address only then
    (aws/amazon-network-policy-controller-k8s, issues 194 and 224).
    """

    name: str
    """Unique; the name of the workload's NetworkPolicy."""
    namespace: str
    labels: Mapping[str, str] = field(hash=False)


@dataclass(frozen=True, kw_only=True)
class Outside:
    """Addresses that are no pods."""

    name: str
    cidrs: Sequence[str] = field(hash=False)

    def excluded(self, cidr: str) -> tuple[str, ...]:
        """What a range must leave out: private addresses, unless the range itself is private."""
        network = IPv4Network(cidr)
        private = [IPv4Network(one) for one in PRIVATE]
        if any(network.subnet_of(one) for one in private):
            return ()
        return tuple(str(one) for one in private if one.subnet_of(network))


Peer = Workload | Outside


@dataclass(frozen=True, kw_only=True)
class Flow:
    """Connections that one side may open to the other."""

    source: Peer
    target: Peer
    ports: Sequence[Port] = field(hash=False)
    why: str
    """For people: it stands in the table of allowed traffic."""
