"""The report as Markdown for a pull request's comment: it always fits, and says what it leaves out.

The text is made of blocks that are whole or not there at all, the important ones first; so nothing is ever cut
inside a table, a list or a folded part.
"""

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from operations.reports.model import TITLES, Change, Cost, Policies, PropertyChange, Report, counted

LIMIT: Final = 65_536
"""Characters that GitHub takes in a comment."""

RESERVE: Final = 1_000
"""Characters kept for what is said of what was left out."""

SHARE_OF_DANGERS: Final = 0.4
SHARE_OF_COMPONENTS: Final = 0.2
"""Of the limit, at most so much goes to these tables, so that what comes after them is seen too."""

VALUE_LENGTH: Final = 160
"""Characters of a value that are shown."""

PROPERTIES: Final = 25
"""Properties of one change that are shown."""

_TICKS: Final = re.compile(r"`+")


def to_markdown(report: Report, limit: int = LIMIT) -> str:
    """The report, never longer than ``limit`` characters.

    Args:
        report: what would change.
        limit: characters that fit.
    """
    budget = _Budget(limit - RESERVE)
    head = [_headline(report), *_named(report)]
    budget.take("\n\n".join(head))
    dangers, dangers_left = _dangers(report, budget, int(limit * SHARE_OF_DANGERS))
    numbers = [
        part for part in (_cost(report.cost), _policies(report.policies)) if part and budget.take(part)
    ]
    components, components_left = _components(report, budget, int(limit * SHARE_OF_COMPONENTS))
    details, details_left = _details(report, budget)
    warnings = [part for part in _warnings(report.warnings) if budget.take(part)]
    left = _left_out(dangers_left, components_left, details_left)
    return "\n\n".join([*head, *dangers, *numbers, *components, *details, *warnings, *left]) + "\n"


class _Budget:
    """Characters that are left; counted as GitHub does, in units of UTF-16."""

    def __init__(self, size: int) -> None:
        self.left = size

    def take(self, text: str, between: int = 2) -> bool:
        """Use room for a text and what stands between it and the next; not when there is too little."""
        size = len(text.encode("utf-16-le")) // 2 + between
        if size > self.left:
            return False
        self.left -= size
        return True

    def lines(self, lines: Iterable[str], share: int) -> list[str]:
        """As many of the lines, from the first on, as a share of the room takes."""
        room, taken = _Budget(min(share, self.left)), list[str]()
        for line in lines:
            if not room.take(line, 1):
                break
            self.take(line, 1)
            taken.append(line)
        return taken


def _headline(report: Report) -> str:
    if not report.changes:
        return f"### {code(report.stack)}: nothing changes\n\n{report.unchanged} resources stay as they are."
    worst = f", **{len(report.dangerous)} to look at**" if report.dangerous else ""
    return (
        f"### {code(report.stack)}: {counted(report.changes)}{worst}\n\n"
        f"{len(report.changes)} resources change, {report.unchanged} stay as they are."
    )


def _named(report: Report) -> Iterable[str]:
    """What an approval has to name, said in one sentence at the top."""
    named = sum(change.must_be_named for change in report.changes)
    if named:
        what = "resource that holds data" if named == 1 else "resources that hold data"
        yield (
            f"> **{named} {what} would be replaced or deleted.** An approval must name each (`--allow URN`), "
            "else it is refused."
        )


def _dangers(report: Report, budget: _Budget, share: int) -> tuple[list[str], int]:
    header = "#### Look at these first\n\n| | what | why |\n| --- | --- | --- |"
    if not report.dangerous or not budget.take(header):
        return [], len(report.dangerous)
    rows = budget.lines(map(_danger_row, report.dangerous), share)
    return ["\n".join([header, *rows])], len(report.dangerous) - len(rows)


def _danger_row(change: Change) -> str:
    titles = dict.fromkeys(TITLES[danger.risk] for danger in change.dangers)
    why = "; ".join(_plain(danger.why) for danger in change.dangers)
    what = f"{change.action} {_cell(change.short_kind)} {_cell(change.name)}"
    return f"| **{' · '.join(titles)}** | {what} | {why} |"


def _cost(cost: Cost | None) -> str:
    if cost is None:
        return ""
    difference = cost.after - cost.before
    lines = [
        f"#### Cost\n\n**{cost.before:,.0f} → {cost.after:,.0f} USD a month** ({difference:+,.0f})",
        *(
            f"- {code(line.component)}: {line.before:,.0f} → {line.after:,.0f}"
            for line in cost.lines
            if round(line.before, 2) != round(line.after, 2)
        ),
    ]
    if cost.unknown:
        lines.append(f"- without a price: {', '.join(code(name) for name in cost.unknown[:10])}")
    return "\n\n".join([lines[0], "\n".join(lines[1:])]).strip()


