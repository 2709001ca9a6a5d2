"""``intendly backup``: full backups of the stack's database."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from operations.cli import output
from operations.cli.confirm import DryRunOption
from operations.cli.db import AuthoritiesOption, TlsOption, ViaOption, addressing
from operations.cli.options import JsonOption, StackOption, make_factory
from operations.errors import ExitCode

if TYPE_CHECKING:
    from operations.backup_manifest import Manifest, Proof
    from operations.services.backup_catalogue import Listed


class Kind(StrEnum):
    """What kind of backup to make."""

    FULL = "full"


IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The backup; by default the newest.")]


def register(app: typer.Typer) -> None:
    """Add the noun to the application."""
    nouns = typer.Typer(no_args_is_help=True)
    nouns.command(
        epilog="Examples:  intendly backup run full --stack staging --dry-run  |  "
        "intendly backup run full -s production --via 127.0.0.1:15432 --ca-bundle us-east-1-bundle.pem"
    )(run)
    nouns.command(name="list", epilog="Examples:  intendly backup list --stack production --most 7")(list_)
    nouns.command(
        epilog="Examples:  intendly backup show --stack production 20261125_020000_intendly_production"
    )(show)
    nouns.command(
        epilog="Examples:  intendly backup verify --stack production --oldest-hours 26  |  "
        "intendly backup verify -s staging 20261125_020000_intendly_staging --scratch /var/tmp"
    )(verify)
    app.add_typer(nouns, name="backup", help="Backups of the database.")


def run(  # noqa: PLR0913 - each is an option
    ctx: typer.Context,
    kind: Annotated[Kind, typer.Argument(help="full: one dump of everything.")],
    *,
    stack: StackOption = "",
    sslmode: TlsOption = "",
    ca_bundle: AuthoritiesOption = None,
    via: ViaOption = "",
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Make a backup: dump, roles and grants, and, when both are whole, the manifest that makes them a backup."""
    del kind  # there is one so far, and the argument keeps it said
    backups = make_factory(ctx, stack).backups()
    maker, access = backups.maker(), backups.access(addressing(sslmode, ca_bundle, via))
    if dry_run:
        plan = maker.plan(access)
        output.print_line(f"{plan.server}, PostgreSQL {plan.version}")
        for step in plan.steps:
            output.print_line(f"  will  {step}")
        return
    manifest = maker.run(access)
    if as_json:
        output.print_json(manifest.model_dump(mode="json", by_alias=True))
        return
    _print(manifest)


def list_(
    ctx: typer.Context,
    *,
    stack: StackOption = "",
    most: Annotated[int, typer.Option("--most", min=1, help="So many of the newest.")] = 30,
    as_json: JsonOption = False,
) -> None:
    """The backups that are whole, the newest first, and when each was last proven by a restore."""
    found = list(make_factory(ctx, stack).backups().catalogue().listed(most))
    if as_json:
        output.print_json(found)
        return
    output.print_table(
        ("backup", "data of (UTC)", "bytes", "tables", "rows", "took", "proven (UTC)"), map(_line, found)
    )
    if not found:
        output.message("no backup")


def show(
    ctx: typer.Context, backup: IdArgument = "", *, stack: StackOption = "", as_json: JsonOption = False
) -> None:
    """What a backup holds, by its manifest."""
    catalogue = make_factory(ctx, stack).backups().catalogue()
    manifest = catalogue.manifest(backup or catalogue.newest())
    if as_json:
        output.print_json(manifest.model_dump(mode="json", by_alias=True))
        return
    _print(manifest)
    proof = catalogue.proof(manifest)
    if proof is None:
        output.print_line("proven    never: intendly backup verify")
    else:
        _print_proof(proof)


def verify(  # noqa: PLR0913 - each is an option
    ctx: typer.Context,
    backup: IdArgument = "",
    *,
    stack: StackOption = "",
    oldest_hours: Annotated[
        float | None,
        typer.Option("--oldest-hours", help="Refuse a backup whose data is older.", show_default=False),
    ] = None,
    scratch: Annotated[
        Path | None,
        typer.Option(
            "--scratch", metavar="FOLDER", help="Where a restored database has room.", show_default=False
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Restore a backup into a server of its own and compare: exit code 0 when it is proven, 3 when it is rejected."""
    proof = (
        make_factory(ctx, stack)
        .backups()
        .verifier()
        .verify(backup, oldest_hours=oldest_hours, scratch=scratch)
    )
    if as_json:
        output.print_json(proof.model_dump(mode="json", by_alias=True))
    else:
        output.print_line(f"backup    {proof.backup}")
        _print_proof(proof)
    if not proof.proven:
        raise typer.Exit(ExitCode.NOT_READY)


def _print_proof(proof: "Proof") -> None:
    output.print_line(
        f"proven    {'yes' if proof.proven else 'REJECTED'} at {proof.ended:%Y-%m-%d %H:%M:%S} UTC"
    )
    output.print_line(
        f"          RTO {proof.rto_s:,.0f} s, RPO {proof.rpo_s:,.0f} s, {proof.rows:,} rows, {proof.sampled:,} compared"
    )
    for reason in proof.reasons:
        output.print_line(f"          {reason}")


def _line(one: "Listed") -> tuple[str, ...]:
    if one.started is None:
        return (one.id, f"[red]{output.data(one.problem)}[/]", "", "", "", "", "")
    proven = (
        f"{one.proven:%Y-%m-%d %H:%M}" if one.proven else f"[yellow]{output.data(one.problem or 'never')}[/]"
    )
    return (
        one.id,
        f"{one.started:%Y-%m-%d %H:%M:%S}",
        f"{one.bytes:,}",
        str(one.tables),
        f"{one.rows:,}",
        f"{one.duration_s:,.0f} s",
        proven,
    )


def _print(manifest: "Manifest") -> None:
    tables = manifest.contents.tables
    output.print_line(f"backup    {manifest.id}")
    output.print_line(f"data of   {manifest.started:%Y-%m-%d %H:%M:%S} UTC, WAL {manifest.wal_position}")
    output.print_line(f"took      {manifest.duration_s:,.1f} s, with {manifest.program}")
    output.print_line(f"dump      {manifest.dump.key}")
    output.print_line(
        f"          {manifest.dump.bytes:,} bytes of {manifest.archive_bytes:,}, sha256 {manifest.dump.sha256}"
    )
    output.print_line(f"globals   {manifest.globals.key}")
    output.print_line(f"holds     {len(tables)} tables, {sum(one.rows for one in tables):,} rows")
    for one in tables:
        output.print_line(f"          {one.rows:>14,}  {one.name}")
