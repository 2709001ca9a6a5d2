"""Names that wait for what they name."""

import pulumi


def name_of(made: pulumi.Resource, name: str) -> pulumi.Output[str]:
    """The fixed name of an object, carrying the dependency on it.

    Whoever uses the result waits for the object, and a preview knows the name although nothing exists yet.
    """
    return made.urn.apply(lambda _: name)
