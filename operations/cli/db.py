"""``intendly db``: the database's roles."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from operations.cli import output
from operations.cli.confirm import DryRunOption, YesOption, confirm
from operations.cli.options import StackOption, make_factory

if TYPE_CHECKING:
    from collections.abc import Callable

    from operations.clients.postgres import Address
    from operations.services.database import DatabasePlan

CA_VARIABLE = "INTENDLY_DATABASE_CA"
"""Environment variable with the file of authorities, where ``--ca-bundle`` is not given."""

TlsOption = Annotated[
    str,
    typer.Option(
        "--sslmode",
        metavar="MODE",
        show_default=False,
        help="verify-full (the default), require, or disable, which only a server on this machine is given.",
    ),
]
AuthoritiesOption = Annotated[
    Path | None,
    typer.Option(
        "--ca-bundle",
        metavar="FILE",
        envvar=CA_VARIABLE,
        show_default=False,
        help="Authorities in PEM to check the server's certificate with; AWS publishes its own.",
    ),
]
ViaOption = Annotated[
    str,
    typer.Option(
        "--via",
        metavar="HOST:PORT",
        show_default=False,
        help="This machine's end of a tunnel to the server, 127.0.0.1:15432.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the noun to the application."""
    nouns = typer.Typer(no_args_is_help=True)
    nouns.command(
        epilog="Examples:  intendly db init --stack staging --dry-run  |  "
        "intendly db init -s production --via 127.0.0.1:15432 --ca-bundle us-east-1-bundle.pem"
    )(init)
    app.add_typer(nouns, name="db", help="The database's roles.")


def init(  # noqa: PLR0913 - each is an option
    ctx: typer.Context,
    *,
    stack: StackOption = "",
    sslmode: TlsOption = "",
    ca_bundle: AuthoritiesOption = None,
    via: ViaOption = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> None:
    """Make the database's roles, grants and extension, as the master user; again, it mends what differs."""
    service = make_factory(ctx, stack).database()
    access = service.access(addressing(sslmode, ca_bundle, via))
    plan = service.plan(access)
    _print(plan)
    if dry_run or not plan.steps:
        return
    confirm(yes=yes)
    service.run(access, plan)
    output.message(f"[green]done:[/] {len(plan.steps)} changes in {output.data(plan.server)}")


def addressing(sslmode: str, ca_bundle: Path | None, via: str) -> "Callable[[str, int, str], Address]":
    """Adds what the operator said about the way to where the database is."""
    from operations.clients.postgres import Address  # noqa: PLC0415 - psycopg, for these commands only

    def address(host: str, port: int, database: str) -> Address:
        return Address(host=host, port=port, database=database, mode=sslmode, authorities=ca_bundle, via=via)

    return address


def _print(plan: "DatabasePlan") -> None:
    output.print_line(f"{plan.server} as {plan.administrator}")
    for one in plan.present:
        output.print_line(f"  has   {one}")
    for step in plan.steps:
        output.print_line(f"  will  {step}")
    if not plan.steps:
        output.print_line("nothing to do")
