import json
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt
from typing_extensions import override

from operations.cli import output
from operations.reports.graph import make_graph
from operations.reports.markdown import LIMIT, code, to_markdown
from operations.reports.model import (
    Action,
    Change,
    Cost,
    CostLine,
    Danger,
    Policies,
    PropertyChange,
    Report,
    Risk,
    Violation,
)
from operations.reports.page import anchor, to_page
from operations.services.preview_report import make_report
from tests.operations import previews

VOID = {"meta", "br", "path", "rect"}
NASTY = "<script>alert(1)</script>\"'&|`@everyone #1 ](x)"


class Page(HTMLParser):
    """A page whose elements are all closed in order; gathers what matters."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(text)
        assert self.open == []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "src", "xlink:href"):
                self.links.append(value or "")
            assert not name.startswith("on"), f"{tag} runs {name}"
        if tag not in VOID:
            self.open.append(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    @override
    def handle_data(self, data: str) -> None:
        self.text += data


def nasty() -> Report:
    change = Change(
        urn=f"{previews.PROJECT}x:y:{NASTY}::{NASTY}",
        kind=f"x:y:{NASTY}",
        component=NASTY,
        action=Action.UPDATE,
        dangers=(Danger(risk=Risk.ACCESS, why=NASTY),),
        properties=(PropertyChange(path=NASTY, old=NASTY, new=f"{NASTY}\n```\n{NASTY}"),),
    )
    return Report(stack="staging", changes=(change,), warnings=(NASTY,))


def whole(markdown: str) -> Page:
    """The comment as GitHub shows it; nothing of it is cut inside a construct."""
    page = Page(MarkdownIt("commonmark").enable("table").render(markdown))
    for line in markdown.splitlines():
        assert not line.startswith("| ") or line.endswith("|")
    return page


def test_a_dangerous_change_is_named_in_the_first_lines() -> None:
    text = to_markdown(make_report("staging", previews.dangerous_preview()))
    whole(text)
    head = text[:1_200]
    assert "1 replace, 200 update, 1 create" in head
    assert "must name each" in head
    assert "| **Data goes** | replace `Instance` `database-instance` | the database: replaced |" in head
    assert "`kmsKeyId`: `key-1` → `key-2` — **replaces it**" in text
    assert "Left out" not in text


@pytest.mark.parametrize("danger", [False, True])
@pytest.mark.parametrize("count", [1, 30, 300, 1_000, 5_000])
def test_it_always_fits_a_comment(count: int, danger: bool) -> None:  # noqa: FBT001 - a parameter of the test
    text = to_markdown(previews.many(count, danger=danger))
    assert len(text.encode("utf-16-le")) // 2 <= LIMIT
    whole(text)
    assert ("Left out" in text) == (count >= 300)


def test_what_is_left_out_is_the_least_important_and_counted() -> None:
    report = make_report("staging", previews.dangerous_preview())
    text = to_markdown(report, limit=9_000)
    assert len(text) <= 9_000
    whole(text)
    assert "`kmsKeyId`" in text
    shown = text.count("- **update**") + text.count("- **replace**") + text.count("- **create**")
    assert f"{len(report.changes) - shown} changes' details" in text


def test_nothing_in_a_value_is_taken_for_markup() -> None:
    for page in (whole(to_markdown(nasty())), Page(to_page(nasty()))):
        assert not {"script", "pre"} & set(page.tags)
        assert all(link.startswith("#") for link in page.links)
        assert NASTY in page.text


def test_long_values_are_shown_where_they_differ() -> None:
    one = PropertyChange(path="p", old="a" * 300 + "old", new="a" * 300 + "new")
    change = Change(urn=previews.ROLE, kind="x:y:Z", component="c", action=Action.UPDATE, properties=(one,))
    text = to_markdown(Report(stack="staging", changes=(change,)))
    assert f"`…{'a' * 40}old` → `…{'a' * 40}new`" in text


def test_code_survives_backticks() -> None:
    assert code("a`b") == "``a`b``"
    assert code("`") == "`` ` ``"
    assert code("a\n  b") == "`a b`"
    assert code("") == '`""`'


def test_the_page_needs_nothing_from_elsewhere() -> None:
    page = Page(to_page(make_report("staging", previews.dangerous_preview())))
    assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
    assert {link[0] for link in page.links} == {"#"}
    assert {link[1:] for link in page.links} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_the_page_shows_every_change() -> None:
    report = previews.many(1_000)
    page = Page(to_page(report))
    assert {anchor(change.urn) for change in report.changes} <= set(page.ids)


def test_few_changes_are_drawn_one_by_one_and_many_by_component() -> None:
    few = make_graph(previews.many(5))
    assert [[node.title for node in layer] for layer in few.layers] == [[f"role-{one}"] for one in range(5)]
    assert len(few.edges) == 4
    assert sum(len(layer) for layer in make_graph(previews.many(1_000)).layers) == 40


def test_what_follows_from_others_is_not_drawn() -> None:
    a, b, c = (f"{previews.PROJECT}x:y:Z::{name}" for name in "abc")
    chain = [
        Change(urn=a, kind="x:y:Z", component="a", action=Action.UPDATE),
        Change(urn=b, kind="x:y:Z", component="b", action=Action.UPDATE, depends_on=(a,)),
        Change(urn=c, kind="x:y:Z", component="c", action=Action.UPDATE, depends_on=(a, b)),
    ]
    assert make_graph(Report(stack="staging", changes=tuple(chain))).edges == ((a, b), (b, c))


def test_a_circle_of_components_is_drawn_too() -> None:
    a, b = f"{previews.PROJECT}x:y:Z::a", f"{previews.PROJECT}x:y:Z::b"
    circle = [
        Change(urn=a, kind="x:y:Z", component="a", action=Action.UPDATE, depends_on=(b,)),
        Change(urn=b, kind="x:y:Z", component="b", action=Action.UPDATE, depends_on=(a,)),
    ]
    graph = make_graph(Report(stack="staging", changes=tuple(circle)))
    assert sorted(node.title for layer in graph.layers for node in layer) == ["a", "b"]
    assert len(graph.edges) == 1


def test_nothing_that_changes_is_said_in_a_sentence() -> None:
    nothing = Report(stack="staging", changes=(), unchanged=394)
    assert to_markdown(nothing).startswith("### `staging`: nothing changes\n\n394 resources")
    assert "Nothing: 394 resources" in Page(to_page(nothing)).text


def test_cost_and_policies_are_shown_where_there_are_any() -> None:
    report = Report(
        stack="staging",
        changes=previews.many(1).changes,
        cost=Cost(before=400, after=512.4, lines=(CostLine(component="database", before=60, after=172),)),
        policies=Policies(
            rules=70,
            violations=(Violation(rule="no-world", severity="mandatory", resource="web", message="open"),),
            undecided=("budget",),
        ),
    )
    for text in (to_markdown(report), Page(to_page(report)).text):
        assert "400 → 512 USD a month" in text
        assert "70 rules, 1 violations" in text
        assert "no-world" in text
    plain = to_markdown(previews.many(1))
    assert "Cost" not in plain
    assert "Policies" not in plain


def test_json_has_the_whole_report() -> None:
    report = make_report("staging", previews.dangerous_preview())
    value = json.loads(json.dumps(output.plain(report)))
    assert value["changes"][0]["dangers"] == [{"risk": "data", "why": "the database: replaced"}]
    assert value["counts"] == {"replace": 1, "update": 200, "create": 1}
    assert len(value["changes"]) == 202
