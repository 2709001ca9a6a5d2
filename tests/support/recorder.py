"""Records what a program registers, so that a test asserts on it in plain Python.

The SDK's own mocks hide resource options; this monitor keeps them (`protect`, `ignore_changes`, dependencies
and so on). An assertion inside `apply` cannot fail reliably, one on the recording can.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pulumi
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.proto import resource_pb2

from tests.support.outputs import computed_outputs, physical_id

type_signature = "4dabf18193072939515e22adb298388d"
"""Key by which the engine's wire format marks special values (sdk/go/common/resource/properties.go)."""

secret_signature = "1b47061264138c4ac30d75fd1eb44270"
"""Value of that key for a secret."""

Properties = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Registration:
    """One registered resource: its inputs in wire names (camelCase) without marks, and its options."""

    type: str
    name: str
    urn: str
    inputs: Properties
    secret_inputs: frozenset[str]
    """Top-level inputs that are, or hold, a secret."""
    secret_paths: frozenset[tuple[str, ...]]
    """Paths of the marks themselves; a place in a list is its number as text."""
    parent: str
    """URN of the parent."""
    provider: str
    """`urn::id` of the provider that was handed over, or an empty text."""
    protect: bool
    retain_on_delete: bool
    delete_before_replace: bool
    ignore_changes: tuple[str, ...]
    replace_on_changes: tuple[str, ...]
    dependencies: frozenset[str]
    """URNs this resource waits for: explicit ones and those its inputs come from."""
    property_dependencies: dict[str, frozenset[str]]
    """URNs each top-level input comes from."""
    custom_timeouts: dict[str, str]

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - an input may be of any type
        return self.inputs[key]


