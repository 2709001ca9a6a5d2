"""``intendly settings``: stack files checked before anything else, keys explained."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from operations.cli import output
from operations.cli.options import JsonOption, known_stack, make_factory
from operations.errors import ExitCode

if TYPE_CHECKING:
    from infra.settings import Explanation
    from operations.services.settings import CheckedFile


def register(app: typer.Typer) -> None:
    """Add the noun to the application."""
    nouns = typer.Typer(no_args_is_help=True)
    nouns.command(
        epilog="Examples:  intendly settings check  |  intendly settings check Pulumi.staging.yaml --json"
    )(check)
    nouns.command(
        epilog="Examples:  intendly settings explain database.backupWindow  |  intendly settings explain cluster"
    )(explain)
    app.add_typer(nouns, name="settings", help="Check the stacks' settings; explain a key.")


def check(
    ctx: typer.Context,
    *,
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE", help="Stack files; every stack's when none is named."),
    ] = None,
    stack: Annotated[
        str,
        typer.Option("--stack", "-s", metavar="STACK", show_default=False, help="Check this stack's file."),
    ] = "",
    json: JsonOption = False,
) -> None:
    """Print every problem of the settings at once, one a line (exit 1: there is one). Reads nothing but the files."""
    service = make_factory(ctx).settings()
    named = [*(files or ()), *([service.stack_file(known_stack(stack))] if stack else ())]
    checked = [service.check(file) for file in named or service.stack_files()]
    if json:
        output.print_json(checked)
    else:
        for line in _lines(checked):
            output.print_line(line)
    if not all(one.good for one in checked):
        raise typer.Exit(ExitCode.FAILED)


def _lines(checked: "list[CheckedFile]") -> Iterator[str]:
    """A problem as editors and terminals find it: file, line, key, what is wrong."""
    for one in checked:
        if one.good:
            yield f"{one.file.name}: good"
        for problem in one.problems:
            place = ":".join(filter(None, (one.file.name, str(problem.line or ""))))
            yield ": ".join(filter(None, (place, problem.path, problem.message)))


def explain(
    ctx: typer.Context,
    key: Annotated[
        str, typer.Argument(metavar="KEY", help="Path of a key; without one, the keys.", show_default=False)
    ] = "",
    *,
    json: JsonOption = False,
) -> None:
    """Explain a key: what it means, in which unit, what it takes, and what it is in each stack."""
    service = make_factory(ctx).settings()
    found = service.explain(key) if key else service.keys()
    if json:
        output.print_json(found)
    elif isinstance(found, dict):
        output.print_table(
            ("key", "about"), ((output.data(name), output.data(about)) for name, about in found.items())
        )
    else:
        output.print_table(("", ""), _facts(found), title=output.data(found.path))


def _facts(found: "Explanation") -> Iterator[tuple[str, str]]:
    yield "title", output.data(found.title)
    yield "meaning", output.data(found.description)
    if found.keys:
        yield "keys", output.data(", ".join(found.keys))
    else:
        yield "allowed", output.data(found.allowed)
        if found.keys_of_each:
            yield "keys of each", output.data(", ".join(found.keys_of_each))
        yield "default", output.data(found.default)
    for file, value in found.values.items():
        yield output.data(file), output.data(value)
