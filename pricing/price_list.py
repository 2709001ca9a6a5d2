"""The list of prices: a file of rows, each with its source, and of types that have no price of their own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

import yaml

FILE: Final = Path(__file__).with_name("us-east-1.yaml")
"""The tracked list."""

HOURS: Final = 730
"""Hours of a month, as AWS's own calculator counts them: 8,760 / 12."""

PER: Final = {"hour": HOURS, "month": 1, "gib-month": 1}
"""How often a unit is paid in a month."""

WAY_ON: Final = "correct it, or take the tracked file back: git checkout pricing"


class PriceListError(Exception):
    """The list cannot be read as one; ``hint`` says what to do."""

    def __init__(self, message: str, hint: str = WAY_ON) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, kw_only=True)
class Price:
    """One row."""

    item: str
    kind: str
    """Instance type, class or volume type; empty where an item has one price only."""
    usd: float
    per: str
    source: str

    @property
    def what(self) -> str:
        """Item and kind."""
        return f"{self.item} {self.kind}".strip()

    @property
    def monthly_usd(self) -> float:
        """US dollars a month of one of it."""
        return self.usd * PER[self.per]


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where prices come from, and when they were read."""

    read: date
    text: str


@dataclass(frozen=True, kw_only=True)
class PriceList:
    """Prices of one region."""

    region: str
    sources: Mapping[str, Source]
    prices: Mapping[tuple[str, str], Price]
    """By item and kind."""
    free: Mapping[str, str]
    """Why a type costs nothing by itself."""
    usage: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """What a type makes one pay by use."""

    def find(self, item: str, kind: str) -> Price | None:
        """The price of an item's kind."""
        return self.prices.get((item, kind))


@cache
def load_prices(file: Path = FILE) -> PriceList:
    """Read a list.

    Raises:
        PriceListError: it cannot be read, or a part of it is wrong; the message names the row.
    """
    try:
        document: object = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise PriceListError(f"the price list {file.name} cannot be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise PriceListError(f"the price list {file.name} is no YAML: {error}") from error
    return _Reader(file.name).read(document)


class _Reader:
    """Reads one document; each refusal names the file and the place."""

    def __init__(self, name: str) -> None:
        self._name = name

    def read(self, document: object) -> PriceList:
        whole = self._mapping(document, "the file")
        sources = {
            name: self._source(name, given)
            for name, given in self._mapping(whole.get("sources"), "sources").items()
        }
        prices: dict[tuple[str, str], Price] = {}
        for number, given in enumerate(self._list(whole.get("prices"), "prices"), start=1):
            row = self._row(number, given, sources)
            if (row.item, row.kind) in prices:
                raise self._wrong(f"row {number} of prices ({row.what}) is there twice")
            prices[row.item, row.kind] = row
        return PriceList(
            region=self._text(whole, "region", "the file"),
            sources=sources,
            prices=prices,
            free=self._free(whole.get("free")),
            usage={
                kind: tuple(str(name) for name in self._list(names, f"usage of {kind}"))
                for kind, names in self._mapping(whole.get("usage"), "usage").items()
            },
        )

    def _row(self, number: int, given: object, sources: Mapping[str, Source]) -> Price:
        place = f"row {number} of prices"
        row = self._mapping(given, place)
        item, kind = self._text(row, "item", place), str(row.get("kind", ""))
        place = f"{place} ({f'{item} {kind}'.strip()})"
        usd, per, source = row.get("usd"), self._text(row, "per", place), self._text(row, "source", place)
        if isinstance(usd, bool) or not isinstance(usd, int | float) or usd < 0:
            raise self._wrong(f"{place}: usd is {usd!r}, not a price in US dollars")
        if per not in PER:
            raise self._wrong(f"{place}: per is {per!r}; known are {', '.join(PER)}")
        if source not in sources:
            raise self._wrong(f"{place}: its source {source!r} is not among the sources")
        return Price(item=item, kind=kind, usd=float(usd), per=per, source=source)

    def _source(self, name: str, given: object) -> Source:
        place = f"source {name}"
        source = self._mapping(given, place)
        read = source.get("read")
        if not isinstance(read, date):
            raise self._wrong(f"{place}: read is {read!r}, not a date")
        return Source(read=read, text=self._text(source, "text", place))

    def _free(self, given: object) -> dict[str, str]:
        free: dict[str, str] = {}
        for reason, types in self._mapping(given, "free").items():
            free |= dict.fromkeys(map(str, self._list(types, f"free, {reason}")), reason)
        return free

    def _mapping(self, given: object, place: str) -> dict[str, Any]:
        if not isinstance(given, dict):
            raise self._wrong(f"{place}: not a mapping of names to values")
        return cast("dict[str, Any]", given)

    def _list(self, given: object, place: str) -> list[Any]:
        if not isinstance(given, list):
            raise self._wrong(f"{place}: not a list")
        return cast("list[Any]", given)

    def _text(self, given: Mapping[str, Any], key: str, place: str) -> str:
        value = given.get(key)
        if not isinstance(value, str) or not value:
            raise self._wrong(f"{place}: {key} is missing")
        return value

    def _wrong(self, problem: str) -> PriceListError:
        return PriceListError(f"the price list {self._name} cannot be used: {problem}")
