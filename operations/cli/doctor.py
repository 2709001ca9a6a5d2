"""``intendly doctor``: what this machine lacks, and the command that mends it."""

from typing import Annotated

import typer

from operations.cli import output
from operations.cli.options import JsonOption, make_factory
from operations.errors import ExitCode


def register(app: typer.Typer) -> None:
    """Add the verb to the application."""
    app.command(epilog="Examples:  intendly doctor  |  intendly doctor --real --json")(doctor)


def doctor(
    ctx: typer.Context,
    *,
    real: Annotated[
        bool, typer.Option("--real", help="Check what a real account takes, not the local cloud.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Show what this machine lacks, and what mends it (exit 1: something). Asks nothing of the network."""
    service = make_factory(ctx).doctor()
    checks = service.real_account() if real else service.local_cloud()
    lacking = [check for check in checks if not check.ok]
    if json:
        output.print_json(checks)
    else:
        rows = (
            (
                "[green]✓[/]" if check.ok else "[red]✗[/]",
                check.name,
                output.data(check.found),
                output.data(check.wanted),
            )
            for check in checks
        )
        output.print_table(("", "what", "found", "wanted"), rows)
    for check in lacking:
        output.message(f"[bold]{check.name}:[/] {output.data(check.mend)}")
    if lacking:
        raise typer.Exit(ExitCode.FAILED)
