"""Records a program with every output marked, so that an input tells whose outputs it was made of."""

import dataclasses
import re
from collections.abc import Callable, Container, Iterator
from typing import Any

from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto.resource_pb2 import RegisterResourceRequest, RegisterResourceResponse
from pulumi.runtime.rpc import UNKNOWN

from tests.support.recorder import Properties, Recorder, record_with, type_signature

MARK = re.compile(r"@(\d+)(!?):([^@]+)@")
"""Stands for an output: position of the resource among the registrations, `!` where a number became text, and the
path to the value."""

FIRST_NUMBER = 9_000_000_000
"""Numbers from here on are marks as well, on their way through a program that may turn them into text."""


class Marked(Recorder):
    """Answers every registration with marks in place of values."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers: list[str] = []

    def answer(self, request: RegisterResourceRequest, urn: str, raw: Properties) -> RegisterResourceResponse:
        """All the outputs, marked; inside larger ones, what repeats an input stays, as programs look for it."""
        position = len(self.registrations) - 1
        known: Properties = json_format.MessageToDict(super().answer(request, urn, raw).object)
        inputs = frozenset(_texts(raw))
        marked = struct_pb2.Struct()
        for key, value in known.items():
            path = f"{position}:{key}"
            marked.update({key: self._marked(value, path, () if isinstance(value, str) else inputs)})
        return RegisterResourceResponse(urn=urn, id=f"@{position}:id@", object=marked)

    def resolve(self) -> None:
        """Turn the marks that are numbers into such as the others are, once everything was recorded."""
        self.registrations = [
            dataclasses.replace(one, inputs=self._resolved(one.inputs)) for one in self.registrations
        ]
        self.outputs = {urn: self._resolved(outputs) for urn, outputs in self.outputs.items()}

    def _marked(self, value: Any, path: str, kept: Container[str]) -> Any:  # noqa: ANN401 - wire values
        """Marks in place of texts and numbers; a secret stays one, a truth value has no room for a mark."""
        match value:
            case {"value": inner, **marks} if type_signature in marks:
                return {**marks, "value": self._marked(inner, path, kept)}
            case dict():
                entries: Properties = value  # pyright: ignore[reportUnknownVariableType] - JSON
                return {key: self._marked(entry, f"{path}.{key}", kept) for key, entry in entries.items()}
            case list():
                items: list[Any] = value  # pyright: ignore[reportUnknownVariableType] - JSON
                return [self._marked(item, f"{path}.{index}", kept) for index, item in enumerate(items)]
            case float():
                self._numbers.append(path)
                return FIRST_NUMBER + len(self._numbers) - 1
            case str():
                return value if value in kept else f"@{path}@"
            case _:
                return value

    def _resolved(self, value: Any) -> Any:  # noqa: ANN401 - wire values are of any type
        match value:
            case dict():
                entries: Properties = value  # pyright: ignore[reportUnknownVariableType] - JSON
                return {key: self._resolved(entry) for key, entry in entries.items()}
            case list():
                items: list[Any] = value  # pyright: ignore[reportUnknownVariableType] - JSON
                return [self._resolved(item) for item in items]
            case float() if value >= FIRST_NUMBER:
                return f"@{self._numbers[int(value) - FIRST_NUMBER]}@"
            case str():
                return re.sub(rf"{FIRST_NUMBER // 10**6}\d{{6}}", self._number_in_text, value)
            case _:
                return value

    def _number_in_text(self, found: re.Match[str]) -> str:
        position, _, path = self._numbers[int(found[0]) - FIRST_NUMBER].partition(":")
        return f"@{position}!:{path}@"


class Planned(Recorder):
    """Answers as an engine does in a first preview: what a provider would compute is unknown."""

    def answer(self, request: RegisterResourceRequest, urn: str, raw: Properties) -> RegisterResourceResponse:
        """The inputs, and no value beyond them."""
        known: Properties = json_format.MessageToDict(super().answer(request, urn, raw).object)
        planned = struct_pb2.Struct()
        planned.update(_unknown_beyond(raw, known))
        return RegisterResourceResponse(urn=urn, object=planned)


def record_marked(program: Callable[[], object]) -> Recorder:
    """Record a program's registrations, with marks wherever an input comes from an output."""
    recorder = Marked()
    record_with(recorder, program)
    recorder.resolve()
    return recorder


def record_planned(program: Callable[[], object]) -> Recorder:
    """Record a program as a first preview sees it, unknown values included."""
    return record_with(Planned(), program, preview=True)


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - wire values are of any type
    """Every text in a value."""
    match value:
        case str():
            yield value
        case dict():
            for entry in value.values():  # pyright: ignore[reportUnknownVariableType] - JSON
                yield from _texts(entry)
        case list():
            for entry in value:  # pyright: ignore[reportUnknownVariableType] - JSON
                yield from _texts(entry)
        case _:
            pass


def _unknown_beyond(given: Properties, outputs: Properties) -> Properties:
    """The outputs, unknown where no input of that name was given, at any depth."""
    planned: Properties = {}
    for key, output in outputs.items():
        match given.get(key, UNKNOWN), output:
            case dict() as value, dict():  # pyright: ignore[reportUnknownVariableType] - JSON
                planned[key] = _unknown_beyond(value, output)  # pyright: ignore[reportUnknownArgumentType] - JSON
            case value, _:
                planned[key] = value
    return planned
