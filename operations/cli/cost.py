"""``intendly cost``: what a stack costs a month."""

from typing import TYPE_CHECKING, Annotated

import typer

from operations.cli import output
from operations.cli.confirm import DryRunOption, YesOption, confirm
from operations.cli.options import JsonOption, complete_stack, known_stack, make_factory
from operations.errors import ExitCode

if TYPE_CHECKING:
    from operations.services.price_refresh import Refresh
    from pricing import Cost

StackOption = Annotated[
    str,
    typer.Option(
        "--stack",
        "-s",
        metavar="STACK",
        autocompletion=complete_stack,
        show_default=False,
        help="Stack to act on; there is no default.",
    ),
]
PlannedOption = Annotated[
    bool, typer.Option("--planned", help="Of what an update would make, instead of what the state holds.")
]


def register(app: typer.Typer) -> None:
    """Add the noun to the application."""
    nouns = typer.Typer(invoke_without_command=True)
    nouns.callback(
        epilog="Examples:  intendly cost --stack staging  |  intendly cost -s production --planned --json"
    )(cost)
    nouns.command(epilog="Examples:  intendly cost refresh --dry-run  |  intendly cost refresh --yes")(
        refresh
    )
    app.add_typer(nouns, name="cost", help="What a stack costs a month.")


def cost(
    ctx: typer.Context, *, stack: StackOption = "", planned: PlannedOption = False, json: JsonOption = False
) -> None:
    """Show what a stack costs a month, by component (exit 3: its maximum is over its budget)."""
    if ctx.invoked_subcommand:
        return
    service = make_factory(ctx, known_stack(stack)).cost()
    found = service.planned() if planned else service.current()
    if json:
        output.print_json(found)
    else:
        _print(found)
    if found.over_budget:
        output.message(f"[red]over budget:[/] {found.maximum:,.2f} at most, of {found.budget or 0:,.0f}")
        raise typer.Exit(ExitCode.NOT_READY)


def _print(found: "Cost") -> None:
    rows = [(output.data(one.component), _usd(one.minimum), _usd(one.maximum)) for one in found.shares]
    rows.append(("[bold]together[/]", _usd(found.minimum), _usd(found.maximum)))
    if found.budget is not None:
        rows.append(("budget", "", _usd(found.budget)))
    title = f"USD a month, on demand, {found.region}; oldest price of {found.oldest}"
    output.print_table(("component", "minimum", "maximum"), rows, title=title)
    for gap in found.gaps:
        output.message(f"[yellow]not known:[/] {output.data(f'{gap.component} {gap.name}: {gap.why}')}")
    if any("price list" in gap.why for gap in found.gaps):
        output.message(
            "to give the list what it lacks: intendly cost refresh, or by hand as docs/cost.md says"
        )
    if found.usage:
        output.message(f"paid by use, not counted: {output.data('; '.join(found.usage))}")


def _usd(amount: float) -> str:
    return f"{amount:>10,.2f}"


def refresh(ctx: typer.Context, *, dry_run: DryRunOption = False, yes: YesOption = False) -> None:
    """Compare the price list with AWS's price API, show what differs, and write it."""
    service = make_factory(ctx).price_refresh()
    found = service.compare()
    _print_refresh(found)
    if dry_run or not (found.changes or found.confirmed):
        return
    confirm(yes=yes)
    service.write(found)
    output.message("the list is written; `make docs` brings docs/cost.md after it")


def _print_refresh(found: "Refresh") -> None:
    rows = [
        (output.data(one.what), "" if one.before is None else f"{one.before:g}", f"{one.after:g}")
        for one in found.changes
    ]
    if rows:
        output.print_table(("price", "the list has", "AWS has"), rows)
    output.message(f"{found.confirmed} prices are as the list has them, {len(rows)} are not")
    for what in found.not_found:
        output.message(
            f"[yellow]not found, stays as it is:[/] {output.data(what)}: operations/services/price_queries.py"
        )
