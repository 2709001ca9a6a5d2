"""How a database is reached: never in plain text over a network, never a server that cannot prove its name."""

import socket
import ssl
import threading
from collections.abc import Generator
from pathlib import Path

import pytest

from operations.clients.postgres import Address, PostgresClient, is_loopback
from operations.errors import DatabaseError
from tests.operations import certificate
from tests.operations.postgres_server import DATABASE, MASTER, MASTER_PASSWORD, PostgresServer

RDS = "intendly-staging-postgres.abc.us-east-1.rds.amazonaws.com"
SSL_REQUEST_BYTES = 8


def address(host: str = RDS, mode: str = "", authorities: Path | None = None, via: str = "") -> Address:
    return Address(host=host, port=5432, database=DATABASE, mode=mode, authorities=authorities, via=via)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "::1", "localhost"])
def test_this_machine_is_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", [RDS, "10.0.0.1", "127.0.0.1.example.com", "localhost.example.com", "", "0"])
def test_nothing_else_is(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (address(mode="disable"), "would send .* everything in plain text"),
        (address(mode="prefer"), "sslmode 'prefer' is refused; allowed: verify-full, require, disable"),
        (address(mode="allow"), "sslmode 'allow' is refused"),
        (address(), "nothing to check the certificate of .* with"),
        (address(authorities=Path("missing.pem")), "there is no file missing.pem"),
        (address(mode="require", via="bastion:15432"), "--via 'bastion:15432' is refused"),
        (address(mode="require", via="127.0.0.1:5432 sslmode=disable"), "is refused"),
        (address(mode="require", via="127.0.0.1:"), "is refused"),
    ],
)
def test_an_unsafe_way_is_refused_before_anything_is_sent(wanted: Address, said: str) -> None:
    with pytest.raises(DatabaseError, match=said):
        PostgresClient(wanted)


def test_the_missing_authorities_come_with_the_command_that_brings_the_regions() -> None:
    with pytest.raises(DatabaseError) as caught:
        PostgresClient(address(host="x.abc.eu-west-1.rds.amazonaws.com"))
    assert (
        "curl -fsSO https://truststore.pki.rds.amazonaws.com/eu-west-1/eu-west-1-bundle.pem"
        in caught.value.hint
    )


@pytest.mark.parametrize("mode", ["require", "verify-full"])
def test_a_server_without_tls_is_not_talked_to_in_plain_text(
    server: PostgresServer, tmp_path: Path, mode: str
) -> None:
    (tmp_path / "ca.pem").write_text("")
    wanted = Address(
        host="127.0.0.1", port=server.port, database=DATABASE, mode=mode, authorities=tmp_path / "ca.pem"
    )
    with (
        pytest.raises(DatabaseError, match=r"server does not support SSL|could not read root certificate"),
        PostgresClient(wanted).connect(MASTER, MASTER_PASSWORD),
    ):
        pass


@pytest.fixture
def impostor(tmp_path: Path) -> Generator[tuple[int, Path]]:
    """A TLS server with a certificate for another host, and the authority that signed it: itself."""
    context, pem = certificate.make(tmp_path, "other.example.com")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_answer, args=(listener, context), daemon=True).start()
        yield listener.getsockname()[1], pem


def _answer(listener: socket.socket, context: ssl.SSLContext) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(SSL_REQUEST_BYTES)
        connection.sendall(b"S")
        try:
            context.wrap_socket(connection, server_side=True).close()
        except OSError:
            return


def test_through_a_tunnel_the_certificate_must_still_be_the_databases(impostor: tuple[int, Path]) -> None:
    port, authorities = impostor
    client = PostgresClient(address(authorities=authorities, via=f"127.0.0.1:{port}"))
    with (
        pytest.raises(DatabaseError, match=r'"other\.example\.com".* does not match host name ".*rds'),
        client.connect(MASTER, MASTER_PASSWORD),
    ):
        pass
