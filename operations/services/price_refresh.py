"""``intendly cost refresh``: the price list anew from AWS's price API."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import yaml

from infra.settings.machines import CACHE_NODE_TYPES, DATABASE_MEMORY_GIB, INSTANCE_TYPES
from operations.clients.aws_prices import AwsPrices
from operations.errors import InputError
from operations.services.price_queries import Query, queries
from pricing.price_list import Price, PriceList, PriceListError, load_prices

SOURCE: Final = "aws-price-api"

CHOICES: Final[Mapping[str, frozenset[str]]] = {
    "ec2.instance": frozenset(INSTANCE_TYPES),
    "elasticache.redis": frozenset(CACHE_NODE_TYPES),
    "elasticache.valkey": frozenset(CACHE_NODE_TYPES),
    "rds.multiAz": frozenset(DATABASE_MEMORY_GIB),
    "rds.single": frozenset(DATABASE_MEMORY_GIB),
}
"""Kinds that can be set, and so are kept in the list, of all that AWS sells."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A price that AWS's list has otherwise, or that ours lacked."""

    what: str
    before: float | None
    after: float


@dataclass(frozen=True, kw_only=True)
class Refresh:
    """What AWS says, beside what the list says."""

    changes: tuple[Change, ...]
    confirmed: int
    """Prices that AWS has as the list has them."""
    not_found: tuple[str, ...]
    """Rows of the list for which AWS had no product, or several prices: they stay as they are."""
    rows: tuple[Price, ...]
    """The list's rows as they would be."""


class PriceRefresh:
    """Compares the list with AWS's, and writes it.

    Args:
        prices: AWS's price API.
        file: the list.
        today: the date that new rows get.
    """

    def __init__(self, prices: AwsPrices, file: Path, today: date | None = None) -> None:
        self._prices = prices
        self._file = file
        self._today = today or date.today()  # noqa: DTZ011 - the operator's own day is meant

    def compare(self) -> Refresh:
        """Ask AWS for every item; nothing is changed.

        Raises:
            AwsError: AWS refused, or did not answer.
            InputError: the list cannot be read.
        """
        known = self._known()
        found: dict[tuple[str, str], Price] = {}
        unclear: set[tuple[str, str]] = set()
        for query in queries(known.region):
            self._ask(query, found, unclear)
        for key in unclear:
            del found[key]
        missing = tuple(price.what for key, price in known.prices.items() if key not in found)
        changes = tuple(_changes(known, found))
        return Refresh(
            changes=changes,
            confirmed=len(found) - len(changes),
            not_found=missing,
            rows=tuple(price for _, price in sorted({**known.prices, **found}.items())),
        )

    def _known(self) -> PriceList:
        try:
            return load_prices(self._file)
        except PriceListError as error:
            raise InputError(error.message, error.hint) from error

    def _ask(self, query: Query, found: dict[tuple[str, str], Price], unclear: set[tuple[str, str]]) -> None:
        for product in self._prices.products(query.service, query.filters):
            kind = product.attributes.get(query.kind_from, "") if query.kind_from else query.kind
            key = (query.item, kind)
            wanted = CHOICES.get(query.item)
            if (wanted is not None and kind not in wanted) or not product.usd:
                continue
            if key in found and found[key].usd != product.usd:
                unclear.add(key)
            found[key] = Price(item=query.item, kind=kind, usd=product.usd, per=query.per, source=SOURCE)

    def write(self, refresh: Refresh) -> None:
        """Write the list as it was shown.

        Raises:
            InputError: the list cannot be read any more.
        """
        known = self._known()
        text = self._file.read_text(encoding="utf-8")
        head, _, rest = text.partition("\nsources:\n")
        tail = (
            rest[rest.index("\n# Types that cost nothing") :] if "\n# Types that cost nothing" in rest else ""
        )
        self._file.write_text(f"{head}\nsources:\n{self._body(known, refresh)}{tail}", encoding="utf-8")
        load_prices.cache_clear()

    def _body(self, known: PriceList, refresh: Refresh) -> str:
        used = {price.source for price in refresh.rows}
        sources = {
            name: {"read": source.read, "text": source.text}
            for name, source in known.sources.items()
            if name in used and name != SOURCE
        }
        if SOURCE in used:
            sources[SOURCE] = {"read": self._today, "text": "AWS's price API, GetProducts, on demand"}
        written = yaml.safe_dump(sources, sort_keys=False, width=1000)
        indented = "".join(f"  {line}\n" for line in written.splitlines())
        return f"{indented}\nprices:\n" + "".join(f"  - {_row(price)}\n" for price in refresh.rows)


def _changes(known: PriceList, found: Mapping[tuple[str, str], Price]) -> Iterator[Change]:
    for key, price in sorted(found.items()):
        before = known.prices.get(key)
        if before is None or before.usd != price.usd:
            yield Change(what=price.what, before=before.usd if before else None, after=price.usd)


def _row(price: Price) -> str:
    kind = f"kind: {price.kind}, " if price.kind else ""
    return f"{{item: {price.item}, {kind}usd: {price.usd!r}, per: {price.per}, source: {price.source}}}"
