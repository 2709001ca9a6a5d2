"""Ports of loopback, chosen once and remembered, so that addresses in the engine's state stay true."""

import json
import random
import socket
from pathlib import Path

from localcloud.errors import LocalCloudError
from localcloud.paths import LOOPBACK, read_json, write

RANGE = range(20000, 30000)
"""Below what systems hand out for outgoing connections (32768 on Linux) and below Kubernetes' node ports."""


def free(port: int) -> bool:
    """Whether nothing listens on the port of loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


class Ports:
    """The ports of one stack, by the name of the service that listens there."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._ports: dict[str, int] = read_json(file)

    def of(self, name: str, *, held: bool) -> int:
        """The service's port: the remembered one while the service holds it or it is free, else a new one.

        Args:
            name: the service.
            held: whether the service runs now, so that its port is taken by itself.
        """
        port = self._ports.get(name)
        if port is None or not (held or free(port)):
            port = self._pick()
            self._ports[name] = port
            write(self._file, json.dumps(self._ports, indent=1))
        return port

    def _pick(self) -> int:
        taken = set(self._ports.values())
        for port in random.sample(RANGE, k=200):
            if port not in taken and free(port):
                return port
        raise LocalCloudError(f"no free port between {RANGE.start} and {RANGE.stop} on {LOOPBACK}")
