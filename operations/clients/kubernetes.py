"""The stack's cluster, by the same way in as the program: address from the outputs, token from the aws CLI.

The ``kubernetes`` package takes half a second to import, so it is imported when the first request is made.
"""

import base64
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from operations.clients.machine import find_program
from operations.errors import ClusterError
from operations.json_object import Json, objects, text

REQUEST_TIMEOUT_S = 10
"""Seconds for one request; an API server that is well answers in well under one."""

TOKEN_TIMEOUT_S = 30
"""Seconds for `aws eks get-token`, which may have to ask STS for the role first."""

_HTTP_OK = 200
_HTTP_UNAUTHORIZED = 401
_HTTP_FORBIDDEN = 403
_HTTP_NOT_FOUND = 404

ROLE_HINT = "choose the IAM role to act as with --role-arn or INTENDLY_ROLE_ARN; it needs an access entry"
"""What helps against a refusal: nobody is let in but by an access entry for their role."""


@dataclass(frozen=True, kw_only=True)
class ClusterAddress:
    """Where a cluster is; ``certificate_authority`` is PEM in base64, as EKS gives it."""

    name: str
    endpoint: str
    certificate_authority: str
    region: str
    arn: str = ""

    @classmethod
    def from_outputs(cls, outputs: Json) -> "ClusterAddress | None":
        """The address that the stack's output ``cluster`` gives, or none when the stack has no cluster yet."""
        cluster = outputs.get("cluster")
        address = cls(
            name=text(cluster, "name"),
            endpoint=text(cluster, "endpoint"),
            certificate_authority=text(cluster, "certificateAuthority"),
            region=text(cluster, "region"),
            arn=text(cluster, "arn"),
        )
        return address if address.name and address.endpoint else None


class KubernetesClient:
    """The cluster's API server: plain requests, objects as they are."""

    def __init__(
        self,
        address: ClusterAddress,
        role_arn: str | None = None,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._address = address
        self._role_arn = role_arn
        self._environment = environment

    def version(self) -> str:
        """The API server's version, ``1.36.3``.

        Raises:
            ClusterError: as ``get``.
        """
        return text(self.get("/version"), "gitVersion").removeprefix("v")

    def list(self, path: str) -> list[Json]:
        """The items of a list, ``/apis/apps/v1/namespaces/intendly/deployments``.

        Raises:
            ClusterError: as ``get``.
        """
        return objects(self.get(path).get("items"))

    def get(self, path: str) -> Json:
        """One object or list.

        Raises:
            ClusterError: no token, no connection, no right, no such path.
        """
        return self._ask("GET", path)

    def patch(self, path: str, change: Json) -> Json:
        """Merge a change into one object; gives the object as it is then.

        Raises:
            ClusterError: as ``get``.
        """
        return self._ask("PATCH", path, change)

    def delete(self, path: str) -> None:
        """Delete one object.

        Raises:
            ClusterError: as ``get``.
        """
        self._ask("DELETE", path)

    def _ask(self, method: str, path: str, change: Json | None = None) -> Json:
        from kubernetes.client.exceptions import ApiException  # noqa: PLC0415 - half a second, see above
        from urllib3.exceptions import HTTPError  # noqa: PLC0415 - as above

        headers = {"authorization": f"Bearer {self._token}", "accept": "application/json"}
        if change is not None:
            headers["Content-Type"] = "application/merge-patch+json"
        try:
            response = self._api.call_api(
                method,
                f"{self._address.endpoint}{path}",
                header_params=headers,
                body=change,
                _request_timeout=REQUEST_TIMEOUT_S,
            )
            body = response.read()
        except (ApiException, HTTPError, OSError) as error:
            raise ClusterError(f"{self._address.endpoint} does not answer: {_reason(error)}") from error
        if response.status != _HTTP_OK:
            raise self._refusal(response.status, path, "read" if method == "GET" else "change")
        return json.loads(body)

    def _refusal(self, status: int, path: str, verb: str) -> ClusterError:
        as_whom = self._role_arn or "the caller's own identity"
        if status == _HTTP_UNAUTHORIZED:
            return ClusterError(f"cluster {self._address.name} does not know {as_whom}", ROLE_HINT)
        if status == _HTTP_FORBIDDEN:
            return ClusterError(f"{as_whom} may not {verb} {path}", ROLE_HINT)
        if status == _HTTP_NOT_FOUND:
            return ClusterError(f"the cluster does not serve {path}")
        return ClusterError(f"the API server answered {status} to {path}")

    @cached_property
    def _api(self) -> Any:  # noqa: ANN401 - kubernetes.client.ApiClient, whose methods carry no types
        from kubernetes import client  # noqa: PLC0415 - half a second, see above

        configuration = client.Configuration(
            host=self._address.endpoint,
            ca_cert_data=base64.b64decode(self._address.certificate_authority).decode(),
        )
        configuration.retries = False
        return client.ApiClient(configuration)

    @cached_property
    def _token(self) -> str:
        """A presigned address of STS in the API server's clothes: made offline, good for 15 minutes."""
        program = find_program("aws", self._environment)
        if program is None:
            raise ClusterError("the aws command line is not installed", "intendly doctor --real")
        command = [program, "eks", "get-token", "--cluster-name", self._address.name]
        command += ["--region", self._address.region, "--output", "json"]
        if self._role_arn:
            command += ["--role-arn", self._role_arn]
        try:
            done = subprocess.run(
                command,
                env=dict(self._environment),
                capture_output=True,
                text=True,
                timeout=TOKEN_TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ClusterError(f"aws eks get-token did not answer within {TOKEN_TIMEOUT_S} s") from None
        token = _parse_token(done.stdout) if done.returncode == 0 else ""
        if not token:
            raise ClusterError(
                f"aws eks get-token gave no token: {done.stderr.strip() or 'it said nothing'}",
                "check the credentials in this shell: aws sts get-caller-identity",
            )
        return token


def _parse_token(credential: str) -> str:
    try:
        return text(json.loads(credential), "status", "token")
    except json.JSONDecodeError:
        return ""


def _reason(error: Exception) -> str:
    """The innermost cause: urllib3 wraps a refused connection three times."""
    cause = getattr(error, "reason", None)
    return _reason(cause) if isinstance(cause, Exception) else str(error)
