"""A configured AWS stand-in on a temporary ledger and moto's own server in a thread."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from localcloud.providers.aws import AwsProvider
from localcloud.providers.server import Request
from localcloud.providers.wire import Properties, Value

ACCOUNT = "123456789012"  # moto's own; the local cloud sets the stack's


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def folder(tmp_path: Path, moto_url: str) -> Path:
    server = {
        "endpoint": "https://127.0.0.1:1",
        "ca_pem_base64": "Q0E=",
        "admin_kubeconfig": "none",
        "version": "1.36",
    }
    endpoints = {
        "account_id": ACCOUNT,
        "region": "us-east-1",
        "moto_url": moto_url,
        "kubernetes": server,
        "postgres": {"host": "127.0.0.1", "port": 1, "superuser": "postgres"},
        "redis": {"host": "127.0.0.1", "port": 6379},
    }
    (tmp_path / "endpoints.json").write_text(json.dumps(endpoints))
    return tmp_path


class Stack:
    """Drives a provider as the engine does: check, then create, update or delete."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.provider = AwsProvider(folder)
        self.provider.configure({"region": "us-east-1", "defaultTags": '{"tags": {"stack": "test"}}'})

    def request(self, kind: str, name: str = "it", **changed: Value) -> Request:
        empty: dict[str, Value] = {
            "identity": "",
            "inputs": {},
            "olds": {},
            "outputs": {},
            "preview": False,
            "seed": b"",
        }
        return Request(kind=f"aws:{kind}", name=name, **(empty | changed))

    def problems(self, kind: str, inputs: Properties) -> dict[str, str]:
        _, failures = self.provider.check(self.request(kind, inputs=inputs))
        return {failure.path: failure.reason for failure in failures}

    def checked(
        self, kind: str, inputs: Properties, name: str = "it", olds: Properties | None = None
    ) -> Properties:
        found, failures = self.provider.check(self.request(kind, name, inputs=inputs, olds=olds or {}))
        assert failures == []
        return found

    def create(self, kind: str, name: str = "it", /, **inputs: Value) -> tuple[str, Properties]:
        return self.provider.create(self.request(kind, name, inputs=self.checked(kind, inputs, name)))

    def update(
        self, kind: str, identity: str, outputs: Properties, olds: Properties, news: Properties
    ) -> Properties:
        request = self.request(kind, identity=identity, outputs=outputs, olds=olds, inputs=news)
        return self.provider.update(request)

    def delete(self, kind: str, identity: str, outputs: Properties) -> None:
        self.provider.delete(self.request(kind, identity=identity, outputs=outputs))

    def read(self, kind: str, identity: str, outputs: Properties) -> Properties | None:
        there = self.provider.read(self.request(kind, identity=identity, outputs=outputs))
        return there and there[1]

    def replaces(self, kind: str, olds: Properties, news: Properties) -> dict[str, bool]:
        changes = self.provider.diff(self.request(kind, olds=olds, inputs=news))
        return {change.path: change.replaces for change in changes}

    @property
    def ledger(self) -> list[Properties]:
        return json.loads((self.folder / "aws.json").read_text())["resources"]


@pytest.fixture
def stack(folder: Path) -> Stack:
    return Stack(folder)


@pytest.fixture
def kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[Properties]]:
    """A kubectl that keeps the nodes it is given in a file; gives a function that reads them."""
    kept = tmp_path / "nodes.json"
    kept.write_text("[]")
    script = tmp_path / "bin" / "kubectl"
    script.parent.mkdir()
    script.write_text(
        f"#!{shutil.which('python3')}\n"
        "import json, sys, pathlib\n"
        f"kept = pathlib.Path({str(kept)!r})\n"
        "nodes = json.loads(kept.read_text())\n"
        "verb, rest = sys.argv[3], sys.argv[4:]\n"
        "if verb == 'get': print('\\n'.join('node/' + node['metadata']['name'] for node in nodes))\n"
        "if verb == 'create': nodes += json.load(sys.stdin)['items']\n"
        "if verb == 'delete': nodes = [n for n in nodes if 'node/' + n['metadata']['name'] not in rest]\n"
        "kept.write_text(json.dumps(nodes))\n"
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}:/usr/bin:/bin")
    return lambda: json.loads(kept.read_text())
