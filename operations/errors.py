"""The one family of errors that an operator can mend, and the exit codes of every command.

An ``OperatorError`` is printed as its message and its hint, without a traceback. Anything else that
reaches the top is a bug and shows one.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """What a command's exit code means; later nouns add theirs here, and never change these."""

    OK = 0
    """Done, and what was looked at is as it should be."""

    FAILED = 1
    """The operator can mend it: the message says what is wrong, the hint how. Also Python's code for a bug."""

    USAGE = 2
    """The command line was not understood (Typer's own code)."""

    NOT_READY = 3
    """The command worked; what it looked at is not as it should be. Its output was printed."""

    BAD_INPUT = 4
    """A file that the command works with cannot be read as what it should be: nothing was changed."""

    REFUSED = 5
    """An approval does not hold: something moved since, or it does not name what would go. Nothing was changed."""

    UNREADABLE_STATE = 6
    """The stack's state is there and cannot be read: nothing was changed."""


class OperatorError(Exception):
    """Something the operator can mend.

    Args:
        message: what is wrong, in one sentence, naming the thing.
        hint: the way out, best a command; shown on a line of its own.
    """

    exit_code: ExitCode = ExitCode.FAILED

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(OperatorError):
    """A file that the command works with (a list of prices, an approval) cannot be used."""

    exit_code = ExitCode.BAD_INPUT


class EngineError(OperatorError):
    """The engine's command line, its backend or its state could not be used."""


class UnreadableStateError(EngineError):
    """The state is there, and the engine cannot read it: cut off, or written by something else."""

    exit_code = ExitCode.UNREADABLE_STATE


class RefusedError(OperatorError):
    """What was approved is not what would happen now."""

    exit_code = ExitCode.REFUSED


class ClusterError(OperatorError):
    """The cluster's API server could not be reached, or refused."""


class AwsError(OperatorError):
    """AWS could not be reached, or refused; ``code`` is its own word for why, empty where it did not answer."""

    def __init__(self, message: str, hint: str = "", code: str = "") -> None:
        super().__init__(message, hint)
        self.code = code


class DatabaseError(OperatorError):
    """The database server could not be reached, is not the one that was meant, or refused."""


class BackupError(OperatorError):
    """A backup could not be made, is not what its manifest says, or could not be restored."""


class RejectedError(BackupError):
    """A backup, or what was restored of it, is not what its manifest says."""
