"""The command group that prints an operator's error without a traceback and exits with its code."""

from typing import Any

import typer
from typer.core import TyperGroup

from operations.cli.output import print_error
from operations.errors import OperatorError


class OperatorGroup(TyperGroup):
    """The top of the command line. Anything but an ``OperatorError`` is a bug and passes through."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - typer does not export its base class's context
        """Run the command.

        Raises:
            typer.Exit: with the error's exit code, after its message was printed.
        """
        try:
            return super().invoke(ctx)
        except OperatorError as error:
            print_error(error)
            raise typer.Exit(error.exit_code) from None
