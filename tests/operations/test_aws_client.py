"""What boto3 raises, as an operator reads it."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from typing_extensions import override

from operations.clients import aws
from operations.clients.aws import AwsSession
from operations.clients.aws_secrets import SecretStore
from operations.errors import AwsError
from tests.operations.moto_account import client, credentials, empty_account, session, stubbed


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    monkeypatch.setattr(aws, "ATTEMPTS", 1)
    with credentials():
        yield


@pytest.mark.parametrize(
    ("code", "said", "hint"),
    [
        ("ExpiredToken", "does not accept the credentials", "aws sso login"),
        ("InvalidClientTokenId", "does not accept the credentials", "aws sso login"),
        ("AccessDenied", "does not allow it (sts get_caller_identity)", "docs/real-account.md"),
        ("UnauthorizedOperation", "does not allow it", "docs/real-account.md"),
        ("Throttling", "refused (sts get_caller_identity): Throttling", ""),
    ],
)
def test_a_refusal_keeps_awss_word_and_says_what_helps(code: str, said: str, hint: str) -> None:
    fresh = AwsSession("us-east-1")
    with stubbed(fresh, "sts") as stubber:
        stubber.add_client_error("get_caller_identity", code, "because")
        with pytest.raises(AwsError) as caught:
            fresh.call("sts", "get_caller_identity")
    assert said in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.code == code


class Proxy(BaseHTTPRequestHandler):
    """Somebody in between who answers with a page of their own."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        page = b"<!doctype html><p>Blocked</p>"
        self.send_response(403)
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    with HTTPServer(("127.0.0.1", 0), Proxy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        yield
        server.shutdown()


@pytest.mark.parametrize("service", ["sts", "elasticache"])
def test_a_page_instead_of_an_answer_is_no_bug(monkeypatch: pytest.MonkeyPatch, service: str) -> None:
    operation = {"sts": "get_caller_identity", "elasticache": "describe_cache_engine_versions"}[service]
    with endpoint(monkeypatch), pytest.raises(AwsError, match="what answered is not AWS"):
        AwsSession("us-east-1").call(service, operation)


def test_nobody_there_is_said_with_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(AwsError, match="AWS did not answer") as caught:
        AwsSession("us-east-1").caller()
    assert "network" in caught.value.hint


def test_a_profile_that_is_not_there_is_a_matter_of_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(AwsError, match="nobody") as caught:
        AwsSession("us-east-1").caller()
    assert "AWS_PROFILE" in caught.value.hint


# Secrets


@pytest.fixture
def account() -> Generator[None]:
    with empty_account():
        yield


@pytest.mark.usefixtures("account")
def test_a_login_is_read() -> None:
    made = client("secretsmanager").create_secret(Name="x", SecretString='{"username": "u", "password": "p"}')
    assert SecretStore(session()).login(made["ARN"]) == ("u", "p")


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    "content", ["p4ssword", '["p4ssword"]', '{"username": "p4ssword"}', '{"password": 1}']
)
def test_a_secret_without_a_login_is_refused_without_its_value(content: str) -> None:
    client("secretsmanager").create_secret(Name="x", SecretString=content)
    with pytest.raises(AwsError, match="is no JSON with username and password") as caught:
        SecretStore(session()).login("x")
    assert "p4ssword" not in caught.value.message + caught.value.hint
    assert caught.value.__context__ is None


@pytest.mark.usefixtures("account")
def test_a_secret_that_is_not_there_is_named() -> None:
    with pytest.raises(AwsError, match="get_secret_value") as caught:
        SecretStore(session()).login("missing")
    assert caught.value.code == "ResourceNotFoundException"
    assert SecretStore(session()).exists("missing") is False
