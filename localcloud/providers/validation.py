"""What AWS would refuse of a resource's inputs: botocore's service models, and the catalogue's own rules."""

import re
import threading
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

from localcloud.providers.catalogue import Entry
from localcloud.providers.server import Failure
from localcloud.providers.wire import UNKNOWN, Properties, Secret, Value, is_list, is_map, plain

_LOADING = threading.Lock()
_FILLED = {"CallerReference", "Quantity"}  # required by the API, made by the provider


@cache
def _model(service: str) -> Any:  # noqa: ANN401 botocore carries no types
    data = import_module("botocore.loaders").Loader().load_service_model(service, "service-2")
    return import_module("botocore.model").ServiceModel(data, service)


def _shape(api: str) -> Value:
    """The input shape of ``service.Operation``, or the shape ``service:Shape``; parsed once."""
    service, _, name = api.replace(":", ".").partition(".")
    with _LOADING:
        model = _model(service)
    return model.shape_for(name) if ":" in api else model.operation_model(name).input_shape


def failures(entry: Entry, inputs: Properties) -> list[Failure]:
    """Everything wrong with single properties; secret values are judged but never shown."""
    found = list(_members(_shape(entry.api), inputs, entry.names, "")) if entry.api else []
    for name, rule in entry.rules.items():
        value = inputs.get(name)
        if value is not None and plain(value) != UNKNOWN and (allowed := broken(rule, plain(value))):
            found.append(_failure(name, value, allowed))
    return found


def broken(rule: Value, value: Value) -> str:
    """What the rule (a pattern, ``low..high`` or a list) allows, when the value breaks it; else nothing."""
    if is_list(rule):
        return "" if value in rule else "one of " + ", ".join(map(str, rule))
    low, dots, high = str(rule).partition("..")
    if dots and low.isdigit() and high.isdigit():
        return "" if str(value).isdigit() and int(low) <= int(value) <= int(high) else f"{low} to {high}"
    return "" if re.fullmatch(rule, str(value)) else f"the pattern {rule}"


def _members(shape: Value, given: Properties, names: dict[str, str], prefix: str) -> Iterator[Failure]:
    members = {member.casefold(): member for member in list[str](shape.members)}
    met: set[str] = set(_FILLED)
    for name, value in given.items():
        named = name.removesuffix("Prefix")  # a name made from a prefix counts as given
        member = members.get(names.get(named, named).casefold())
        if member:
            met.add(member)
            if named == name:
                yield from _value(shape.members[member], value, prefix + name)
    ours = {api: name for name, api in names.items()}
    for member in list[str](shape.required_members):
        if member not in met and "idempotencyToken" not in shape.members[member].metadata:
            yield Failure(
                prefix + ours.get(member, member[0].lower() + member[1:]),
                "AWS stand-in: missing, AWS requires it",
            )


def _value(shape: Value, value: Value, path: str) -> Iterator[Failure]:
    bare = value.value if isinstance(value, Secret) else value
    if bare == UNKNOWN or bare is None:
        return
    if shape.type_name == "structure" and is_map(bare):
        yield from _members(shape, bare, {}, f"{path}.")
    elif shape.type_name == "list" and is_list(bare):
        for index, item in enumerate(bare):
            yield from _value(shape.member, item, f"{path}[{index}]")
        if allowed := _outside(shape, len(bare)):
            yield _failure(path, f"{len(bare)} items", allowed)
    elif allowed := _scalar_rule(shape, bare):
        yield _failure(path, value, allowed)


def _scalar_rule(shape: Value, value: Value) -> str:
    """What is allowed, when a text or a number breaks its shape; the provider converts between the two."""
    if shape.type_name in ("integer", "long"):
        return _outside(shape, int(value)) if str(value).lstrip("-").isdigit() else ""
    if shape.type_name == "string" and isinstance(value, str | int | float) and not isinstance(value, bool):
        return _text_rule(shape, str(value))
    return ""


def _text_rule(shape: Value, text: str) -> str:
    if shape.enum and text not in shape.enum:
        return "one of " + ", ".join(shape.enum[:12]) + (", …" if len(shape.enum) > 12 else "")  # noqa: PLR2004 a screen line
    pattern = shape.metadata.get("pattern")
    try:
        if pattern and not re.fullmatch(pattern, text, re.DOTALL):
            return f"the pattern {pattern}"
    except re.error:  # some of AWS's patterns are Java's, which Python cannot read
        pass
    return "length " + allowed if (allowed := _outside(shape, len(text))) else ""


def _outside(shape: Value, number: int) -> str:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if (low is None or number >= low) and (high is None or number <= high):
        return ""
    return f"{low or 0} to {high}" if high is not None else f"at least {low}"


def _failure(path: str, value: Value, allowed: str) -> Failure:
    shown = "the secret given" if isinstance(value, Secret) else repr(value)
    return Failure(path, f"AWS stand-in: {shown} is refused, allowed is {allowed}")
