"""AWS's price API. It answers in us-east-1 (and two other regions) only, for the prices of all regions."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from operations.clients.aws import AwsSession
from operations.errors import AwsError
from operations.json_object import Json, dig, text

API_REGION: Final = "us-east-1"


@dataclass(frozen=True, kw_only=True)
class Product:
    """Something that AWS sells on demand, for its lowest step of use."""

    attributes: Mapping[str, str]
    usd: float
    unit: str
    """AWS's own word: ``Hrs``, ``GB-Mo``, ``Keys``."""


class AwsPrices:
    """What AWS asks for its services."""

    def __init__(self, session: AwsSession) -> None:
        self._session = session

    def products(self, service: str, filters: Mapping[str, str]) -> tuple[Product, ...]:
        """What a service sells, of those products whose attributes are as given.

        Raises:
            AwsError: AWS refused, did not answer, or answered something that is no product.
        """
        found = self._session.pages(
            "pricing",
            "get_products",
            "PriceList",
            ServiceCode=service,
            FormatVersion="aws_v1",
            Filters=[
                {"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in filters.items()
            ],
        )
        return tuple(product for one in found for product in _products(service, one))


def _products(service: str, listed: str) -> Iterator[Product]:
    try:
        entry: Json = json.loads(listed)
    except (TypeError, json.JSONDecodeError) as error:
        raise AwsError(f"AWS's price list of {service} has an entry that is no JSON: {error}") from error
    attributes: dict[str, str] = dig(entry, "product", "attributes") or {}
    terms: Json = dig(entry, "terms", "OnDemand") or {}
    for term in terms.values():
        steps: Json = dig(term, "priceDimensions") or {}
        for step in steps.values():
            if text(step, "beginRange") in ("", "0") and text(step, "pricePerUnit", "USD"):
                yield Product(
                    attributes=attributes,
                    usd=float(text(step, "pricePerUnit", "USD")),
                    unit=text(step, "unit"),
                )
