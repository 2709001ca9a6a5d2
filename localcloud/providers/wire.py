"""The engine's wire format: protobuf structs to plain Python values and back, secrets kept marked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeGuard

from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct

Value: TypeAlias = Any  # JSON-like, with Secret anywhere inside
Properties: TypeAlias = dict[str, Any]

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine sends, and wants, for a value that only an update will know."""

DEFAULTS = "__defaults"
"""Key under which bridged providers remember which inputs they filled in themselves."""

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_MARK = "1b47061264138c4ac30d75fd1eb44270"


@dataclass(frozen=True)
class Secret:
    """A value that the engine keeps encrypted; its mark must survive the way through a provider."""

    value: Value


def is_map(value: Value) -> TypeGuard[Properties]:
    """Whether the value is an object."""
    return isinstance(value, dict)


def is_list(value: Value) -> TypeGuard[list[Any]]:
    """Whether the value is a list."""
    return isinstance(value, list)


def rebuild(value: Value, leaf: Callable[[Value], Value]) -> Value:
    """The same structure with every leaf replaced; objects lose members without a value."""
    if is_list(value):
        return [rebuild(item, leaf) for item in value]
    if is_map(value):
        return {key: rebuild(item, leaf) for key, item in value.items() if item is not None}
    return leaf(value)


def decode(message: Struct) -> Properties:
    """Python values of a protobuf struct."""
    return _marked(rebuild(MessageToDict(message), _number))


def _number(value: Value) -> Value:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _marked(value: Value) -> Value:
    if is_map(value):
        if value.get(_SIGNATURE) == _MARK:
            return Secret(_marked(value.get("value")))
        return {key: _marked(item) for key, item in value.items()}
    return [_marked(item) for item in value] if is_list(value) else value


def encode(properties: Properties) -> Struct:
    """The protobuf struct of Python values."""
    message = Struct()
    message.update(rebuild(properties, _wrapped))
    return message


def _wrapped(value: Value) -> Value:
    return (
        {_SIGNATURE: _MARK, "value": rebuild(value.value, _wrapped)} if isinstance(value, Secret) else value
    )


def plain(value: Value) -> Value:
    """The value without secret marks."""
    return rebuild(value, lambda leaf: plain(leaf.value) if isinstance(leaf, Secret) else leaf)


def hidden(value: Value) -> Value:
    """The value with every secret replaced by ``[secret]``: what may be written to a file."""
    return rebuild(value, lambda leaf: "[secret]" if isinstance(leaf, Secret) else leaf)


def without_defaults(inputs: Properties) -> Properties:
    """Inputs without the note about which of them are defaults."""
    return {key: value for key, value in inputs.items() if key != DEFAULTS}


def has_unknown(value: Value) -> bool:
    """Whether some part of a plain value will only be known by the update."""
    if is_list(value):
        return any(has_unknown(item) for item in value)
    if is_map(value):
        return any(has_unknown(item) for item in value.values())
    return value == UNKNOWN
