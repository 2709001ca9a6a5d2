"""What commands print: tables for people, JSON for programs.

JSON and tables go to standard output, messages to standard error, so that a pipe gets one thing. NO_COLOR is
honoured (rich does), and where the output is no terminal a table is wide enough not to be cut.
"""

import dataclasses
import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO, cast

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from operations.errors import OperatorError

WIDTH_WITHOUT_TERMINAL = 200
"""Columns where nobody's window sets them (COLUMNS does); rich's own 80 would fold every digest and ARN."""

READY, NOT_READY = "[green]ready[/]", "[red]not ready[/]"


def console(stream: TextIO | None = None) -> Console:
    """A console on standard output, or on the stream given; made anew, for tests replace the streams."""
    made = Console(file=stream or sys.stdout, highlight=False)
    if not made.is_terminal and "COLUMNS" not in os.environ:
        made.width = WIDTH_WITHOUT_TERMINAL
    return made


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], title: str = "") -> None:
    """A plain table, without a header where no column has a name; cells may carry rich's markup, so data goes through ``data`` first."""
    table = Table(
        *columns,
        title=title or None,
        title_justify="left",
        box=None,
        pad_edge=False,
        show_header=any(columns),
    )
    for row in rows:
        table.add_row(*row)
    console().print(table)


def data(value: object) -> str:
    """A value as text that is not taken for markup."""
    return escape(str(value))


def print_json(value: object) -> None:
    """The value as JSON on standard output, keys in camelCase as in the settings and the stack's outputs."""
    sys.stdout.write(json.dumps(plain(value), indent=2, ensure_ascii=False) + "\n")


def print_line(line: str) -> None:
    """A line of the answer as it is: never folded, never coloured."""
    sys.stdout.write(line + "\n")


def message(line: str) -> None:
    """A line for the person at the terminal, on standard error."""
    console(sys.stderr).print(line, soft_wrap=True)


def print_error(error: OperatorError) -> None:
    """The error's message and, on a line of its own, its hint."""
    screen = console(sys.stderr)
    screen.print(f"[bold red]error:[/] {data(error.message)}", soft_wrap=True)
    if error.hint:
        screen.print(f"[bold]hint:[/] {data(error.hint)}", soft_wrap=True)


def plain(value: object) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """Dataclasses as objects of their fields and properties; times in ISO 8601; the rest as it is."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        names += [name for name, member in vars(type(value)).items() if isinstance(member, property)]
        return {_camel(name): plain(getattr(value, name)) for name in names}
    if isinstance(value, dict):
        return {str(key): plain(member) for key, member in cast("dict[object, object]", value).items()}
    if isinstance(value, list | tuple):
        return [plain(member) for member in cast("Sequence[object]", value)]
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Path) else value


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)
