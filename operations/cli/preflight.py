"""``intendly preflight``: whether an update can begin in the stack's account."""

import typer

from operations.cli import output
from operations.cli.options import JsonOption, StackOption, make_factory
from operations.errors import ExitCode

_COLOURS = {"ok": "green", "not yet": "green", "wrong": "red", "could not be checked": "yellow"}


def register(app: typer.Typer) -> None:
    """Add the verb to the application."""
    app.command(
        epilog="Examples:  intendly preflight --stack staging  |  intendly preflight -s production --json"
    )(preflight)


def preflight(ctx: typer.Context, *, stack: StackOption = "", json: JsonOption = False) -> None:
    """Look whether the account holds what an update needs (exit 3: not, or not all of it could be checked)."""
    findings = make_factory(ctx, stack).preflight().findings()
    if json:
        output.print_json(findings)
    else:
        rows = (
            (
                f"[{_COLOURS[one.verdict]}]{one.verdict}[/]",
                output.data(one.name),
                output.data(one.found),
            )
            for one in findings
        )
        output.print_table(("", "what", "found"), rows)
    bad = [one for one in findings if not one.passes]
    for one in bad:
        output.message(f"[bold]{output.data(one.name)}:[/] {output.data(one.mend)}")
    if bad:
        raise typer.Exit(ExitCode.NOT_READY)