def _policies(policies: Policies | None) -> str:
    if policies is None:
        return ""
    held = f"#### Policies\n\n{policies.rules} rules, {len(policies.violations)} violations"
    rows = [
        f"- **{one.severity}** {code(one.rule)} {code(one.resource)}: {_plain(one.message)}"
        for one in policies.violations[:PROPERTIES]
    ]
    if len(policies.violations) > PROPERTIES:
        rows.append(f"- … and {len(policies.violations) - PROPERTIES} more")
    if policies.undecided:
        rows.append(
            f"- could not decide: {', '.join(code(rule) for rule in policies.undecided[:PROPERTIES])}"
        )
    return "\n\n".join([held, "\n".join(rows)]).strip()


def _components(report: Report, budget: _Budget, share: int) -> tuple[list[str], int]:
    header = "#### By component\n\n| component | changes |\n| --- | --- |"
    if not report.changes or not budget.take(header):
        return [], len(report.components)
    rows = budget.lines(
        (f"| {_cell(name)} | {counted(changes)} |" for name, changes in report.components), share
    )
    return ["\n".join([header, *rows])], len(report.components) - len(rows)


def _details(report: Report, budget: _Budget) -> tuple[list[str], int]:
    """The changes one by one, folded by component; the most important are chosen first."""
    opened, shown = set[str](), dict[str, str]()
    for change in report.changes:
        fold = "" if change.component in opened else "\n".join(_fold(change.component, LIMIT, []))
        text = _change(change)
        if budget.take(fold + text, 4):
            opened.add(change.component)
            shown[change.urn] = text
    parts = [
        "\n".join(_fold(name, len(changes), [shown[one.urn] for one in changes if one.urn in shown]))
        for name, changes in report.components
        if name in opened
    ]
    return parts, len(report.changes) - len(shown)


def _fold(name: str, count: int, lines: Sequence[str]) -> list[str]:
    said = f"<details><summary><code>{escape(name)}</code>: {count} changed</summary>"
    return [said, "", *lines, "", "</details>"]


def _change(change: Change) -> str:
    mark = " ⚠" if change.dangers else ""
    lines = [f"- **{change.action}** {code(change.short_kind)} {code(change.name)}{mark}"]
    lines += [f"  - {_property(one)}" for one in change.properties[:PROPERTIES]]
    if len(change.properties) > PROPERTIES:
        lines.append(f"  - … and {len(change.properties) - PROPERTIES} more properties")
    return "\n".join(lines)


def _property(one: PropertyChange) -> str:
    why = " — **replaces it**" if one.replaces else ""
    old, new = _where_they_differ(one.old, one.new)
    return f"{code(one.path)}: {code(old)} → {code(new)}{why}"


def _where_they_differ(old: str, new: str) -> tuple[str, str]:
    """Two long values from shortly before the place where they differ."""
    same = next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), 0)
    if max(len(old), len(new)) <= VALUE_LENGTH or same < VALUE_LENGTH // 2:
        return old, new
    start = same - VALUE_LENGTH // 4
    return f"…{old[start:]}", f"…{new[start:]}"


def _warnings(warnings: Sequence[str]) -> Iterable[str]:
    if warnings:
        yield "#### The engine warns\n\n" + "\n".join(f"- {code(one)}" for one in warnings[:PROPERTIES])


def _left_out(dangers: int, components: int, details: int) -> Iterable[str]:
    parts = [
        f"{count} {what}"
        for count, what in (
            (dangers, "dangerous changes"),
            (components, "components"),
            (details, "changes' details"),
        )
        if count
    ]
    if parts:
        yield f"> Left out, the least important, since a comment is full: {', '.join(parts)}. The page (`--page`) has them all."


def code(text: str) -> str:
    """A text as code on one line: nothing in it is taken for markup, a name, or a number of an issue."""
    line = " ".join(text.split()) or '""'
    if len(line) > VALUE_LENGTH:
        line = f"{line[:VALUE_LENGTH]}…"
    longest = max((len(run) for run in _TICKS.findall(line)), default=0)
    fence = "`" * (longest + 1)
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{space}{line}{space}{fence}"


def _cell(text: str) -> str:
    """As ``code``, inside a table."""
    return code(text).replace("|", "\\|")


def _plain(text: str) -> str:
    """Prose of our own that carries values: what Markdown would take for markup is escaped."""
    line = re.sub(r"([\\`*_<>\[\]|~])", r"\\\1", " ".join(text.split())[: 2 * VALUE_LENGTH])
    # An escaped @ or # would still call a person or an issue: a space without width keeps them apart.
    return re.sub(r"([@#])", "\\1\u200b", line)
