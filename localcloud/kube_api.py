"""A small client of the API server, by client certificate: lists, patches, watches."""

import http.client
import json
import ssl
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from localcloud.errors import LocalCloudError

Json = dict[str, Any]
"""A Kubernetes object or list, as the API server sends it."""

METADATA_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
"""Asks for the names of objects without their content."""

DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
"""Asks for all kinds of a family of APIs in one answer."""


PATIENCE_S = 30
"""Seconds that a server may ask to be left alone; after a start it opens the storage of every definition."""


class ApiError(LocalCloudError):
    """The API server refused; ``status`` is HTTP's."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"the API server refused ({status}): {text}")
        self.status = status


class KubeApi:
    """The API server of one stack."""

    def __init__(self, endpoint: str, pki: Path, client: str = "admin") -> None:
        self._address = urlsplit(endpoint)
        self._context = ssl.create_default_context(cafile=str(pki / "ca.crt"))
        self._context.load_cert_chain(pki / f"{client}.crt", pki / f"{client}.key")

    def get(self, path: str, accept: str = "application/json") -> Json:
        """Read one object, list or document; a server that is still opening its storage is waited for."""
        for _ in range(PATIENCE_S):
            try:
                return cast("Json", json.loads(self._text("GET", path, accept=accept)))
            except ApiError as error:
                if error.status != http.HTTPStatus.TOO_MANY_REQUESTS:
                    raise
                time.sleep(1)
        return cast("Json", json.loads(self._text("GET", path, accept=accept)))

    def ready(self) -> bool:
        """Whether the API server answers and all its checks pass."""
        try:
            return self._text("GET", "/readyz") == "ok"
        except (OSError, http.client.HTTPException, ApiError):
            return False

    def patch(self, path: str, body: Json) -> None:
        """Merge ``body`` into an object."""
        self._text("PATCH", path, body=json.dumps(body))

    def watch(self, path: str, timeout_s: int) -> Generator[Json]:
        """Events of a kind, the objects that exist first; ends after ``timeout_s``."""
        connection = self._connection(timeout_s + 10)
        try:
            response = self._send(
                connection, "GET", f"{path}?watch=1&timeoutSeconds={timeout_s}", "application/json", None
            )
            for line in response:
                yield cast("Json", json.loads(line))
        finally:
            connection.close()

    def _text(
        self, method: str, path: str, *, accept: str = "application/json", body: str | None = None
    ) -> str:
        connection = self._connection(timeout_s=30)
        try:
            return self._send(connection, method, path, accept, body).read().decode()
        finally:
            connection.close()

    def _connection(self, timeout_s: int) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(
            self._address.hostname or "", self._address.port, context=self._context, timeout=timeout_s
        )

    def _send(
        self, connection: http.client.HTTPSConnection, method: str, path: str, accept: str, body: str | None
    ) -> http.client.HTTPResponse:
        headers = {"Accept": accept} | ({"Content-Type": "application/merge-patch+json"} if body else {})
        connection.request(method, path, body=body, headers=headers)
        response = connection.getresponse()
        if response.status >= http.HTTPStatus.BAD_REQUEST:
            raise ApiError(response.status, response.read().decode())
        return response
