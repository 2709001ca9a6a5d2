"""An account of moto's, in this process. Where moto lacks an operation, a test gives the answer and says so."""

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest import mock

from moto import mock_aws
from typing_extensions import override

from infra.settings import StackSettings, load_file
from operations.clients.aws import AwsSession
from operations.errors import AwsError

ROOT = Path(__file__).parents[2]
ACCOUNT = "123456789012"
ADMIN = f"arn:aws:iam::{ACCOUNT}:role/administrator"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


@contextmanager
def credentials() -> Generator[None]:
    """Credentials of nobody, for what answers without an account; nothing of the person who runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    with mock.patch.dict(os.environ, {**kept, **CREDENTIALS}, clear=True):
        yield


@contextmanager
def empty_account() -> Generator[None]:
    """A new account, and credentials of it."""
    with credentials(), mock_aws():
        yield


def settings(stack: str = "staging", account: str = ACCOUNT, **changed: Any) -> StackSettings:  # noqa: ANN401
    """A stack's settings, of moto's account."""
    loaded = _loaded(stack)
    return loaded.model_copy(update={"account": loaded.account.model_copy(update={"id": account}), **changed})


@cache
def _loaded(stack: str) -> StackSettings:
    return load_file(ROOT / f"Pulumi.{stack}.yaml")


class MotoSession(AwsSession):
    """moto raises a bug's error where it lacks an operation; here that is a refusal, as AWS's own would be."""

    @override
    def call(self, service: str, operation: str, **parameters: object) -> Mapping[str, Any]:
        with _refusing():
            return super().call(service, operation, **parameters)

    @override
    def pages(self, service: str, operation: str, key: str, **parameters: object) -> list[Any]:
        with _refusing():
            return super().pages(service, operation, key, **parameters)


@contextmanager
def _refusing() -> Generator[None]:
    try:
        yield
    except NotImplementedError as error:
        raise AwsError(f"moto: {error}", code="NotImplemented") from error


@cache
def session(region: str = "us-east-1") -> AwsSession:
    """One for all tests: its clients take a while to make, and keep nothing of what they were told."""
    return MotoSession(region)


def client(service: str) -> Any:  # noqa: ANN401 - boto3 carries no types
    """The account as AWS's own client shows it."""
    return session().client(service)


def stubbed(fresh: AwsSession, service: str) -> Any:  # noqa: ANN401 - as client
    """botocore's Stubber over a session of the test's own: it checks requests and answers by AWS's models."""
    return import_module("botocore.stub").Stubber(fresh.client(service))
