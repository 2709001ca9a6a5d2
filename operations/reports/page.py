"""The report as one page of HTML: nothing is fetched, nothing runs; it works from a file and by keyboard."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from html import escape
from typing import Final

from operations.reports.drawing import draw
from operations.reports.graph import make_graph
from operations.reports.model import TITLES, Change, Cost, Policies, PropertyChange, Report, counted
from operations.reports.page_style import STYLE

NARROW, WIDE = 2, 5
"""Boxes beside each other in the picture, on a telephone and on a screen."""

OPEN: Final = 12
"""Up to so many changes are unfolded from the start."""

FIRST: Final = 24
"""So many dangers are seen at once; the others are folded."""

VALUE_LENGTH: Final = 4_000
"""Characters of a value that are shown."""


def to_page(report: Report) -> str:
    """The whole page."""
    # No script and no address of elsewhere may take effect, whatever a name or a value says.
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            f"<title>{escape(report.stack)}: {counted(report.changes)}</title>",
            f"<style>{STYLE}</style>\n</head>\n<body>",
            '<a class="skip" href="#changes">To the changes</a>\n<main>',
            *_head(report),
            *_dangers(report),
            *_cost(report.cost),
            *_policies(report.policies),
            *_picture(report),
            *_components(report),
            *_warnings(report.warnings),
            "</main>\n</body>\n</html>\n",
        ]
    )


def anchor(target: str) -> str:
    """The id on the page of a change (its URN) or a component (its name)."""
    return f"c{sha256(target.encode()).hexdigest()[:12]}"


def _head(report: Report) -> Iterator[str]:
    yield f"<h1>What would change in <code>{escape(report.stack)}</code></h1>"
    if not report.changes:
        yield f"<p>Nothing: {report.unchanged} resources stay as they are.</p>"
        return
    chips = [f'<li class="chip {action}">{count} {action}</li>' for action, count in report.counts.items()]
    yield f'<ul class="chips">{"".join(chips)}</ul>'
    yield f'<p class="soft">{report.unchanged} resources stay as they are.</p>'
    named = sum(change.must_be_named for change in report.changes)
    if named:
        what = "resource that holds data" if named == 1 else "resources that hold data"
        yield (
            f'<p class="alarm"><strong>{named} {what} would be replaced or deleted.</strong> '
            "An approval must name each (<code>--allow URN</code>), else it is refused.</p>"
        )


def _dangers(report: Report) -> Iterator[str]:
    if not report.dangerous:
        return
    first, rest = report.dangerous[:FIRST], report.dangerous[FIRST:]
    yield f'<h2 id="dangers">Look at these first ({len(report.dangerous)})</h2>'
    yield f'<ul class="dangers">{"".join(map(_danger, first))}</ul>'
    if rest:
        yield f"<details><summary>{len(rest)} more, less dangerous</summary>"
        yield f'<ul class="dangers">{"".join(map(_danger, rest))}</ul></details>'


def _danger(change: Change) -> str:
    titles = " · ".join(dict.fromkeys(TITLES[danger.risk] for danger in change.dangers))
    whys = "".join(f"<p>{escape(danger.why)}</p>" for danger in change.dangers)
    named = ' class="named"' if change.must_be_named else ""
    return (
        f"<li{named}><p><strong>{titles}</strong></p>"
        f'<p>{_tag(change)} <a href="#{anchor(change.urn)}"><code>{escape(change.name)}</code></a> '
        f'<span class="soft">{escape(change.short_kind)} of {escape(change.component)}</span></p>{whys}</li>\n'
    )


def _cost(cost: Cost | None) -> Iterator[str]:
    if cost is None:
        return
    yield f"<h2>Cost</h2>\n<p><strong>{cost.before:,.0f} → {cost.after:,.0f} USD a month</strong></p>"
    if cost.lines:
        rows = [(one.component, f"{one.before:,.2f}", f"{one.after:,.2f}") for one in cost.lines]
        yield _table(("component", "before", "after"), rows)
    if cost.unknown:
        yield f'<p class="soft">Without a price: {escape(", ".join(cost.unknown))}</p>'


def _policies(policies: Policies | None) -> Iterator[str]:
    if policies is None:
        return
    yield f"<h2>Policies</h2>\n<p>{policies.rules} rules, {len(policies.violations)} violations</p>"
    if policies.violations:
        rows = [(one.severity, one.rule, one.resource, one.message) for one in policies.violations]
        yield _table(("severity", "rule", "resource", "what is wrong"), rows)
    if policies.undecided:
        yield f'<p class="soft">Could not decide: {escape(", ".join(policies.undecided))}</p>'


def _picture(report: Report) -> Iterator[str]:
    graph = make_graph(report)
    if not graph.layers:
        return
    yield '<h2>What uses what</h2>\n<p class="soft">What is used stands above what uses it.</p>'
    for name, columns in (("narrow", NARROW), ("wide", WIDE)):
        yield f'<div class="picture {name}">{draw(graph, columns, anchor)}</div>'


def _components(report: Report) -> Iterator[str]:
    yield '<h2 id="changes">By component</h2>'
    opened = " open" if len(report.changes) <= OPEN else ""
    for name, changes in report.components:
        yield (
            f'<details id="{anchor(name)}"{opened}><summary><code>{escape(name)}</code> '
            f'<span class="soft">{counted(changes)}</span></summary>\n<div class="changes">'
        )
        yield from (_change(change, opened) for change in changes)
        yield "</div>\n</details>"


def _change(change: Change, opened: str) -> str:
    title = (
        f"{_tag(change)} <code>{escape(change.name)}</code> "
        f'<span class="soft">{escape(change.short_kind)}{" ⚠" if change.dangers else ""}</span>'
    )
    if not change.properties:
        return f'<p class="bare" id="{anchor(change.urn)}">{title}</p>'
    lines = "".join(_property(one) for one in change.properties)
    return (
        f'<details id="{anchor(change.urn)}"{opened}><summary>{title}</summary>'
        f'<dl class="diff">{lines}</dl></details>'
    )


def _property(one: PropertyChange) -> str:
    why = ' <strong class="replace">replaces it</strong>' if one.replaces else ""
    return (
        f"<dt><code>{escape(one.path)}</code>{why}</dt>"
        f'<dd class="old"><code>{_value(one.old)}</code></dd><dd class="new"><code>{_value(one.new)}</code></dd>'
    )


def _value(text: str) -> str:
    rest = len(text) - VALUE_LENGTH
    return escape(text) if rest <= 0 else f"{escape(text[:VALUE_LENGTH])}… ({rest:,} characters more)"


def _warnings(warnings: Sequence[str]) -> Iterator[str]:
    if warnings:
        lines = "".join(f"<li><code>{escape(one)}</code></li>" for one in warnings)
        yield f"<h2>The engine warns</h2>\n<ul>{lines}</ul>"


def _tag(change: Change) -> str:
    return f'<span class="tag {change.action}">{change.action}</span>'


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="picture"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
