"""Name servers by DNS and reaching an HTTPS server, against servers of the test's own on loopback."""

import base64
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from operations.clients import network
from operations.clients.network import NetworkError, name_servers, reach
from tests.operations import certificate

POINTER_TO_QUESTION = b"\xc0\x0c"


@contextmanager
def dns(answer: Callable[[bytes], bytes]) -> Generator[tuple[str, int]]:
    """A name server that gives one answer, made of the question."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind(("127.0.0.1", 0))

        def serve() -> None:
            question, caller = link.recvfrom(512)
            link.sendto(answer(question), caller)

        threading.Thread(target=serve, daemon=True).start()
        yield link.getsockname()


def label(name: str) -> bytes:
    return b"".join(bytes([len(one)]) + one.encode() for one in name.split("."))


def reply(question: bytes, *names: bytes, flags: int = 0x8180) -> bytes:
    asked = question[12 : question.index(b"\0", 12) + 5]
    head = question[:2] + struct.pack("!5H", flags, 1, len(names), 0, 0)
    records = [POINTER_TO_QUESTION + struct.pack("!HHIH", 2, 1, 300, len(name)) + name for name in names]
    return head + asked + b"".join(records)


def test_the_zones_name_servers_are_told() -> None:
    whole = label("NS-1.awsdns-00.com") + b"\0"
    with dns(lambda question: reply(question, whole, label("ns-2") + POINTER_TO_QUESTION)) as server:
        assert name_servers("intendly.xyz", server) == {"ns-1.awsdns-00.com", "ns-2.intendly.xyz"}


@pytest.mark.parametrize("flags", [0x8180, 0x8183])
def test_a_zone_that_is_not_delegated_has_none(flags: int) -> None:
    with dns(lambda question: reply(question, flags=flags)) as server:
        assert name_servers("intendly.xyz", server) == frozenset()


def circle(question: bytes) -> bytes:
    """A name whose pointer points at itself."""
    answer = reply(question, b"")
    place = len(answer) - 12
    return answer[:place] + struct.pack("!H", 0xC000 | place) + answer[place + 2 :]


SENSELESS: dict[str, Callable[[bytes], bytes]] = {
    "the server failed": lambda question: reply(question, flags=0x8182),
    "cut off": lambda question: reply(question, flags=0x8380),
    "to another question": lambda question: bytes([question[0] ^ 1]) + reply(question)[1:],
    "ends too early": lambda question: reply(question, label("ns"))[:-2],
    "a circle": circle,
    "empty": lambda _: b"",
}


@pytest.mark.parametrize("kind", SENSELESS)
def test_an_answer_that_says_nothing_is_no_answer(kind: str) -> None:
    with dns(SENSELESS[kind]) as server, pytest.raises(NetworkError):
        name_servers("intendly.xyz", server)


def test_silence_ends_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "TIMEOUT_S", 0.1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        with pytest.raises(NetworkError, match="did not answer"):
            name_servers("intendly.xyz", silent.getsockname())


@contextmanager
def https(context: ssl.SSLContext) -> Generator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            link, _ = listener.accept()
            with link:
                try:
                    context.wrap_socket(link, server_side=True).close()
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"


def test_a_server_with_the_clusters_certificate_is_reached(tmp_path: Path) -> None:
    context, authority = certificate.make(tmp_path, "127.0.0.1")
    with https(context) as endpoint:
        reach(endpoint, base64.b64encode(authority.read_bytes()).decode())


def test_another_server_is_not_the_cluster(tmp_path: Path) -> None:
    context, _ = certificate.make(tmp_path, "127.0.0.1")
    (tmp_path / "other").mkdir()
    _, other = certificate.make(tmp_path / "other", "127.0.0.1")
    with https(context) as endpoint, pytest.raises(NetworkError, match="certificate"):
        reach(endpoint, base64.b64encode(other.read_bytes()).decode())


@pytest.mark.parametrize("endpoint", ["", "https://127.0.0.1:1", "not an address"])
def test_what_is_not_there_cannot_be_reached(endpoint: str, tmp_path: Path) -> None:
    _, authority = certificate.make(tmp_path, "127.0.0.1")
    with pytest.raises(NetworkError, match="cannot be reached"):
        reach(endpoint, base64.b64encode(authority.read_bytes()).decode())
