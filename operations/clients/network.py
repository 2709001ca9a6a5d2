"""The network as this machine sees it: name servers by DNS, and whether an HTTPS server can be reached."""

import base64
import secrets
import socket
import ssl
import struct
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from operations.errors import OperatorError

TIMEOUT_S: Final = 5.0
"""Seconds for an answer of DNS, and for a connection."""

PORT_TIMEOUT_S: Final = 2.0
"""Seconds for a port to answer: what drops packets answers never."""

ANSWER_BYTES: Final = 4096
HTTPS_PORT: Final = 443

_NS, _IN, _EDNS = 2, 1, 41
_RECURSE = 0x0100
_CUT = 0x0200
_CODE = 0x000F
_NO_SUCH_NAME = 3
_POINTER = 0xC0


class NetworkError(OperatorError):
    """The network did not answer, which says nothing about what was asked."""


def resolver() -> tuple[str, int]:
    """The name server of this machine.

    Raises:
        NetworkError: it has none.
    """
    try:
        lines = Path("/etc/resolv.conf").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    for line in lines:
        words = line.split()
        if words[:1] == ["nameserver"] and len(words) > 1:
            return words[1], 53
    raise NetworkError("this machine has no name server", "look at /etc/resolv.conf")


def name_servers(zone: str, server: tuple[str, int] | None = None) -> frozenset[str]:
    """The name servers that the world is told for a zone; none where the zone is not delegated.

    Args:
        zone: its name, ``intendly.xyz``.
        server: address and port to ask; this machine's name server by default.

    Raises:
        NetworkError: no answer, or none that can be read.
    """
    host, port = server or resolver()
    number = secrets.randbelow(1 << 16)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as link:
            link.settimeout(TIMEOUT_S)
            link.connect((host, port))
            link.send(_question(number, zone))
            answer = link.recv(ANSWER_BYTES)
    except OSError as error:
        raise NetworkError(f"the name server {host} did not answer: {error}") from error
    try:
        return _servers(answer, number)
    except (IndexError, struct.error, UnicodeDecodeError) as error:
        raise NetworkError(f"the name server {host} answered something unreadable") from error


def reach(endpoint: str, authority_base64: str) -> None:
    """Open a TLS connection to an HTTPS endpoint whose certificate the authority signed.

    Raises:
        NetworkError: no connection, or another server answered.
    """
    address = urlsplit(endpoint)
    host, port = address.hostname or "", address.port or HTTPS_PORT
    try:
        context = ssl.create_default_context(cadata=base64.b64decode(authority_base64).decode())
        with (
            socket.create_connection((host, port), timeout=TIMEOUT_S) as link,
            context.wrap_socket(link, server_hostname=host),
        ):
            return
    except (OSError, ValueError) as error:
        raise NetworkError(f"{host}:{port} cannot be reached: {error}") from error


def answers(host: str, port: int) -> bool:
    """Whether somebody accepts a TCP connection at a host's port.

    Raises:
        NetworkError: the host has no address.
    """
    try:
        with socket.create_connection((host, port), timeout=PORT_TIMEOUT_S):
            return True
    except socket.gaierror as error:
        raise NetworkError(
            f"{host} has no address: {error}", "is it in the public zone, and delegated?"
        ) from error
    except OSError:
        return False


def _question(number: int, zone: str) -> bytes:
    labels = [label.encode("ascii") for label in zone.rstrip(".").split(".")]
    name = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    larger = b"\0" + struct.pack("!HHIH", _EDNS, ANSWER_BYTES, 0, 0)
    return struct.pack("!6H", number, _RECURSE, 1, 0, 0, 1) + name + struct.pack("!2H", _NS, _IN) + larger


def _servers(answer: bytes, number: int) -> frozenset[str]:
    told, flags, questions, answers = struct.unpack_from("!4H", answer)
    code = flags & _CODE
    if told != number or flags & _CUT or code not in {0, _NO_SUCH_NAME}:
        raise NetworkError(f"the name server could not say (code {code})")
    place = 12
    for _ in range(questions):
        _, place = _name(answer, place)
        place += 4
    found: set[str] = set()
    for _ in range(answers):
        _, place = _name(answer, place)
        kind, _, _, length = struct.unpack_from("!HHIH", answer, place)
        place += 10
        if kind == _NS:
            found.add(_name(answer, place)[0].lower())
        place += length
    return frozenset(found)


def _name(answer: bytes, place: int) -> tuple[str, int]:
    """A name and where it ends. A pointer goes backwards only, so that no answer can lead in a circle."""
    labels: list[str] = []
    end = 0
    while length := answer[place]:
        if length >= _POINTER:
            (target,) = struct.unpack_from("!H", answer, place)
            target &= 0x3FFF
            end = end or place + 2
            if target >= place:
                raise IndexError(target)
            place = target
            continue
        labels.append(answer[place + 1 : place + 1 + length].decode("ascii"))
        place += 1 + length
    return ".".join(labels), end or place + 1
