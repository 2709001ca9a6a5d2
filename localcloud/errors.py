"""The one family of errors of the local cloud."""


class LocalCloudError(Exception):
    """Something the person at the keyboard can mend: what is wrong and what to do, printed without a traceback.

    Args:
        message: what is wrong, naming the thing.
        hint: what to do about it, a command where there is one.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message}\n{hint}" if hint else message)
        self.message = message
        self.hint = hint
