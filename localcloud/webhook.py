"""The API server's token webhook: says who a token of ``aws eks get-token`` belongs to, as EKS does.

Such a token is a presigned request for the caller's identity. EKS sends it to STS; moto takes every presigned request
for one to S3, so what STS would do is done here: the signature is computed again, over the name of the cluster too,
with the key that moto's STS lent to the caller. The caller's role is then looked up among the cluster's access
entries.
"""

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple, cast
from urllib.parse import parse_qsl, quote, urlsplit

from localcloud.certificates import ADMINISTRATORS
from localcloud.paths import LOOPBACK, read_json

PREFIX = "k8s-aws-v1."
CLUSTER_HEADER = "x-k8s-aws-id"
"""Names the cluster and is part of what is signed: a token for one cluster is worth nothing at another."""

SIGNED_HEADERS = f"host;{CLUSTER_HEADER}"
"""The headers under the signature, as ``aws eks get-token`` signs them."""

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


def presigned(token: str, now: dt.datetime) -> tuple[str, dict[str, str]]:
    """Host and query of the presigned request inside a token.

    Raises:
        Refused: it is no such token, asks for something else, does not name the cluster, or is too old.
    """
    encoded = token.removeprefix(PREFIX)
    try:
        url = urlsplit(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode())
        query = dict(parse_qsl(url.query))
        signed = dt.datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
    except (binascii.Error, UnicodeDecodeError, KeyError, ValueError) as error:
        raise Refused(f"no token of aws eks get-token: {error}") from error
    if not token.startswith(PREFIX) or query.get("Action") != "GetCallerIdentity" or url.path != "/":
        raise Refused("no request for the caller's identity")
    if query.get("X-Amz-SignedHeaders") != SIGNED_HEADERS:
        raise Refused(f"signed are {query.get('X-Amz-SignedHeaders')} instead of {SIGNED_HEADERS}")
    if not -LIFETIME < now - signed < LIFETIME:
        raise Refused("too old")
    return url.netloc, query


def signature(host: str, query: Mapping[str, str], cluster: str, secret_key: str) -> str:
    """The signature (version 4) that the request must have, for this cluster and by this key."""
    signed = sorted(
        (quote(key, safe=""), quote(query[key], safe="")) for key in query if key != "X-Amz-Signature"
    )
    arguments = "&".join(f"{key}={value}" for key, value in signed)
    headers = [f"host:{host}", f"{CLUSTER_HEADER}:{cluster}", ""]
    empty_body = hashlib.sha256(b"").hexdigest()
    request = "\n".join(["GET", "/", arguments, *headers, SIGNED_HEADERS, empty_body])
    scope = query["X-Amz-Credential"].split("/")[1:]
    key = f"AWS4{secret_key}".encode()
    for part in scope:
        key = hmac.digest(key, part.encode(), "sha256")
    digest = hashlib.sha256(request.encode()).hexdigest()
    text = "\n".join(["AWS4-HMAC-SHA256", query["X-Amz-Date"], "/".join(scope), digest])
    return hmac.digest(key, text.encode(), "sha256").hex()


def caller(host: str, query: Mapping[str, str], cluster: str, lent: Iterable[Mapping[str, str]]) -> str:
    """The ARN of who signed the request.

    Raises:
        Refused: with a key that STS did not lend, or not for this cluster.
    """
    access_key = query["X-Amz-Credential"].split("/")[0]
    for role in lent:
        if role["access_key_id"] == access_key and role["session_token"] == query.get("X-Amz-Security-Token"):
            wanted = signature(host, query, cluster, role["secret_access_key"])
            if hmac.compare_digest(wanted, query.get("X-Amz-Signature", "")):
                return role["arn"]
            raise Refused(f"the signature is not {role['arn']}'s for cluster {cluster}")
    raise Refused("not signed with a key of an assumed role")


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


def review(token: str, state: Path, lent: Iterable[Mapping[str, str]]) -> Identity:
    """Who a token belongs to.

    Raises:
        Refused: nobody.
    """
    host, query = presigned(token, dt.datetime.now(dt.UTC))
    ledger = read_json(state / "aws.json")
    clusters = _of_type(ledger, "aws:eks/cluster:Cluster")
    if not clusters:
        raise Refused("there is no cluster yet")
    return identity(caller(host, query, str(clusters[0]["name"]), lent), ledger)


def answer(body: dict[str, Any], state: Path, lent: Iterable[Mapping[str, str]]) -> dict[str, Any]:
    """The TokenReview that the API server gets back."""
    try:
        who = review(str(body["spec"]["token"]), state, lent)
    except Refused as reason:
        print(f"refused: {reason}", file=sys.stderr, flush=True)  # noqa: T201 - this process' log
        status: dict[str, Any] = {"authenticated": False, "error": str(reason)}
    else:
        status = {"authenticated": True, "user": {"username": who.username, "groups": who.groups}}
    return {"apiVersion": body["apiVersion"], "kind": "TokenReview", "status": status}


def server(port: int, state: Path, lent: Callable[[], Iterable[Mapping[str, str]]]) -> ThreadingHTTPServer:
    """The webhook on a port of loopback; ``lent`` tells the roles that STS has lent, with their keys."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            text = json.dumps(answer(body, state, lent())).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    return ThreadingHTTPServer((LOOPBACK, port), Handler)
