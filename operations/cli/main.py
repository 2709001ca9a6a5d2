"""The ``intendly`` command: one application, a file per noun that registers itself.

A noun is a module with a ``register(app)``. It imports what its commands need when they run, so that
``intendly settings check`` never pays for a cloud's SDK.
"""

import typer

from operations.cli import (
    apply,
    backup,
    bootstrap,
    cost,
    db,
    doctor,
    drift,
    heal,
    ports,
    preflight,
    preview,
    restore,
    settings,
    status,
)
from operations.cli.group import OperatorGroup

NOUNS = (
    status,
    settings,
    doctor,
    preflight,
    cost,
    bootstrap,
    preview,
    apply,
    drift,
    ports,
    db,
    backup,
    restore,
    heal,
)
"""In the order in which --help shows them."""

HELP = """Operates Intendly's platform.

Exit codes: 0 done and as it should be; 1 something you can mend (message and hint on stderr);
2 the command line was not understood; 3 the command worked, what it looked at is not ready;
4 a file that the command works with cannot be used; 5 an approval does not hold;
6 the stack's state cannot be read.

Output goes to stdout, messages to stderr; --json gives one JSON value. NO_COLOR turns colours off.
"""


def make_app() -> typer.Typer:
    """The application with all its nouns."""
    app = typer.Typer(
        name="intendly",
        cls=OperatorGroup,
        help=HELP,
        no_args_is_help=True,
        pretty_exceptions_show_locals=False,
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    for noun in NOUNS:
        noun.register(app)
    return app


def run() -> None:
    """The entry point of the installed command."""
    make_app()(prog_name="intendly")
