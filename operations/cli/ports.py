"""``intendly ports``: what answers at the stack's public hosts, beside what the program opens."""

import typer

from operations.cli import output
from operations.cli.options import JsonOption, StackOption, make_factory
from operations.errors import ExitCode


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(epilog="Examples:  intendly ports --stack staging  |  intendly ports -s production --json")(
        ports
    )


def ports(ctx: typer.Context, *, stack: StackOption = "", json: JsonOption = False) -> None:
    """Try the ports of the stack's public hosts from here (exit 3: other ones are open than the program opens)."""
    found = make_factory(ctx, stack).open_ports().look()
    if json:
        output.print_json(found)
    else:
        rows = (
            (
                "[green]right[/]" if one.right else "[red]wrong[/]",
                one.host,
                _listed(one.open),
                _listed(one.unexpected),
                _listed(one.missing),
            )
            for one in found
        )
        output.print_table(("", "host", "open", "not of the program", "closed"), rows)
    if not all(one.right for one in found):
        raise typer.Exit(ExitCode.NOT_READY)


def _listed(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers))
