"""The real stacks, recorded: the tracked settings through the real composition over the SDK's mocks."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pulumi
from google.protobuf import struct_pb2
from pulumi.runtime.proto import resource_pb2

from infra.settings import StackSettings, load_file
from infra.settings.environment_file import load_environment_file
from infra.stack import build
from tests.support.recorder import Properties, Recorder, record_with

ROOT = Path(__file__).parents[2]
STACKS = ("production", "staging")


@dataclass(frozen=True, kw_only=True)
class RecordedStack:
    """One stack: what it was asked for, what it registered, what it tells the world."""

    settings: StackSettings
    made: Recorder
    outputs: dict[str, Any]
    """What the stack exports, known values."""
    secret_outputs: frozenset[str]
    """Names of exports that are, or hold, a secret."""


class Exports(pulumi.ComponentResource):
    """Stands for the stack resource, which mocks never see: takes the exports as its outputs."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__("tests:stack:Exports", "exports")
        self.register_outputs(dict(values))


class FirstPreview(Recorder):
    """Answers as an engine whose cloud is still empty: nothing beyond the inputs is known, no id either."""

    def answer(
        self,
        request: resource_pb2.RegisterResourceRequest,  # noqa: ARG002 - the recorder's own signature
        urn: str,
        raw: Properties,
    ) -> resource_pb2.RegisterResourceResponse:
        """The inputs alone."""
        state = struct_pb2.Struct()
        state.update(raw)
        return resource_pb2.RegisterResourceResponse(urn=urn, id="", object=state)


@cache
def recorded(stack: str) -> RecordedStack:
    """Record a tracked stack; once for all tests, since none of them changes it."""
    return _recorded(stack, Recorder(), preview=False)


@cache
def first_preview(stack: str) -> RecordedStack:
    """Record a tracked stack as its first preview sees it."""
    return _recorded(stack, FirstPreview(), preview=True)


def _recorded(stack: str, recorder: Recorder, *, preview: bool) -> RecordedStack:
    settings = load_file(ROOT / f"Pulumi.{stack}.yaml")
    config = load_environment_file(ROOT / "infra" / "config" / f"backend.{stack}.env")
    made = record_with(recorder, lambda: Exports(build(settings, config)), preview=preview)
    exports = made.only("tests:stack:Exports")
    made.registrations.remove(exports)
    return RecordedStack(
        settings=settings,
        made=made,
        outputs=made.outputs.pop(exports.urn),
        secret_outputs=made.secret_outputs.pop(exports.urn),
    )
