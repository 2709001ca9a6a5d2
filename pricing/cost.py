"""Resources and a list of prices in, what they cost a month out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pricing.model import Cost, Gap, Line, Resource
from pricing.price_list import PriceList, load_prices
from pricing.quantities import RULES, Missing, Quantity

BUDGET = "aws:budgets/budget:Budget"
AWS_PROVIDER = "pulumi:providers:aws"

NO_MONEY = ("pulumi:", "random:", "kubernetes:")
"""Families of types that nobody pays for by themselves: objects of a cluster run on its nodes. The exceptions
have a rule (``quantities.py``)."""


def monthly(resources: Iterable[Resource], prices: PriceList | None = None) -> Cost:
    """What resources cost a month.

    Args:
        resources: a whole stack's, components included: they give the names under which costs are summed.
        prices: the tracked list, unless another is given.

    Raises:
        PriceListError: the tracked list cannot be read.
    """
    prices = prices or load_prices()
    everything = tuple(resources)
    tops = _outermost(everything)
    found: list[Line | Gap] = []
    for resource in everything:
        found += _of(resource, tops[resource.urn], everything, prices)
    lines = tuple(one for one in found if isinstance(one, Line))
    return Cost(
        region=prices.region,
        oldest=_oldest(lines, prices),
        lines=lines,
        gaps=(*_elsewhere(everything, prices), *(one for one in found if isinstance(one, Gap))),
        usage=_usage(everything, prices),
        budget=_budget(everything),
    )


def _of(
    resource: Resource, component: str, everything: Sequence[Resource], prices: PriceList
) -> Iterator[Line | Gap]:
    rule = RULES.get(resource.type)
    if rule is None:
        if not _is_known(resource.type, prices):
            yield Gap(
                component=component,
                name=resource.name,
                why=f"the price list has no entry for the type {resource.type}",
            )
        return
    for quantity in rule(resource, everything):
        if isinstance(quantity, Missing):
            yield Gap(component=component, name=resource.name, why=quantity.why)
        else:
            yield _line(resource, component, quantity, prices)


def _is_known(kind: str, prices: PriceList) -> bool:
    is_component = kind.count(":") == 2 and "/" not in kind and kind.startswith("intendly:")  # noqa: PLR2004 - a token has three parts
    return is_component or kind.startswith(NO_MONEY) or kind in prices.free or kind in prices.usage


def _line(resource: Resource, component: str, quantity: Quantity, prices: PriceList) -> Line | Gap:
    price = prices.find(quantity.item, quantity.kind)
    if price is None:
        what = f"{quantity.item} {quantity.kind}".strip()
        return Gap(component=component, name=resource.name, why=f"the price list has no row for {what}")
    return Line(
        component=component,
        name=resource.name,
        what=price.what,
        unit_usd=price.usd,
        per=price.per,
        least=quantity.least,
        most=quantity.most,
        minimum=round(quantity.least * price.monthly_usd, 2),
        maximum=round(quantity.most * price.monthly_usd, 2),
    )


def _outermost(resources: Sequence[Resource]) -> dict[str, str]:
    """For each URN the logical name of the outermost component that it belongs to."""
    by_urn = {resource.urn: resource for resource in resources}

    def top(resource: Resource) -> Resource:
        parent = by_urn.get(resource.parent)
        return resource if parent is None or parent.type == "pulumi:pulumi:Stack" else top(parent)

    return {urn: top(resource).name for urn, resource in by_urn.items()}


def _usage(resources: Sequence[Resource], prices: PriceList) -> tuple[str, ...]:
    types = {resource.type for resource in resources}
    return tuple(
        dict.fromkeys(name for kind, names in prices.usage.items() if kind in types for name in names)
    )


def _elsewhere(resources: Sequence[Resource], prices: PriceList) -> Iterator[Gap]:
    for resource in resources:
        region = (
            resource.inputs.get("region", prices.region) if resource.type == AWS_PROVIDER else prices.region
        )
        if region != prices.region:
            yield Gap(
                component=resource.name,
                name=resource.name,
                why=f"the stack is in {region}, the prices are of {prices.region}",
            )


def _budget(resources: Sequence[Resource]) -> float | None:
    for resource in resources:
        if resource.type == BUDGET:
            try:
                return float(resource.inputs.get("limitAmount", ""))
            except (TypeError, ValueError):
                return None
    return None


def _oldest(lines: Sequence[Line], prices: PriceList) -> str:
    by_what: Mapping[str, str] = {price.what: price.source for price in prices.prices.values()}
    dates = [prices.sources[by_what[line.what]].read for line in lines]
    return min(dates).isoformat() if dates else ""
