"""Lists of the AWS API that moto does not keep, answered from the ledger, so that operators' commands find all of it.

Answered are the tagging API, and the lists of those types that carry no tags and whose ids AWS chooses.
"""

import io
import json
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs

from localcloud.providers.ledger import Ledger
from localcloud.providers.wire import Properties, Value

_ARNS = ("arn", "associationArn", "accessEntryArn")
_NAT = "aws:ec2/natGateway:NatGateway"
_NATS = "arn:aws:ec2:{region}:{account}:natgateway/{id}"  # the provider's NAT gateways tell no ARN


@dataclass(frozen=True)
class _List:
    """One operation: how its request is recognised, and what the ledger answers to its parameters."""

    service: str
    operation: str
    request: str
    answer: Callable[[list[Properties], Properties], Properties]


def _tagged(entries: list[Properties], given: Properties) -> Properties:
    found: list[Properties] = []
    for entry in entries:
        outputs = entry["outputs"]
        tags: Properties = outputs.get("tagsAll") or {}
        arn = next((outputs[name] for name in _ARNS if name in outputs), "")
        if entry["type"] == _NAT:
            arn = _NATS.format(**given, id=entry["id"])
        if arn and all(tags.get(one["Key"]) in one["Values"] for one in given.get("TagFilters", [])):
            pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
            found.append({"ResourceARN": arn, "Tags": pairs})
    return {"ResourceTagMappingList": found, "PaginationToken": ""}


def _policies(kind: str, name: str) -> Callable[[list[Properties], Properties], Properties]:
    def answer(entries: list[Properties], given: Properties) -> Properties:
        del given
        items = [
            {"Type": "custom", name: {"Id": one["id"], f"{name}Config": {"Name": one["outputs"]["name"]}}}
            for one in _of(entries, kind)
        ]
        return {f"{name}List": {"MaxItems": 100, "Quantity": len(items), "Items": items}}

    return answer


def _access_controls(entries: list[Properties], given: Properties) -> Properties:
    del given
    found = _of(entries, "cloudfront/originAccessControl:OriginAccessControl")
    items = [{"Id": one["id"], "Name": one["outputs"]["name"]} for one in found]
    return {"OriginAccessControlList": {"MaxItems": 100, "Quantity": len(items), "Items": items}}


def _selections(entries: list[Properties], given: Properties) -> Properties:
    found = [
        one
        for one in _of(entries, "backup/selection:Selection")
        if one["outputs"]["planId"] == given["BackupPlanId"]
    ]
    listed = [{"SelectionId": one["id"], "SelectionName": one["outputs"]["name"]} for one in found]
    return {"BackupSelectionsList": listed}


def _reservations(entries: list[Properties], given: Properties) -> Properties:
    found = [
        one
        for one in _of(entries, "ec2/subnetCidrReservation:SubnetCidrReservation")
        if one["outputs"]["subnetId"] == given["SubnetId"]
    ]
    listed = [
        {
            "SubnetCidrReservationId": one["id"],
            "Cidr": one["outputs"]["cidrBlock"],
            "SubnetId": given["SubnetId"],
        }
        for one in found
    ]
    return {"SubnetIpv4CidrReservations": listed}


_LISTS = (
    _List(
        "resourcegroupstaggingapi",
        "GetResources",
        r"POST / ResourceGroupsTaggingAPI\w+\.GetResources",
        _tagged,
    ),
    _List(
        "cloudfront",
        "ListCachePolicies",
        r"GET /2020-05-31/cache-policy ",
        _policies("cloudfront/cachePolicy:CachePolicy", "CachePolicy"),
    ),
    _List(
        "cloudfront",
        "ListResponseHeadersPolicies",
        r"GET /2020-05-31/response-headers-policy ",
        _policies("cloudfront/responseHeadersPolicy:ResponseHeadersPolicy", "ResponseHeadersPolicy"),
    ),
    _List(
        "cloudfront", "ListOriginAccessControls", r"GET /2020-05-31/origin-access-control ", _access_controls
    ),
    _List(
        "backup",
        "ListBackupSelections",
        r"GET /backup/plans/(?P<BackupPlanId>[^/]+)/selections/? ",
        _selections,
    ),
    _List("ec2", "GetSubnetCidrReservations", r"POST / .*GetSubnetCidrReservations", _reservations),
)


def _of(entries: list[Properties], kind: str) -> list[Properties]:
    return [one for one in entries if one["type"] == f"aws:{kind}"]


def answer_from(ledger: Ledger, account: str) -> None:
    """Have moto's server answer these lists from the ledger."""
    server: Any = import_module("moto.server").DomainDispatcherApplication
    place = {"account": account, "region": os.environ.get("AWS_REGION", "us-east-1")}
    server.__call__ = answering(server.__call__, ledger, place)


def answering(serve: Value, ledger: Ledger, place: Properties) -> Value:
    """A server's method with these lists answered from the ledger.

    Args:
        serve: the method, called with a request as WSGI has it.
        ledger: what exists.
        place: ``account`` and ``region``.
    """

    def application(self: Value, environ: Value, start_response: Value) -> Iterable[bytes]:
        body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        action = environ.get("HTTP_X_AMZ_TARGET") or _parameters(body).get("Action", "")
        line = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} {action}"
        for one in _LISTS:
            if found := re.fullmatch(one.request, line):
                given = place | found.groupdict() | _parameters(body)
                return _answer(one, one.answer(ledger.resources(), given), environ, start_response)
        return serve(self, environ, start_response)

    return application


def _parameters(body: bytes) -> Properties:
    """Of a request in JSON, or in a form's fields; nothing of any other."""
    try:
        return json.loads(body)
    except ValueError:
        return {name: values[0] for name, values in parse_qs(body.decode(errors="replace")).items()}


def _answer(one: _List, result: Properties, environ: Value, start_response: Value) -> Iterable[bytes]:
    """In the protocol of the request, by botocore's model of the service and moto's writer."""
    model: Any = import_module("moto.core.utils").get_service_model(one.service)
    asked = import_module("moto.core.request").determine_request_protocol(model, environ.get("CONTENT_TYPE"))
    writer = import_module("moto.core.serialize").get_serializer_class(one.service, asked)
    answer: Value = writer(model.operation_model(one.operation)).serialize(result)
    start_response("200 OK", list({"Content-Type": "application/json", **answer["headers"]}.items()))
    body = answer["body"]
    return [body if isinstance(body, bytes) else body.encode()]
