"""``intendly ports``: what answers at the stack's public hosts, beside what the program opens."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

OPENED: Final = frozenset({80, 443})
"""What the program opens to clients: 80 leads to 443. A test holds them to the listeners and the distribution."""

ASKED: Final = (
    *range(1, 1025),
    *(1433, 2375, 2376, 2379, 2380, 3000, 3001, 3306, 3389, 4443, 5000, 5432, 5601, 5900, 6379, 6443, 6666),
    *(8000, 8080, 8081, 8088, 8443, 8888, 9000, 9090, 9091, 9093, 9094, 9100, 9113, 9187, 9200, 9300, 9443),
    *(10250, 10255, 10256, 11211, 15672, 27017, 30080, 30082, 30443, 50000, 50051),
)
"""Well-known ports, and those on which databases, caches, nodes and consoles listen."""

AT_ONCE: Final = 128
"""Connections tried at the same time."""

Answers = Callable[[str, int], bool]
"""Whether somebody accepts a connection at a host's port."""


@dataclass(frozen=True, kw_only=True)
class HostPorts:
    """What answers at one host."""

    host: str
    open: tuple[int, ...]

    @property
    def unexpected(self) -> tuple[int, ...]:
        """Open, although the program does not open them."""
        return tuple(port for port in self.open if port not in OPENED)

    @property
    def missing(self) -> tuple[int, ...]:
        """Closed, although the program opens them."""
        return tuple(sorted(OPENED - set(self.open)))

    @property
    def right(self) -> bool:
        """Whether exactly what the program opens is open."""
        return not self.unexpected and not self.missing


class OpenPorts:
    """Asks hosts for their ports, from where it runs: outside of the network it sees what clients see.

    Args:
        hosts: names of hosts.
        answers: tries a connection.
    """

    def __init__(self, hosts: Iterable[str], answers: Answers) -> None:
        self._hosts = tuple(hosts)
        self._answers = answers

    def look(self) -> tuple[HostPorts, ...]:
        """What answers at each host.

        Raises:
            NetworkError: a host has no address.
        """
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return tuple(self._host(host, pool) for host in self._hosts)

    def _host(self, host: str, pool: ThreadPoolExecutor) -> HostPorts:
        def answers(port: int) -> bool:
            return self._answers(host, port)

        found = zip(ASKED, pool.map(answers, ASKED), strict=True)
        return HostPorts(host=host, open=tuple(port for port, is_open in found if is_open))
