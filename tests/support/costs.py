"""What both stacks cost, computed from what the program registers: docs/cost.md, `--write` or `--check`."""

import sys
from collections.abc import Iterator

from pricing import Cost, Resource, load_prices, monthly
from tests.support import generated
from tests.support.stacks import ROOT, STACKS, recorded

PAGE = ROOT / "docs" / "cost.md"
BEGIN = "<!-- tables: made by `make docs` -->"
END = "<!-- end of tables -->"


def resources(stack: str) -> list[Resource]:
    """A recorded stack's resources, as they are priced."""
    return [
        Resource(type=one.type, urn=one.urn, inputs=one.inputs, parent=one.parent)
        for one in recorded(stack).made.registrations
    ]


def _tables() -> str:
    costs = {stack: monthly(resources(stack)) for stack in STACKS}
    return "\n".join(
        [
            *_together(costs),
            *(line for stack, cost in costs.items() for line in _stack(stack, cost)),
            *_sources(),
        ]
    )


def _together(costs: dict[str, Cost]) -> Iterator[str]:
    yield "## Together"
    yield "| stack | minimum | maximum | budget | of the budget, at most |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for stack, cost in costs.items():
        assert cost.budget, f"{stack} has no budget"
        share = f"{cost.maximum / cost.budget:.0%}"
        yield f"| {stack} | {cost.minimum:,.2f} | {cost.maximum:,.2f} | {cost.budget:,.0f} | {share} |"
    yield ""


def _stack(stack: str, cost: Cost) -> Iterator[str]:
    yield f"## {stack.capitalize()}"
    yield "| component | minimum | maximum |"
    yield "| --- | ---: | ---: |"
    for share in cost.shares:
        yield f"| {share.component} | {share.minimum:,.2f} | {share.maximum:,.2f} |"
    yield ""
    yield "| component | what | price | quantity | minimum | maximum |"
    yield "| --- | --- | ---: | ---: | ---: | ---: |"
    yield from _lines(cost)
    yield ""
    yield "Not known:"
    yield ""
    yield from (f"- {gap.component} ({gap.name}): {gap.why}" for gap in cost.gaps)
    yield ""
    yield f"Paid by use, not counted: {'; '.join(cost.usage)}."
    yield ""


def _lines(cost: Cost) -> Iterator[str]:
    """Lines of a component with the same price share a row."""
    rows: dict[tuple[str, str, str], list[float]] = {}
    for line in cost.lines:
        key = (line.component, line.what, f"{line.unit_usd:g} / {line.per}")
        sums = rows.setdefault(key, [0.0, 0.0, 0.0, 0.0])
        for index, value in enumerate((line.least, line.most, line.minimum, line.maximum)):
            sums[index] += value
    for (component, what, price), (least, most, minimum, maximum) in sorted(rows.items()):
        quantity = f"{least:g}" if least == most else f"{least:g} to {most:g}"
        yield f"| {component} | {what} | {price} | {quantity} | {minimum:,.2f} | {maximum:,.2f} |"


def _sources() -> Iterator[str]:
    prices = load_prices()
    yield "## Where the prices are from"
    yield "| source | read | what | rows |"
    yield "| --- | --- | --- | ---: |"
    for name, source in prices.sources.items():
        rows = sum(price.source == name for price in prices.prices.values())
        yield f"| {name} | {source.read} | {source.text} | {rows} |"


def page() -> str:
    """The page with the current tables in it."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{_tables()}\n{END}{after}"


if __name__ == "__main__":
    sys.exit(generated.run(PAGE, page))
