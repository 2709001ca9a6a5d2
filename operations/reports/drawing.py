"""A graph drawn as SVG: rows of boxes of equal size, so that it can be read on a telephone and printed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from typing import Final

from operations.reports.graph import Graph, Node

WIDTH: Final = 164
HEIGHT: Final = 46
GAP_X: Final = 12
GAP_Y: Final = 30
LETTERS: Final = 21
"""Letters that fit into a box."""

Place = tuple[float, float]
"""Upper left corner of a box."""


def draw(graph: Graph, columns: int, anchor: Callable[[str], str]) -> str:
    """The SVG element of the graph; empty where there is nothing to draw.

    Args:
        graph: boxes and what uses what.
        columns: boxes beside each other at most.
        anchor: the id on the page that a box leads to, by its target.
    """
    rows = [row for layer in graph.layers for row in _rows(layer, columns)]
    if not rows:
        return ""
    widest = max(len(row) for row in rows)
    width = widest * (WIDTH + GAP_X) + GAP_X
    height = len(rows) * (HEIGHT + GAP_Y) + GAP_Y
    places = _places(rows, width)
    opening = (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="group" '
        'aria-label="What changes, and what uses what" class="graph">'
    )
    parts = [
        opening,
        *(_edge(places[one], places[other]) for one, other in graph.edges),
        *(_box(node, places[node.key], anchor(node.target)) for row in rows for node in row),
        "</svg>",
    ]
    return "\n".join(parts)


def _rows(layer: Sequence[Node], columns: int) -> Iterator[Sequence[Node]]:
    for start in range(0, len(layer), columns):
        yield layer[start : start + columns]


def _places(rows: Sequence[Sequence[Node]], width: float) -> Mapping[str, Place]:
    places: dict[str, Place] = {}
    for line, row in enumerate(rows):
        left = (width - len(row) * (WIDTH + GAP_X) + GAP_X) / 2
        for column, node in enumerate(row):
            places[node.key] = (left + column * (WIDTH + GAP_X), GAP_Y / 2 + line * (HEIGHT + GAP_Y))
    return places


def _edge(used: Place, user: Place) -> str:
    x1, y1 = used[0] + WIDTH / 2, used[1] + HEIGHT
    x2, y2 = user[0] + WIDTH / 2, user[1]
    bend = max(GAP_Y, (y2 - y1) / 2)
    return (
        f'<path class="edge" d="M{x1:.0f} {y1:.0f}C{x1:.0f} {y1 + bend:.0f} '
        f'{x2:.0f} {y2 - bend:.0f} {x2:.0f} {y2:.0f}"/>'
    )


def _box(node: Node, place: Place, anchor: str) -> str:
    x, y = place
    mark = " danger" if node.dangerous else ""
    return (
        f'<a href="#{anchor}"><title>{escape(node.title)}: {escape(node.subtitle)}</title>'
        f'<rect class="box {node.action}{mark}" x="{x:.0f}" y="{y:.0f}" '
        f'width="{WIDTH}" height="{HEIGHT}" rx="7"/>'
        f'<text x="{x + 10:.0f}" y="{y + 19:.0f}" class="title">{_fit(node.title)}</text>'
        f'<text x="{x + 10:.0f}" y="{y + 36:.0f}" class="sub">{_fit(node.subtitle, LETTERS + 4)}</text></a>'
    )


def _fit(text: str, letters: int = LETTERS) -> str:
    return escape(text if len(text) <= letters else f"{text[: letters - 1]}…")
