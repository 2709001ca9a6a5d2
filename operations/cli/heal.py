"""``intendly heal``: a stack whose engine was killed, brought right."""

from typing import TYPE_CHECKING, Annotated

import typer

from operations.cli import output
from operations.cli.confirm import DryRunOption, YesOption, confirm
from operations.cli.options import JsonOption, StackOption, make_factory
from operations.errors import ExitCode
from operations.factory import ROLE_VARIABLE

if TYPE_CHECKING:
    from operations.services.heal import Healed, HealPlan, HealService

COPIES = ".local/heal"
"""Folder of the project, ignored by git, for the copies of states."""

CancelOption = Annotated[
    bool,
    typer.Option("--cancel-lock", help="Take the lock away although its holder cannot be seen to be gone."),
]
DeployerOption = Annotated[
    str | None,
    typer.Option(
        "--role-arn",
        metavar="ARN",
        envvar=ROLE_VARIABLE,
        show_default=False,
        help="IAM role to act as in the cluster; by default the deployer's, as the settings name it.",
    ),
]
AdoptOption = Annotated[
    list[str] | None,
    typer.Option(
        "--adopt", metavar="URN=ID", show_default=False, help="This exists, under this id. May be repeated."
    ),
]
ForgetOption = Annotated[
    list[str] | None,
    typer.Option("--forget", metavar="URN", show_default=False, help="This does not exist. May be repeated."),
]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(
        epilog="Examples:  intendly heal --stack staging --dry-run  |  intendly heal -s production --cancel-lock"
    )(heal)


def heal(  # noqa: PLR0913 - each is an option
    ctx: typer.Context,
    *,
    stack: StackOption = "",
    role_arn: DeployerOption = None,
    cancel_lock: CancelOption = False,
    adopt: AdoptOption = None,
    forget: ForgetOption = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Bring a stack right after its engine was killed: lock, interrupted operations, what nobody wrote down."""
    factory = make_factory(ctx, stack, role_arn)
    service = factory.heal()
    _remove_spoilt(service, dry_run=dry_run, yes=yes)
    told = dict(_pair(one) for one in adopt or ()) | dict.fromkeys(forget or (), "")
    plan = service.plan(told)
    if json:
        output.print_json(plan)
    else:
        _print(plan)
    if dry_run or not plan.needed:
        raise typer.Exit(ExitCode.NOT_READY if plan.needed else ExitCode.OK)
    confirm(yes=yes)
    healed = service.run(plan, factory.root / COPIES, cancel_lock=cancel_lock)
    _report(healed)
    output.message("comparing with the program")
    _tell_next(service.preview())


def _pair(adoption: str) -> tuple[str, str]:
    urn, separator, identity = adoption.rpartition("=")
    if not separator or not urn.startswith("urn:"):
        raise typer.BadParameter(f"{adoption!r} is not URN=ID", param_hint="--adopt")
    return urn, identity


def _remove_spoilt(service: "HealService", *, dry_run: bool, yes: bool) -> None:
    spoilt = service.spoilt()
    if not spoilt:
        return
    for file in spoilt:
        output.print_line(f"  empty  {file}: a killed engine left it, and cannot read the state for it")
    if dry_run:
        raise typer.Exit(ExitCode.NOT_READY)
    output.message("these files are removed first; the state itself is not touched")
    confirm(yes=yes)
    service.remove_spoilt()


def _print(plan: "HealPlan") -> None:
    for holder in plan.holders:
        verdict = "cancel" if holder.gone else "held"
        output.print_line(f"  lock   {holder.lock}: {holder.why}; {verdict}")
    for finding in plan.findings:
        output.print_line(f"  {finding.line}")
    for stranger in plan.strangers:
        output.print_line(
            f"  beside {stranger.arn} ({stranger.name}): of no resource of the program; look at it"
        )
    if not plan.needed:
        output.print_line("nothing was interrupted")


def _report(healed: "Healed") -> None:
    output.message(f"a copy of the state is in {output.data(healed.copy)}")
    for urn in healed.absent:
        output.message(f"not there, so forgotten: {output.data(urn)}")
    output.message(
        f"[green]healed:[/] {len(healed.adopted)} adopted, {len(healed.absent)} found not to exist"
    )


def _tell_next(changes: dict[str, int]) -> None:
    if not changes:
        output.message("state, cloud and program agree")
        return
    listed = ", ".join(f"{count} to {operation}" for operation, count in sorted(changes.items()))
    output.message(f"the next update would change: {listed}; finish it with pulumi up (or pulumi destroy)")
