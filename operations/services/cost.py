"""``intendly cost``: what a stack costs a month."""

from collections.abc import Iterable

from operations.clients.engine import EngineClient
from operations.errors import EngineError, InputError
from pricing import Cost, PriceListError, Resource, monthly


class CostService:
    """Prices one stack.

    Args:
        stack: the stack.
        engine: reads its state.
    """

    def __init__(self, stack: str, engine: EngineClient) -> None:
        self._stack = stack
        self._engine = engine

    def current(self) -> Cost:
        """Of what the state holds.

        Raises:
            EngineError: the state cannot be read, or holds nothing.
            InputError: the list of prices cannot be read.
        """
        state = self._engine.state()
        if not state.resources:
            raise EngineError(f"the stack {self._stack} has no resources, so it costs nothing yet")
        return priced(
            Resource(type=one.kind, urn=one.urn, inputs=one.inputs, parent=one.parent)
            for one in state.resources
        )


def priced(resources: Iterable[Resource]) -> Cost:
    """What resources cost, by the tracked list.

    Raises:
        InputError: the list cannot be read.
    """
    try:
        return monthly(resources)
    except PriceListError as error:
        raise InputError(error.message, error.hint) from error
