"""The cluster's client against a small HTTP server and a program named aws."""

import json
import sys
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typing_extensions import override

from operations.clients.kubernetes import ClusterAddress, KubernetesClient
from operations.errors import ClusterError
from operations.json_object import Json
from tests.operations.conftest import CLUSTER

DEPLOYMENTS = "/apis/apps/v1/namespaces/intendly/deployments"
ANSWERS: dict[str, tuple[int, Json]] = {
    "/version": (200, {"gitVersion": "v1.36.3"}),
    DEPLOYMENTS: (200, {"items": [{"metadata": {"name": "backend-relayer"}}]}),
    "/unknown": (404, {}),
    "/unauthorized": (401, {}),
    "/forbidden": (403, {}),
    "/broken": (500, {}),
}


class ApiServer(BaseHTTPRequestHandler):
    @override
    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        code, answer = ANSWERS[self.path]
        if self.headers["authorization"] != "Bearer k8s-aws-v1.abc":
            code = 401
        self.send_response(code)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def do_PATCH(self) -> None:
        change = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(403 if self.path == "/forbidden" else 200)
        self.end_headers()
        self.wfile.write(json.dumps({"kind": self.headers["content-type"], "change": change}).encode())


@pytest.fixture
def endpoint() -> Generator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), ApiServer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def aws(tmp_path: Path) -> Path:
    """An aws that writes down what it was asked, and gives a token."""
    script = tmp_path / "aws"
    script.write_text(
        f"#!{sys.executable}\nimport sys, pathlib\n"
        f"pathlib.Path({str(tmp_path / 'asked')!r}).write_text(' '.join(sys.argv[1:]))\n"
        'print(\'{"status": {"token": "k8s-aws-v1.abc"}}\')\n'
    )
    script.chmod(0o755)
    return script


def client(endpoint: str, aws: Path, role: str | None = None) -> KubernetesClient:
    address = ClusterAddress.from_outputs({"cluster": {**CLUSTER, "endpoint": endpoint}})
    assert address is not None
    return KubernetesClient(address, role, {"PATH": str(aws.parent)})


def test_lists_and_version_are_read_with_the_token(endpoint: str, aws: Path) -> None:
    cluster = client(endpoint, aws, "arn:aws:iam::222222222222:role/intendly-deployer")
    assert cluster.version() == "1.36.3"
    assert [one["metadata"]["name"] for one in cluster.list(DEPLOYMENTS)] == ["backend-relayer"]
    asked = (aws.parent / "asked").read_text()
    assert asked == (
        "eks get-token --cluster-name intendly-staging-eks --region us-east-1 --output json "
        "--role-arn arn:aws:iam::222222222222:role/intendly-deployer"
    )


@pytest.mark.parametrize(
    ("path", "message", "hint"),
    [
        ("/unauthorized", "does not know the caller's own identity", "INTENDLY_ROLE_ARN"),
        ("/forbidden", "the caller's own identity may not read /forbidden", "INTENDLY_ROLE_ARN"),
        ("/unknown", "the cluster does not serve /unknown", ""),
        ("/broken", "answered 500 to /broken", ""),
    ],
)
def test_a_refusal_says_why(endpoint: str, aws: Path, path: str, message: str, hint: str) -> None:
    with pytest.raises(ClusterError) as failure:
        client(endpoint, aws).get(path)
    assert message in failure.value.message
    assert hint in failure.value.hint


def test_a_server_that_is_gone_is_named(aws: Path) -> None:
    with pytest.raises(ClusterError, match=r"http://127\.0\.0\.1:1 does not answer"):
        client("http://127.0.0.1:1", aws).version()


def test_an_aws_that_gives_no_token_is_an_error(endpoint: str, aws: Path) -> None:
    aws.write_text("#!/bin/sh\necho 'Unable to locate credentials' >&2\nexit 255\n")
    with pytest.raises(ClusterError, match="gave no token: Unable to locate credentials") as failure:
        client(endpoint, aws).version()
    assert "sts get-caller-identity" in failure.value.hint


@pytest.mark.parametrize(
    "outputs", [{}, {"cluster": {}}, {"cluster": {"name": "x"}}, {"cluster": "[secret]"}]
)
def test_a_stack_without_a_cluster_has_no_address(outputs: dict[str, object]) -> None:
    assert ClusterAddress.from_outputs(outputs) is None


def test_a_change_is_merged_into_an_object(endpoint: str, aws: Path) -> None:
    change = {"spec": {"replicas": 0}}
    answer = client(endpoint, aws).patch(f"{DEPLOYMENTS}/backend-relayer", change)
    assert answer == {"kind": "application/merge-patch+json", "change": change}
    with pytest.raises(ClusterError, match="may not change /forbidden"):
        client(endpoint, aws).patch("/forbidden", change)
