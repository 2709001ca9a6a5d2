"""``intendly drift``: what in the cloud is not as the last update left it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from operations.cli import output
from operations.cli.options import JsonOption, StackOption, make_factory
from operations.errors import ExitCode

if TYPE_CHECKING:
    from operations.services.drift import Drift

_COLOURS = {"harmless": "green", "suspicious": "yellow", "dangerous": "red"}

WithoutOption = Annotated[
    list[str] | None,
    typer.Option(
        "--without",
        metavar="TYPE",
        show_default=False,
        help="Type that is not looked at, such as aws:secretsmanager/secretVersion:SecretVersion, of which one "
        "may not read all. May be repeated.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(epilog="Examples:  intendly drift --stack staging  |  intendly drift -s production --json")(
        drift
    )


def drift(
    ctx: typer.Context, *, stack: StackOption = "", without: WithoutOption = None, json: JsonOption = False
) -> None:
    """Look for what was changed past the program; changes nothing (exit 3: something that is not harmless)."""
    found = make_factory(ctx, stack).drift().look(without or ())
    if json:
        output.print_json(found)
    else:
        _print(found)
    if found.without:
        output.message(f"[yellow]not looked at:[/] {output.data(', '.join(found.without))}")
    for warning in found.warnings:
        output.message(f"[yellow]warning:[/] {output.data(warning)}")
    if found.bad:
        raise typer.Exit(ExitCode.NOT_READY)


def _print(found: "Drift") -> None:
    if not found.findings:
        output.print_line(f"{found.resources} resources are as the last update left them")
        return
    output.print_table(("", "resource", "what", "left as", "found", "why"), _rows(found))
    output.print_line("")
    count = len(found.findings)
    output.print_line(f"{count} of {found.resources} resources are not as the last update left them")


def _rows(found: "Drift") -> Iterator[tuple[str, ...]]:
    for one in found.findings:
        verdict = f"[{_COLOURS[one.verdict]}]{one.verdict}[/]"
        resource = output.data(f"{one.kind.rpartition(':')[2]} {one.name}")
        if not one.differences:
            yield verdict, resource, one.what, "", "", output.data(one.why)
        for difference in one.differences:
            yield (
                f"[{_COLOURS[difference.verdict]}]{difference.verdict}[/]",
                resource,
                output.data(difference.path),
                output.data(_short(difference.expected)),
                output.data(_short(difference.found)),
                output.data(difference.why),
            )


def _short(value: str) -> str:
    """A value that fits a cell; --json has it whole."""
    return value if len(value) <= 40 else f"{value[:39]}…"  # noqa: PLR2004 - columns of a cell
