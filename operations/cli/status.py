"""``intendly status``: what a stack is, where, which version, how much of it is ready."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from operations.cli import output
from operations.cli.options import JsonOption, RoleOption, StackOption, make_factory
from operations.errors import ExitCode

if TYPE_CHECKING:
    from operations.services.status import Part, StackStatus


def register(app: typer.Typer) -> None:
    """Add the verb to the application."""
    app.command(epilog="Examples:  intendly status --stack staging  |  intendly status -s production --json")(
        status
    )


def status(
    ctx: typer.Context,
    *,
    stack: StackOption = "",
    role_arn: RoleOption = None,
    json: JsonOption = False,
) -> None:
    """Show what the stack is, where, which version of it runs and how much of it is ready (exit 3: not all)."""
    found = make_factory(ctx, stack, role_arn).status().status()
    if json:
        output.print_json(found)
    else:
        output.print_table(("", ""), _facts(found), title=f"Stack {output.data(stack)}")
        output.print_line("")
        output.print_table(("part", "ready", "", "what"), _parts(found.parts))
    if found.hint:
        output.message(f"[bold]hint:[/] {output.data(found.hint)}")
    if not found.ready:
        raise typer.Exit(ExitCode.NOT_READY)


def _facts(found: "StackStatus") -> Iterator[tuple[str, str]]:
    unknown = "not deployed yet"
    yield "state", output.READY if found.ready else output.NOT_READY
    yield "account", output.data(f"{found.account or unknown} {found.region}")
    yield "cluster", output.data(f"{found.cluster or unknown} {found.cluster_endpoint}")
    for name, address in found.endpoints.items():
        yield output.data(name), output.data(address)
    yield "image", output.data(found.image or unknown)
    if found.wanted.image not in {"", found.image}:
        yield (
            "image wanted",
            output.data(f"{found.wanted.image} (by the settings; the next update brings it)"),
        )
    yield "Kubernetes", output.data(found.kubernetes_version or "cannot be read")
    yield "Kubernetes wanted", output.data(found.wanted.kubernetes_version or found.wanted.problem)
    yield "engine", output.data(found.engine_version)
    counts = ", ".join(f"{number} {provider}" for provider, number in found.resources.items())
    yield "resources", output.data(counts or "none")
    yield "last update", output.data(_last_update(found))
    for operation in found.interrupted:
        yield "[red]interrupted[/]", output.data(f"{operation} (or an update is running now)")


def _last_update(found: "StackStatus") -> str:
    update = found.last_update
    if update is None:
        return "never"
    ended = f"{update.ended:%Y-%m-%d %H:%M:%S} UTC" if update.ended else "not ended"
    return f"{update.kind} {update.result}, {ended}"


def _parts(parts: "tuple[Part, ...]") -> Iterator[tuple[str, str, str, str]]:
    for part in parts:
        ready = sum(item.ready for item in part.items)
        count = f"{ready} of {len(part.items)}" if part.items else ""
        verdict = output.READY if part.ready else output.NOT_READY
        yield f"[bold]{part.name}[/]", verdict, count, output.data(part.problem)
        for item in part.items:
            mark = "[green]✓[/]" if item.ready else "[red]✗[/]"
            yield f"  {output.data(item.name)}", mark, "", output.data(item.detail)
