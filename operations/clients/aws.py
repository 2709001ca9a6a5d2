"""The way to AWS that all of its clients share: one session, bounded waiting, errors that an operator can mend.

``boto3`` takes a third of a second to import and carries no types, so it is imported when the first client is
made, and only here. It finds credentials, and the local cloud's address, in the process's environment.
"""

import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from operations.errors import AwsError
from operations.json_object import text

CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 10
ATTEMPTS = 3
"""Seconds and tries of a request: a network that drops packets costs half a minute, not boto3's own five."""

CREDENTIALS_HINT = (
    "aws sso login, or export AWS_PROFILE=NAME; `aws sts get-caller-identity` shows who you are"
)
RIGHTS_HINT = "ask the account's administrator; docs/real-account.md lists the rights that each command needs"

_NOT_KNOWN = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_NOT_ALLOWED = frozenset(
    {"403", "AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}
)


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who the credentials belong to."""

    account: str
    arn: str


class AwsSession:
    """Clients of AWS's services in one region.

    Args:
        region: where the stack is.
    """

    def __init__(self, region: str) -> None:
        self.region = region
        self._making = threading.Lock()  # making clients from one session is not thread-safe, using them is
        self._session: Any = None
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 carries no types
        """The service's client.

        Raises:
            AwsError: the credentials' profile cannot be read.
        """
        with self._making, asking("find credentials"):
            if service not in self._clients:
                self._clients[service] = self._make(service)
            return self._clients[service]

    def _make(self, service: str) -> Any:  # noqa: ANN401 - as client
        if self._session is None:
            self._session = import_module("boto3.session").Session(region_name=self.region)
        configuration = import_module("botocore.config").Config(
            connect_timeout=CONNECT_TIMEOUT_S,
            read_timeout=READ_TIMEOUT_S,
            retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
        )
        return self._session.client(service, config=configuration)

    def caller(self) -> Caller:
        """Who asks.

        Raises:
            AwsError: no credentials, or none that AWS knows.
        """
        client = self.client("sts")
        with asking("tell who you are"):
            answer = client.get_caller_identity()
        return Caller(account=text(answer, "Account"), arn=text(answer, "Arn"))

    def pages(self, service: str, operation: str, key: str, **parameters: object) -> list[Any]:
        """All of a list that AWS gives in pages.

        Raises:
            AwsError: AWS refused, or did not answer.
        """
        client = self.client(service)
        with asking(f"{service} {operation}"):
            found = client.get_paginator(operation).paginate(**parameters)
            return [one for page in found for one in page.get(key, [])]

    def call(self, service: str, operation: str, **parameters: object) -> Mapping[str, Any]:
        """One request.

        Raises:
            AwsError: AWS refused, or did not answer.
        """
        client = self.client(service)
        with asking(f"{service} {operation}"):
            return getattr(client, operation)(**parameters)


@contextmanager
def asking(what: str) -> Generator[None]:
    """Turn what boto3 raises into the operator's error.

    Raises:
        AwsError: naming what was asked for.
    """
    errors = import_module("botocore.exceptions")
    try:
        yield
    except errors.ClientError as error:
        raise _refused(what, error.response.get("Error", {})) from error
    except (
        errors.NoCredentialsError,
        errors.PartialCredentialsError,
        errors.ProfileNotFound,
        errors.CredentialRetrievalError,
        errors.SSOError,
    ) as error:
        raise AwsError(f"no AWS credentials: {error}", CREDENTIALS_HINT) from error
    except errors.BotoCoreError as error:
        raise AwsError(f"AWS did not answer ({what}): {error}", "check the network and AWS_REGION") from error
    except import_module("botocore.parsers").ResponseParserError as error:
        raise _unreadable(what) from error


def _refused(what: str, error: Mapping[str, Any]) -> AwsError:
    code, said = text(error, "Code"), " ".join(text(error, "Message").split())
    if said.startswith("<"):
        return _unreadable(what)
    if code in _NOT_KNOWN:
        return AwsError(f"AWS does not accept the credentials ({code})", CREDENTIALS_HINT, code)
    if code in _NOT_ALLOWED:
        return AwsError(f"AWS does not allow it ({what}): {said or code}", RIGHTS_HINT, code)
    return AwsError(f"AWS refused ({what}): {code}: {said}", code=code)


def _unreadable(what: str) -> AwsError:
    """A web page, for example, where AWS would have answered in its own form."""
    return AwsError(
        f"what answered is not AWS ({what}), or does not know the operation",
        "check HTTPS_PROXY and AWS_ENDPOINT_URL; the local cloud's AWS API lacks some operations",
    )
