"""The ports of public hosts: what is tried, what may be open, and what the program opens."""

import json
import socket
from collections.abc import Iterator

import pytest

from operations.clients import network
from operations.clients.network import NetworkError
from operations.services.open_ports import ASKED, OPENED, OpenPorts
from tests.operations import fakes
from tests.operations.conftest import Invoke
from tests.support.stacks import STACKS, recorded


@pytest.mark.parametrize("stack", STACKS)
def test_what_may_be_open_is_what_the_program_opens(stack: str) -> None:
    made = recorded(stack).made
    assert {one["port"] for one in made.all("aws:lb/listener:Listener")} == OPENED
    site = made.only("aws:cloudfront/distribution:Distribution")
    assert site["defaultCacheBehavior"]["viewerProtocolPolicy"] == "redirect-to-https"  # 80 and 443


def test_every_port_is_asked_for_once() -> None:
    assert len(set(ASKED)) == len(ASKED)
    assert set(ASKED) >= {*OPENED, 22, 5432, 6379, 6443, 9090, 10250}


def scan(*open_ports: int) -> OpenPorts:
    return OpenPorts(["api.example"], lambda host, port: bool(host) and port in open_ports)


def test_a_port_that_nobody_opened_is_named_and_so_is_one_that_is_closed() -> None:
    [found] = scan(80, 5432).look()
    assert (found.open, found.unexpected, found.missing) == ((80, 5432), (5432,), (443,))
    [right] = scan(80, 443).look()
    assert right.right


@pytest.mark.parametrize(("opened", "code"), [((80, 443), 0), ((22, 80, 443), 3), ((443,), 3)])
def test_the_command(
    intendly: Invoke,
    factory: fakes.FakeFactory,
    monkeypatch: pytest.MonkeyPatch,
    opened: tuple[int, ...],
    code: int,
) -> None:
    monkeypatch.setattr(factory, "open_ports", lambda: scan(*opened))
    assert intendly("ports", "--stack", "staging").exit_code == code
    result = intendly("ports", "--stack", "staging", "--json")
    assert result.exit_code == code
    assert json.loads(result.stdout)[0]["open"] == list(opened)


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_connection_is_tried(listening: int) -> None:
    assert network.answers("127.0.0.1", listening)
    with socket.create_server(("127.0.0.1", 0)) as other:
        closed = other.getsockname()[1]
    assert not network.answers("127.0.0.1", closed)


def test_a_host_without_an_address_is_not_a_closed_one() -> None:
    with pytest.raises(NetworkError, match="has no address"):
        network.answers("nobody.invalid", 443)
