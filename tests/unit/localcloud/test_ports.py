import socket
from pathlib import Path

from localcloud.paths import LOOPBACK
from localcloud.ports import RANGE, Ports, free


def test_a_port_is_remembered(tmp_path: Path) -> None:
    file = tmp_path / "ports.json"
    port = Ports(file).of("etcd", held=False)
    assert port in RANGE
    assert Ports(file).of("etcd", held=False) == port


def test_services_get_different_ports(tmp_path: Path) -> None:
    ports = Ports(tmp_path / "ports.json")
    assert len({ports.of(name, held=False) for name in "abcdefgh"}) == len("abcdefgh")


def test_a_taken_port_is_picked_again_unless_its_service_holds_it(tmp_path: Path) -> None:
    ports = Ports(tmp_path / "ports.json")
    port = ports.of("etcd", held=False)
    with socket.create_server((LOOPBACK, port)):
        assert not free(port)
        assert ports.of("etcd", held=True) == port
        assert ports.of("etcd", held=False) != port