class _NoLookUps(pulumi.runtime.Mocks):
    """Creating is the recorder's; looking up is refused."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, Properties]:
        raise AssertionError(f"the recorder registers, not the mocks: {args.typ}")

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[Properties, list[tuple[str, str]] | None]:
        raise AssertionError(f"a component looked something up: {args.token}")


class Recorder(MockMonitor):
    """Every registration of one run, in order, and the outputs that components registered."""

    registrations: list[Registration]
    outputs: dict[str, Properties]
    """What each component registered as its outputs, by its URN, without marks."""
    secret_outputs: dict[str, frozenset[str]]
    """Which of them are, or hold, a secret."""

    def __init__(self) -> None:
        super().__init__(_NoLookUps())
        self.registrations = []
        self.outputs = {}
        self.secret_outputs = {}

    def RegisterResource(  # noqa: N802 - the name of the engine's own call
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        urn = str(self.make_urn(request.parent, request.type, request.name))
        if request.type == "pulumi:pulumi:Stack":
            return resource_pb2.RegisterResourceResponse(urn=urn)
        raw = _as_dict(request.object)
        self.registrations.append(_registration(urn, request, raw))
        if not request.custom:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        return self.answer(request, urn, raw)

    def answer(
        self, request: resource_pb2.RegisterResourceRequest, urn: str, raw: Properties
    ) -> resource_pb2.RegisterResourceResponse:
        """What the engine answers once the resource exists; a recorder of your own may know less, or more."""
        plain: Properties = {key: unwrap(value)[0] for key, value in raw.items()}
        state = {**raw, **computed_outputs(request.type, request.name, plain)}
        for key in request.additionalSecretOutputs:
            if key in state:
                state[key] = {type_signature: secret_signature, "value": unwrap(state[key])[0]}
        outputs = struct_pb2.Struct()
        outputs.update(state)
        return resource_pb2.RegisterResourceResponse(
            urn=urn, id=physical_id(request.type, request.name, plain), object=outputs
        )

    def RegisterResourceOutputs(  # noqa: N802 - the name of the engine's own call
        self, request: resource_pb2.RegisterResourceOutputsRequest
    ) -> empty_pb2.Empty:
        unwrapped = {key: unwrap(value) for key, value in _as_dict(request.outputs).items()}
        self.outputs[request.urn] = {key: plain for key, (plain, _) in unwrapped.items()}
        self.secret_outputs[request.urn] = frozenset(key for key, (_, secret) in unwrapped.items() if secret)
        return empty_pb2.Empty()

    def all(self, kind: str) -> list[Registration]:
        """Every resource of a type, in the order of registration."""
        return [found for found in self.registrations if found.type == kind]

    def only(self, kind: str) -> Registration:
        """The one resource of a type; an assertion names what is there instead."""
        found = self.all(kind)
        assert len(found) == 1, f"{len(found)} of {kind}: {[one.name for one in found]}"
        return found[0]

    def named(self, kind: str, name: str) -> Registration:
        """The resource of a type with this logical name."""
        found = [one for one in self.all(kind) if one.name == name]
        assert found, f"no {kind} named {name}: {[one.name for one in self.all(kind)]}"
        return found[0]

    def by_urn(self, urn: str) -> Registration:
        """The resource with this URN."""
        return next(found for found in self.registrations if found.urn == urn)

    def follows(self, later: Registration, earlier: Registration) -> bool:
        """Whether `later` waits for `earlier`, directly or through others."""
        seen: set[str] = set()
        waiting = set(later.dependencies)
        while waiting:
            urn = waiting.pop()
            if urn == earlier.urn:
                return True
            seen.add(urn)
            known = [found for found in self.registrations if found.urn == urn]
            waiting |= {other for found in known for other in found.dependencies} - seen
        return False


def unwrap(value: Any) -> tuple[Any, bool]:  # noqa: ANN401 - wire values are of any type
    """A wire value without marks of secrecy, and whether there was one anywhere in it."""
    if isinstance(value, dict):
        entries: Properties = value  # pyright: ignore[reportUnknownVariableType] - JSON has text keys
        if entries.get(type_signature) == secret_signature:
            return unwrap(entries["value"])[0], True
        pairs = {key: unwrap(entry) for key, entry in entries.items()}
        return {key: plain for key, (plain, _) in pairs.items()}, any(mark for _, mark in pairs.values())
    if isinstance(value, list):
        items: list[Any] = value  # pyright: ignore[reportUnknownVariableType] - JSON
        unwrapped = [unwrap(item) for item in items]
        return [plain for plain, _ in unwrapped], any(mark for _, mark in unwrapped)
    return value, False


def record(program: Callable[[], object]) -> Recorder:
    """Run a program against the recorder; returns when every registration has finished."""
    return record_with(Recorder(), program)


def record_with(recorder: Recorder, program: Callable[[], object], *, preview: bool = False) -> Recorder:
    """Run a program against a recorder of your own; in a preview, outputs that it leaves out are unknown."""
    pulumi.runtime.set_mocks(
        _NoLookUps(), project="intendly", stack="test", preview=preview, monitor=recorder
    )
    pulumi.runtime.test(program)()  # pyright: ignore[reportUnknownMemberType] - the SDK leaves it untyped
    return recorder


def _as_dict(struct: struct_pb2.Struct) -> Properties:
    return json_format.MessageToDict(struct)


def _marks(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:  # noqa: ANN401 - wire values
    """Paths of the outermost marks of secrecy."""
    if isinstance(value, dict):
        entries: Properties = value  # pyright: ignore[reportUnknownVariableType] - JSON has text keys
        if entries.get(type_signature) == secret_signature:
            yield path
            return
        for key, entry in entries.items():
            yield from _marks(entry, (*path, key))
    elif isinstance(value, list):
        items: list[Any] = value  # pyright: ignore[reportUnknownVariableType] - JSON
        for place, item in enumerate(items):
            yield from _marks(item, (*path, str(place)))


def _registration(urn: str, request: resource_pb2.RegisterResourceRequest, raw: Properties) -> Registration:
    unwrapped = {key: unwrap(value) for key, value in raw.items()}
    timeouts = request.customTimeouts
    return Registration(
        type=request.type,
        name=request.name,
        urn=urn,
        inputs={key: plain for key, (plain, _) in unwrapped.items()},
        secret_inputs=frozenset(key for key, (_, secret) in unwrapped.items() if secret),
        secret_paths=frozenset(_marks(raw)),
        parent=request.parent,
        provider=request.provider,
        protect=request.protect,
        retain_on_delete=request.retainOnDelete,
        delete_before_replace=request.deleteBeforeReplace,
        ignore_changes=tuple(request.ignoreChanges),
        replace_on_changes=tuple(request.replaceOnChanges),
        dependencies=frozenset(request.dependencies),
        property_dependencies={
            key: frozenset(found.urns) for key, found in request.propertyDependencies.items()
        },
        custom_timeouts={
            action: text
            for action, text in {
                "create": timeouts.create,
                "update": timeouts.update,
                "delete": timeouts.delete,
            }.items()
            if text
        },
    )
