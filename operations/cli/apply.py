"""``intendly apply``: exactly what was approved, or a refusal."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from operations.cli import output
from operations.cli.confirm import DryRunOption, YesOption, confirm
from operations.cli.options import complete_stack, make_factory
from operations.errors import InputError, RefusedError
from operations.project import stack_names

if TYPE_CHECKING:
    from operations.services.approval import Approval

ApprovalArgument = Annotated[
    Path, typer.Argument(metavar="APPROVAL", help="File that intendly preview --approve wrote.")
]
ExpectedOption = Annotated[
    str,
    typer.Option(
        "--stack",
        "-s",
        metavar="STACK",
        autocompletion=complete_stack,
        show_default=False,
        help="Refuse an approval of any other stack; by default the approval says which.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(
        epilog="Examples:  intendly apply approval.json --dry-run  |  intendly apply approval.json --stack production --yes"
    )(apply)


def apply(
    ctx: typer.Context,
    approval: ApprovalArgument,
    *,
    stack: ExpectedOption = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> None:
    """Do exactly what was approved, or say what moved since and touch nothing (exit code 5)."""
    from operations.services.apply import refuse  # noqa: PLC0415 - when asked for
    from operations.services.approval import read_approval  # noqa: PLC0415 - as above

    approved = read_approval(approval)
    if stack and stack != approved.stack:
        raise RefusedError(f"the approval is of stack {approved.stack}, not of {stack}")
    factory = make_factory(ctx, approved.stack)
    if approved.stack not in stack_names(factory.root):
        raise InputError(f"the approval is of stack {approved.stack}, which this project does not have")
    service = factory.apply()
    refuse(approved, service.check(approved))
    _print(approved)
    if dry_run or not approved.operations:
        return
    confirm(yes=yes)
    applied = service.run(approved, lambda done: output.print_line(f"  {done[0]:20} {done[1]}"))
    output.message(f"[green]done exactly as approved:[/] {len(applied.done)} operations")


def _print(approved: "Approval") -> None:
    output.message(
        f"approved {approved.created:%Y-%m-%d %H:%M} UTC for {output.data(approved.stack)}: "
        f"{len(approved.operations)} operations; nothing moved since"
    )
    for one in approved.named:
        output.message(f"[red]goes, as allowed:[/] {output.data(one.urn)} ({output.data(one.why)})")
