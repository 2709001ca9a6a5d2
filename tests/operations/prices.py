"""A fake of AWS's price API: products as its documentation shows them, given by tests."""

import json
from collections.abc import Mapping
from typing import Any

from typing_extensions import override

from operations.clients.aws import AwsSession
from operations.services.price_queries import queries


def of_item(item: str, usd: float | str, begin: str = "0", **attributes: str) -> str:
    """A product that the question for an item finds."""
    [query] = [one for one in queries("us-east-1") if one.item == item]
    return product(usd, begin=begin, **{**query.filters, **attributes})


def product(usd: float | str, unit: str = "Hrs", begin: str = "0", **attributes: str) -> str:
    """One entry of ``PriceList``: JSON in text, as the API has it."""
    step = {"unit": unit, "beginRange": begin, "endRange": "Inf", "pricePerUnit": {"USD": str(usd)}}
    return json.dumps(
        {
            "product": {"sku": "S", "attributes": attributes},
            "serviceCode": "Amazon",
            "terms": {"OnDemand": {"S.T": {"priceDimensions": {"S.T.D": step}}}, "Reserved": {}},
        }
    )


class FakePriceSession(AwsSession):
    """Answers ``GetProducts`` from the products given, by service; filters hold as TERM_MATCH does."""

    def __init__(self, products: Mapping[str, list[str]]) -> None:
        super().__init__("us-east-1")
        self.products = dict(products)
        self.asked: list[tuple[str, dict[str, str]]] = []

    @override
    def pages(self, service: str, operation: str, key: str, **parameters: Any) -> list[Any]:
        assert (service, operation, key) == ("pricing", "get_products", "PriceList")
        wanted = {one["Field"]: one["Value"] for one in parameters["Filters"]}
        assert {one["Type"] for one in parameters["Filters"]} == {"TERM_MATCH"}
        self.asked.append((parameters["ServiceCode"], wanted))
        if any("<" in one for one in self.products.get(parameters["ServiceCode"], [])):
            return self.products[parameters["ServiceCode"]]
        return [
            one
            for one in self.products.get(parameters["ServiceCode"], [])
            if all(_attributes(one).get(name) == value for name, value in wanted.items())
        ]


def _attributes(listed: str) -> dict[str, str]:
    return json.loads(listed)["product"]["attributes"]
