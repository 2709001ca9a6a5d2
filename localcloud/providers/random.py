"""Stand-in for the random provider: passwords, strings and ids from the machine's own randomness."""

import base64
import secrets
import string

from localcloud.providers.server import Change, Failure, Request, StandIn, serve
from localcloud.providers.wire import UNKNOWN, Properties, Secret, plain

_CLASSES = {
    "lower": string.ascii_lowercase,
    "upper": string.ascii_uppercase,
    "numeric": string.digits,
    "special": "!@#$%&*()-_=+[]{}<>:?",  # the real provider's default
}
_ID_OUTPUTS = ("b64Std", "b64Url", "dec", "hex")
_KINDS = {
    "random:index/randomPassword:RandomPassword": ("length", ("result",)),
    "random:index/randomString:RandomString": ("length", ("result",)),
    "random:index/randomId:RandomId": ("byteLength", _ID_OUTPUTS),
}
"""Known types: the input that holds the size, and the computed outputs."""


def random_text(inputs: Properties) -> str:
    """A text of ``length`` characters that holds at least the ``min*`` characters of each class."""
    classes = _CLASSES | ({"special": inputs["overrideSpecial"]} if inputs.get("overrideSpecial") else {})
    allowed = "".join(letters for name, letters in classes.items() if inputs.get(name, True))
    chosen = [
        secrets.choice(letters)
        for name, letters in classes.items()
        for _ in range(inputs.get(f"min{name.capitalize()}", 0))
    ]
    chosen += [secrets.choice(allowed) for _ in range(inputs["length"] - len(chosen))]
    secrets.SystemRandom().shuffle(chosen)
    return "".join(chosen)


def random_id(inputs: Properties) -> tuple[str, Properties]:
    """Identity and outputs of a RandomId: the same bytes in four spellings, each after the prefix."""
    data = secrets.token_bytes(inputs["byteLength"])
    url = base64.urlsafe_b64encode(data).decode().rstrip("=")
    spelt = (base64.b64encode(data).decode(), url, str(int.from_bytes(data, "big")), data.hex())
    return url, {name: inputs.get("prefix", "") + text for name, text in zip(_ID_OUTPUTS, spelt, strict=True)}


class RandomProvider(StandIn):
    """Everything in the state, nothing outside; any changed input replaces the resource."""

    title = "random stand-in"
    version = "4.21.4"

    def check(self, request: Request) -> tuple[Properties, list[Failure]]:
        """Refuse unknown types and lengths that cannot hold what is asked for."""
        if request.kind not in _KINDS:
            where = "localcloud/providers/random.py"
            return request.inputs, [
                Failure("", f"the {self.title} does not know {request.kind}: see {where}")
            ]
        given = plain(request.inputs)
        name = _KINDS[request.kind][0]
        size = given.get(name)
        least = max(1, sum(given.get(f"min{letters.capitalize()}", 0) for letters in _CLASSES))
        if size == UNKNOWN or (isinstance(size, int) and size >= least):
            return request.inputs, []
        return request.inputs, [Failure(name, f"{self.title}: {size!r} given, at least {least} needed")]

    def diff(self, request: Request) -> list[Change]:
        """Every difference replaces."""
        before, after = plain(request.olds), plain(request.inputs)
        return [
            Change(name, "UPDATE", replaces=True)
            for name in {*before, *after}
            if before.get(name) != after.get(name)
        ]

    def create(self, request: Request) -> tuple[str, Properties]:
        """Draw the value; a password is marked secret."""
        if request.preview:
            return "", request.inputs | dict.fromkeys(_KINDS[request.kind][1], UNKNOWN)
        given = plain(request.inputs)
        if request.kind.endswith(":RandomId"):
            identity, outputs = random_id(given)
            return identity, request.inputs | outputs
        drawn = random_text(given)
        if request.kind.endswith(":RandomPassword"):
            return "none", request.inputs | {"result": Secret(drawn)}
        return drawn, request.inputs | {"result": drawn}


if __name__ == "__main__":
    serve(RandomProvider())
