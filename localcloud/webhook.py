"""The API server's token webhook: says who a token of ``aws eks get-token`` belongs to, as EKS does.

Such a token is a presigned request to STS. It is sent on, to this stack's STS and nowhere else; the role that STS
names is looked up among the cluster's access entries. Run as ``python -m localcloud.webhook STATE_FOLDER PORT``.
"""

import base64
import binascii
import datetime as dt
import http.client
import json
import re
import sys
import xml.etree.ElementTree as ET
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple, cast
from urllib.parse import parse_qs, urlsplit

from localcloud.certificates import ADMINISTRATORS
from localcloud.paths import LOOPBACK, read_json

PREFIX = "k8s-aws-v1."
CLUSTER_HEADER = "x-k8s-aws-id"
"""Names the cluster and is part of what is signed: a token for one cluster is worth nothing at another."""

LIFETIME = dt.timedelta(minutes=15)
"""How old a token may be: what EKS allows, whatever the token itself says."""

ADMIN_POLICY = "AmazonEKSClusterAdminPolicy"
"""The access policy that is Kubernetes' own ``cluster-admin``."""

Ledger = dict[str, Any]


class Refused(Exception):  # noqa: N818 - an outcome, not a fault
    """The token proves nothing; the message says why."""


class Identity(NamedTuple):
    """Who a token belongs to, in Kubernetes' terms."""

    username: str
    groups: list[str]


def presigned_query(token: str, now: dt.datetime) -> str:
    """The query of the presigned STS request inside a token.

    Raises:
        Refused: it is no such token, asks for something else, or is too old.
    """
    if not token.startswith(PREFIX):
        raise Refused("not a token of aws eks get-token")
    encoded = token.removeprefix(PREFIX)
    try:
        url = urlsplit(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode())
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        signed = dt.datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
    except (binascii.Error, UnicodeDecodeError, KeyError, ValueError) as error:
        raise Refused(f"not a presigned request: {error}") from error
    if query.get("Action") != "GetCallerIdentity" or url.path not in ("", "/"):
        raise Refused("not a request for the caller's identity")
    if CLUSTER_HEADER not in query.get("X-Amz-SignedHeaders", "").split(";"):
        raise Refused(f"{CLUSTER_HEADER} is not signed")
    if not -LIFETIME < now - signed < LIFETIME:
        raise Refused("expired")
    return url.query


def ask_sts(address: str, query: str, cluster: str) -> str:
    """The caller's ARN, from the STS at ``address`` (host and port)."""
    connection = http.client.HTTPConnection(address, timeout=10)
    try:
        connection.request("GET", f"/?{query}", headers={CLUSTER_HEADER: cluster})
        response = connection.getresponse()
        body = response.read().decode()
    finally:
        connection.close()
    if response.status != http.HTTPStatus.OK:
        raise Refused(f"STS answered {response.status}")
    arn = ET.fromstring(body).findtext(".//{*}Arn")  # noqa: S314 - from our own server
    if not arn:
        raise Refused("STS named nobody")
    return arn


def identity(caller_arn: str, ledger: Ledger) -> Identity:
    """Who the caller is for the cluster, by its access entries.

    Args:
        caller_arn: what STS said, ``arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION``.
        ledger: everything that exists in the stand-in for AWS.

    Raises:
        Refused: no access entry names the caller's role.
    """
    found = re.fullmatch(r"arn:aws:sts::(\d+):assumed-role/([^/]+)/(.+)", caller_arn)
    if found is None:
        raise Refused(f"{caller_arn} is no assumed role")
    account, role, session = found.groups()
    for entry in _of_type(ledger, "aws:eks/accessEntry:AccessEntry"):
        principal = str(entry["principalArn"])
        if not (principal.startswith(f"arn:aws:iam::{account}:role/") and principal.endswith(f"/{role}")):
            continue
        groups = [*cast("list[str]", entry.get("kubernetesGroups") or [])]
        if any(
            association["principalArn"] == principal
            and str(association["policyArn"]).endswith(f"/{ADMIN_POLICY}")
            for association in _of_type(ledger, "aws:eks/accessPolicyAssociation:AccessPolicyAssociation")
        ):
            groups.append(ADMINISTRATORS)
        name = str(entry.get("userName") or f"arn:aws:sts::{account}:assumed-role/{role}/{{{{SessionName}}}}")
        return Identity(name.replace("{{SessionName}}", session), groups)
    raise Refused(f"no access entry for role {role} of account {account}")


def _of_type(ledger: Ledger, kind: str) -> list[dict[str, Any]]:
    """The outputs of the resources of a type."""
    return [resource["outputs"] for resource in ledger.get("resources", []) if resource["type"] == kind]


def review(token: str, state: Path) -> Identity:
    """Who a token belongs to.

    Raises:
        Refused: nobody.
    """
    query = presigned_query(token, dt.datetime.now(dt.UTC))
    ledger = read_json(state / "aws.json")
    clusters = _of_type(ledger, "aws:eks/cluster:Cluster")
    if not clusters:
        raise Refused("there is no cluster yet")
    address = urlsplit(str(read_json(state / "endpoints.json")["moto_url"])).netloc
    return identity(ask_sts(address, query, str(clusters[0]["name"])), ledger)


def answer(body: dict[str, Any], state: Path) -> dict[str, Any]:
    """The TokenReview that the API server gets back."""
    try:
        who = review(str(body["spec"]["token"]), state)
    except Refused as reason:
        print(f"refused: {reason}", file=sys.stderr, flush=True)  # noqa: T201 - this process' log
        status: dict[str, Any] = {"authenticated": False, "error": str(reason)}
    else:
        status = {"authenticated": True, "user": {"username": who.username, "groups": who.groups}}
    return {"apiVersion": body["apiVersion"], "kind": "TokenReview", "status": status}


def main() -> None:
    """Serve until the process is ended."""
    state, port = Path(sys.argv[1]), int(sys.argv[2])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            text = json.dumps(answer(body, state)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    ThreadingHTTPServer((LOOPBACK, port), Handler).serve_forever()


if __name__ == "__main__":
    main()
