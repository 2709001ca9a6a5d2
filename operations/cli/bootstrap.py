"""``intendly bootstrap``: what an account needs before the first update of its stack."""

from typing import TYPE_CHECKING, Annotated

import typer

from operations.cli import output
from operations.cli.confirm import DryRunOption, YesOption, confirm
from operations.cli.options import StackOption, make_factory

if TYPE_CHECKING:
    from operations.services.bootstrap import Names, Step

TrustOption = Annotated[
    list[str] | None,
    typer.Option(
        "--trust",
        metavar="ARN",
        show_default=False,
        help="IAM role or user of the account that may take the deployer's role; may be given again.",
    ),
]
BucketOption = Annotated[
    str,
    typer.Option(
        "--state-bucket",
        metavar="NAME",
        show_default=False,
        help="Name of the state bucket, where intendly-<environment>-state-<account> is taken.",
    ),
]
GithubOption = Annotated[
    bool, typer.Option("--github/--no-github", help="Have the account trust GitHub's identity tokens.")
]


def register(app: typer.Typer) -> None:
    """Add the verb to the application."""
    app.command(
        epilog="Examples:  intendly bootstrap --stack staging --dry-run --trust arn:aws:iam::222222222222:role/admin"
    )(bootstrap)


def bootstrap(  # noqa: PLR0913 - each is an option
    ctx: typer.Context,
    *,
    stack: StackOption = "",
    trust: TrustOption = None,
    state_bucket: BucketOption = "",
    github: GithubOption = True,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> None:
    """Make what an account needs before its stack's first update: state bucket, key, deployer's role."""
    service = make_factory(ctx, stack).bootstrap(bucket=state_bucket, people=trust or (), github=github)
    steps = service.plan()
    output.print_table(("", "name", "will"), (_row(step) for step in steps))
    work = [step for step in steps if step.action]
    if work and not dry_run:
        confirm(yes=yes)
        service.run(steps, lambda step: output.message(f"[green]done:[/] {output.data(step.thing)}"))
    if not work:
        output.print_line("nothing to do")
    if not dry_run:
        _next(service.names, stack, service.state_key_arn() if github else "")


def _row(step: "Step") -> tuple[str, str, str]:
    return step.thing, output.data(step.name), output.data(step.action or "is right")


def _next(names: "Names", stack: str, key_arn: str) -> None:
    """The lines that follow, ready to be copied. The last one's file is written by a person, and removed again."""
    output.print_line("\nNext, as the deployer's role:")
    output.print_line(f"  pulumi login '{names.backend}'")
    output.print_line(f"  pulumi stack init {stack} --secrets-provider '{names.secrets_provider}'")
    if key_arn:
        output.print_line("\nFor GitHub's workflows, in the settings (intendly:access.github):")
        output.print_line(f"  oidcProviderArn: {names.provider_arn}")
        output.print_line(f"  stateBucketArn: arn:aws:s3:::{names.bucket}")
        output.print_line(f"  stateKeyArn: {key_arn}")
    receivers = f"intendly-{names.environment}/alertmanager/receivers"
    output.print_line(
        "\nOnce, by whoever has smtp-password, pagerduty-routing-key and slack-webhook-url (as JSON):"
    )
    output.print_line(
        f"  aws secretsmanager create-secret --region {names.region} --name {receivers} "
        "--secret-string file://receivers.json"
    )
