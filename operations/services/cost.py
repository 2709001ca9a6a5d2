"""``intendly cost``: what a stack costs a month."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from operations.clients.engine import EngineClient
from operations.clients.engine_preview import Preview, PreviewStep
from operations.errors import EngineError, InputError
from operations.json_object import Json
from pricing import Cost, PriceListError, Resource, monthly

DELETIONS: Final = frozenset({"delete", "delete-replaced", "discard", "discard-replaced"})
REPLACED: Final = frozenset({"replace", "delete-replaced"})
"""Steps of a replacement beside its ``create-replacement``, which tells both states."""


class CostService:
    """Prices one stack.

    Args:
        stack: the stack.
        engine: reads its state.
        preview: asks the engine what an update would make; changes nothing.
    """

    def __init__(self, stack: str, engine: EngineClient, preview: Callable[[], Preview]) -> None:
        self._stack = stack
        self._engine = engine
        self._preview = preview

    def current(self) -> Cost:
        """Of what the state holds.

        Raises:
            EngineError: the state cannot be read, or holds nothing.
            InputError: the list of prices cannot be read.
        """
        state = self._engine.state()
        if not state.resources:
            raise EngineError(
                f"the stack {self._stack} has no resources, so it costs nothing yet",
                f"intendly cost --stack {self._stack} --planned tells what an update would cost",
            )
        return priced(
            Resource(type=one.kind, urn=one.urn, inputs=one.inputs, parent=one.parent)
            for one in state.resources
        )

    def planned(self) -> Cost:
        """Of what an update would make.

        Raises:
            EngineError: the program cannot be previewed.
            InputError: the list of prices cannot be read.
        """
        return priced(after_update(self._preview()))


def priced(resources: Iterable[Resource]) -> Cost:
    """What resources cost, by the tracked list.

    Raises:
        InputError: the list cannot be read.
    """
    try:
        return monthly(resources)
    except PriceListError as error:
        raise InputError(error.message, error.hint) from error


def before_update(preview: Preview) -> Iterator[Resource]:
    """The resources as they are."""
    for step in _each(preview):
        if step.operation not in ("create", "import"):
            yield _resource(step, step.old_inputs)


def after_update(preview: Preview) -> Iterator[Resource]:
    """The resources as they would be."""
    for step in _each(preview):
        if step.operation not in DELETIONS:
            yield _resource(step, step.new_inputs)


def _each(preview: Preview) -> Iterator[PreviewStep]:
    """One step a resource."""
    return (step for step in preview.steps if step.operation not in REPLACED)


def _resource(step: PreviewStep, inputs: Json) -> Resource:
    kind = step.urn.split("::")[2].rpartition("$")[2]
    return Resource(type=kind, urn=step.urn, inputs=inputs, parent=step.parent)
