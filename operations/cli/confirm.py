"""What commands that change something share: show, ask, do."""

from typing import Annotated

import typer

DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Show the plan, change nothing.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def confirm(*, yes: bool) -> None:
    """Ask, unless the operator said yes beforehand.

    Raises:
        typer.Abort: any answer but yes, and no answer at all.
    """
    if not yes:
        typer.confirm("Go ahead?", abort=True, err=True)
