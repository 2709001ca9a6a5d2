"""Options that several nouns share, and the way from them to a factory."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, cast

import typer

from operations.errors import OperatorError
from operations.factory import ROLE_VARIABLE, Factory
from operations.project import find_root, stack_names

FactoryMaker = Callable[[Path, str, str | None], Factory]
"""Makes the factory for a root, a stack and a role; tests hand their own to the application as ``obj``."""


def known_stack(value: str) -> str:
    """The stack, when it has a settings file.

    Raises:
        typer.BadParameter: it is missing or unknown; the message names those there are.
    """
    stacks = stack_names(find_root(Path.cwd()))
    if value in stacks:
        return value
    problem = f"there is no stack {value!r}" if value else "name the stack to act on, there is no default"
    raise typer.BadParameter(f"{problem}; stacks here: {', '.join(stacks) or 'none'}", param_hint="--stack")


def complete_stack() -> list[str]:
    """The stacks' names, for the shell; none outside a project, where an error would spoil the prompt."""
    try:
        return stack_names(find_root(Path.cwd()))
    except OperatorError:
        return []


StackOption = Annotated[
    str,
    typer.Option(
        "--stack",
        "-s",
        metavar="STACK",
        callback=known_stack,
        autocompletion=complete_stack,
        show_default=False,
        help="Stack to act on; there is no default.",
    ),
]
RoleOption = Annotated[
    str | None,
    typer.Option(
        "--role-arn",
        metavar="ARN",
        envvar=ROLE_VARIABLE,
        show_default=False,
        help="IAM role to act as in the cluster; by default the caller's own identity.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON value instead of tables.")]


def make_factory(ctx: typer.Context, stack: str = "", role_arn: str | None = None) -> Factory:
    """The factory for the project that the operator stands in."""
    make = cast("FactoryMaker", ctx.obj or Factory)
    return make(find_root(Path.cwd()), stack, role_arn)
