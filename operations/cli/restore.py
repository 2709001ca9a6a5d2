"""``intendly restore``: a backup becomes the stack's database."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from operations.cli import output
from operations.cli.confirm import DryRunOption, YesOption, confirm
from operations.cli.db import AuthoritiesOption, TlsOption, ViaOption, addressing
from operations.cli.options import RoleOption, StackOption, make_factory

if TYPE_CHECKING:
    from operations.services.restore import RestorePlan

BackupOption = Annotated[
    str,
    typer.Option(
        "--backup", metavar="ID", help="The backup, as `intendly backup list` names it.", show_default=False
    ),
]
ReplaceOption = Annotated[
    bool, typer.Option("--replace-new", help="Remove a <database>_new that no restore under way has made.")
]
ScratchOption = Annotated[
    Path | None,
    typer.Option(
        "--scratch", metavar="FOLDER", help="Where the dump has room while it is loaded.", show_default=False
    ),
]


def register(app: typer.Typer) -> None:
    """Add the noun to the application."""
    nouns = typer.Typer(no_args_is_help=True)
    backup = "--backup 20261125_020000_intendly_production"
    nouns.command(epilog=f"Examples:  intendly restore plan --stack production {backup}")(plan)
    nouns.command(
        epilog=f"Examples:  intendly restore run --stack production {backup}  |  "
        "the same again goes on where it ended"
    )(run)
    nouns.command(epilog="Examples:  intendly restore undo --stack production")(undo)
    nouns.command(epilog="Examples:  intendly restore drop --stack production")(drop)
    app.add_typer(nouns, name="restore", help="A backup becomes the stack's database.")


def plan(  # noqa: PLR0913 - each is an option
    ctx: typer.Context,
    *,
    backup: BackupOption,
    stack: StackOption = "",
    sslmode: TlsOption = "",
    ca_bundle: AuthoritiesOption = None,
    via: ViaOption = "",
    replace_new: ReplaceOption = False,
) -> None:
    """What a restore would do, or what is left of one that did not end."""
    restores = make_factory(ctx, stack).restores()
    access = restores.access(addressing(sslmode, ca_bundle, via))
    _print(restores.service().plan(access, backup, replace_new=replace_new))


def run(  # noqa: PLR0913 - each is an option
    ctx: typer.Context,
    *,
    backup: BackupOption,
    stack: StackOption = "",
    role_arn: RoleOption = None,
    sslmode: TlsOption = "",
    ca_bundle: AuthoritiesOption = None,
    via: ViaOption = "",
    replace_new: ReplaceOption = False,
    scratch: ScratchOption = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> None:
    """Restore: beside the database in use, compared, then switched; run again, it goes on where it ended."""
    restores = make_factory(ctx, stack, role_arn).restores()
    access, service = restores.access(addressing(sslmode, ca_bundle, via)), restores.service()
    _print(service.plan(access, backup, replace_new=replace_new))
    if dry_run:
        return
    confirm(yes=yes)
    service.run(
        access,
        backup,
        replace_new=replace_new,
        scratch=scratch,
        told=lambda step: output.message(f"{step} ..."),
    )
    output.message(f"[green]done:[/] {access.address.database} is what {backup} holds")
    output.message("the one before is kept: `intendly restore undo` brings it back, `drop` removes it")


def undo(  # noqa: PLR0913 - each is an option
    ctx: typer.Context,
    *,
    stack: StackOption = "",
    role_arn: RoleOption = None,
    sslmode: TlsOption = "",
    ca_bundle: AuthoritiesOption = None,
    via: ViaOption = "",
    yes: YesOption = False,
) -> None:
    """Take a restore back: the database from before is in use again. What was written since stays in <database>_new."""
    restores = make_factory(ctx, stack, role_arn).restores()
    access, service = restores.access(addressing(sslmode, ca_bundle, via)), restores.service()
    output.print_line(
        f"the last restore of {access.address} is taken back; applications are stopped meanwhile"
    )
    confirm(yes=yes)
    output.message(f"[green]done:[/] {output.data(service.undo(access))}")


def drop(  # noqa: PLR0913 - each is an option
    ctx: typer.Context,
    *,
    stack: StackOption = "",
    sslmode: TlsOption = "",
    ca_bundle: AuthoritiesOption = None,
    via: ViaOption = "",
    yes: YesOption = False,
) -> None:
    """Remove the database from before a restore. Then the restore cannot be taken back."""
    restores = make_factory(ctx, stack).restores()
    access, service = restores.access(addressing(sslmode, ca_bundle, via)), restores.service()
    output.print_line(
        f"{access.address.database}_old on {access.address.host} goes, and with it the way back"
    )
    confirm(yes=yes)
    output.message(f"[green]done:[/] {output.data(service.drop(access))} is gone")


def _print(plan: "RestorePlan") -> None:
    manifest = plan.manifest
    proven = f"proven {plan.proven:%Y-%m-%d %H:%M} UTC" if plan.proven else "never proven"
    output.print_line(f"{plan.server} becomes {manifest.id}, {proven}")
    output.print_line(f"  data of {manifest.started:%Y-%m-%d %H:%M:%S} UTC: what was written in the")
    output.print_line(
        f"  {timedelta(seconds=round(plan.lost_s))} since then is kept in {manifest.database}_old alone"
    )
    if plan.replaces_new and not plan.done:
        output.print_line(f"  will  remove the {manifest.database}_new that is there")
    for words, done in plan.steps:
        output.print_line(f"  {'done' if done else 'will'}  {words}")
