"""``intendly preview``: what an update would do, the dangerous first."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from operations.cli import output
from operations.cli.options import JsonOption, StackOption, make_factory

if TYPE_CHECKING:
    from operations.reports.model import Report
    from operations.services.approval import Approval

MarkdownOption = Annotated[
    Path | None,
    typer.Option(
        "--markdown", metavar="FILE", show_default=False, help="Write it for a pull request's comment."
    ),
]
PageOption = Annotated[
    Path | None,
    typer.Option("--page", metavar="FILE", show_default=False, help="Write it as one page of HTML."),
]

ApproveOption = Annotated[
    Path | None,
    typer.Option(
        "--approve", metavar="FILE", show_default=False, help="Write an approval of it, for intendly apply."
    ),
]
AllowOption = Annotated[
    list[str] | None,
    typer.Option(
        "--allow",
        metavar="URN",
        show_default=False,
        help="In the approval: this holds data and may be replaced or deleted. May be repeated.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(
        epilog="Examples:  intendly preview --stack staging  |  intendly preview -s production --page preview.html"
    )(preview)


def preview(  # noqa: PLR0913 - each is an option
    ctx: typer.Context,
    *,
    stack: StackOption = "",
    json: JsonOption = False,
    markdown: MarkdownOption = None,
    page: PageOption = None,
    approve: ApproveOption = None,
    allow: AllowOption = None,
) -> None:
    """Show what an update would do, the dangerous first; nothing is changed."""
    factory = make_factory(ctx, stack)
    if allow and not approve:
        raise typer.BadParameter("goes with --approve", param_hint="--allow")
    if approve:
        previewed, approval = factory.approving().preview(frozenset(allow or ()))
    else:
        previewed, approval = factory.preview().run(), None
    _write(previewed.report, markdown, page)
    if json:
        output.print_json(previewed.report)
    else:
        _print(previewed.report)
    if approve and approval:
        _keep(approval, approve)


def _keep(approval: "Approval", file: Path) -> None:
    from operations.services.approval import write_approval  # noqa: PLC0415 - when asked for

    write_approval(approval, file)
    output.message(f"approval written; intendly apply {output.data(file)} does exactly this, or refuses")
    for one in approval.named:
        if not one.allowed:
            output.message(
                f"[red]refused until named:[/] --allow {output.data(one.urn)} ({output.data(one.why)})"
            )


def _write(report: "Report", markdown: Path | None, page: Path | None) -> None:
    from operations.reports.markdown import to_markdown  # noqa: PLC0415 - when asked for
    from operations.reports.page import to_page  # noqa: PLC0415 - as above

    if markdown:
        markdown.write_text(to_markdown(report), encoding="utf-8")
    if page:
        page.write_text(to_page(report), encoding="utf-8")


def _print(report: "Report") -> None:
    if not report.changes:
        output.print_line(f"nothing changes; {report.unchanged} resources stay as they are")
        return
    if report.dangerous:
        output.print_table(("", "action", "resource", "why"), _dangers(report), title="look at these first")
        output.print_line("")
    from operations.reports.model import counted  # noqa: PLC0415 - when asked for

    rows = [(output.data(name), counted(changes)) for name, changes in report.components]
    output.print_table(("component", "changes"), rows)
    output.print_line("")
    output.print_line(f"{counted(report.changes)}; {report.unchanged} resources stay as they are")
    for warning in report.warnings:
        output.message(f"[yellow]warning:[/] {output.data(warning)}")


def _dangers(report: "Report") -> Iterator[tuple[str, ...]]:
    for change in report.dangerous:
        risks = ", ".join(dict.fromkeys(danger.risk for danger in change.dangers))
        colour = "red" if change.must_be_named else "yellow"
        yield (
            f"[{colour}]{risks}[/]",
            change.action,
            output.data(f"{change.short_kind} {change.name}"),
            output.data("; ".join(danger.why for danger in change.dangers)),
        )
