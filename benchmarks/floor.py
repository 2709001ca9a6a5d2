"""Writes the floor: a flat script that registers what a program registers, and does nothing else.

One call of the cloud SDKs after the other: no components, no settings, nothing computed. Outputs are passed on as
outputs, so that the engine learns the same dependencies and the same unknown values. A parent that is a component
falls away with it; everything else that was asked for stays.
"""

import importlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.marks import MARK
from tests.support.recorder import Recorder, Registration

HEAD = """import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
import pulumi_random as random


def register():
"""

TEXT_SETTINGS = ("kubeconfig", "region", "clusterIdentifier")
"""Settings of providers that are text; all others travel to the engine as JSON."""

FLAGS = ("protect", "retain_on_delete", "delete_before_replace", "ignore_changes", "custom_timeouts")
"""Options that are passed on as they are, where they are set."""


def floor(made: Recorder) -> str:
    """The module's text; its `register()` gives the stack's exports.

    Args:
        made: a program's registrations with marks, its exports among them as `tests.support.stacks.Exports`.
    """
    exports = made.only("tests:stack:Exports")
    positions = {one.urn: position for position, one in enumerate(made.registrations)}
    lines = [
        f"    r{position} = {_call(one, positions)}"
        for position, one in enumerate(made.registrations)
        if is_resource(one)
    ]
    return "\n".join(
        [HEAD + lines[0], *lines[1:], f"    return {_expression(made.outputs[exports.urn])}", ""]
    )


def is_resource(registration: Registration) -> bool:
    """Whether it is more than a component."""
    return not registration.type.startswith(("intendly:", "tests:"))


def _call(resource: Registration, positions: Mapping[str, int]) -> str:
    arguments = [repr(resource.name)]
    for key, value in sorted(_inputs(resource).items()):
        used = {int(position) for position, _, _ in MARK.findall(json.dumps(value))}
        comes_from = {positions[urn] for urn in resource.property_dependencies.get(key, ())}
        arguments.append(f"{_snake(key)}={_expression(value, sorted(comes_from - used))}")
    arguments.append(f"opts=pulumi.ResourceOptions({', '.join(_options(resource, positions))})")
    return f"{_class(resource.type)}({', '.join(arguments)})"


def _inputs(resource: Registration) -> dict[str, Any]:
    if not resource.type.startswith("pulumi:providers:"):
        return resource.inputs
    return {
        key: value if key in TEXT_SETTINGS else json.loads(value) for key, value in resource.inputs.items()
    }


def _options(resource: Registration, positions: Mapping[str, int]) -> Iterator[str]:
    if resource.provider:
        urn = resource.provider.rpartition("::")[0]
        yield f"provider=r{positions[urn]}"
    implied = {urn for urns in resource.property_dependencies.values() for urn in urns}
    explicit = sorted(positions[urn] for urn in resource.dependencies - implied)
    if explicit:
        yield f"depends_on=[{', '.join(f'r{position}' for position in explicit)}]"
    for flag in FLAGS:
        value: object = getattr(resource, flag)
        if value:
            yield f"{flag}={value!r}"


def _literal(value: object) -> str:
    """A plain value; the wire knows no whole numbers, the SDKs do."""
    return repr(int(value) if isinstance(value, float) and value.is_integer() else value)


def _class(kind: str) -> str:
    """The SDK's class for a type; kinds of Kubernetes that have none are custom resources."""
    package, module, name = kind.split(":")
    if package == "pulumi":
        return f"{name}.Provider"
    path = module.partition("/")[0]
    if path == "index":
        return f"{package}.{name}"
    if package == "kubernetes":
        group, _, version = module.partition("/")
        path = f"{group.partition('.')[0]}.{version}"
    try:
        importlib.import_module(f"pulumi_{package}.{path}")
    except ModuleNotFoundError:
        return f"{package}.apiextensions.CustomResource"
    return f"{package}.{path}.{name}"


def _expression(value: Any, after: Sequence[int] = ()) -> str:  # noqa: ANN401 - wire values are of any type
    """Python for a value, with outputs where marks are.

    Args:
        value: the value, with marks.
        after: resources that it waits for although no output of theirs is in it. One leaf of the value does the
            waiting: waited for as a whole, all of it would be unknown to a preview as soon as one part is.
    """
    match value:
        case dict():
            entries: dict[str, Any] = value  # pyright: ignore[reportUnknownVariableType] - JSON has text keys
            parts = _parts(list(entries.values()), after)
            return f"{{{', '.join(f'{key!r}: {part}' for key, part in zip(entries, parts, strict=True))}}}"
        case list():
            return f"[{', '.join(_parts(value, after))}]"  # pyright: ignore[reportUnknownArgumentType] - JSON
        case _:
            leaf = _text(value) if isinstance(value, str) else _literal(value)
            return leaf if not after else _waiting(leaf, after)


def _parts(values: list[Any], after: Sequence[int]) -> list[str]:
    """The first of them does the waiting."""
    return [_expression(value, () if index else after) for index, value in enumerate(values)]


def _waiting(leaf: str, after: Sequence[int]) -> str:
    urns = ", ".join(f"r{position}.urn" for position in after)
    return f"pulumi.Output.all({leaf}, {urns}).apply(lambda known: known[0])"


def _text(text: str) -> str:
    """Text with its marks as outputs."""
    marks = list(MARK.finditer(text))
    outputs = [_output(int(mark[1]), mark[3]) for mark in marks]
    if not marks:
        return repr(text)
    if marks[0][0] == text and not marks[0][2]:
        return outputs[0]
    pieces = MARK.sub("\0", text).replace("{", "{{").replace("}", "}}").replace("\0", "{}")
    return f"pulumi.Output.format({', '.join([repr(pieces), *outputs])})"


def _output(position: int, path: str) -> str:
    steps = (f"[{step}]" if step.isdigit() else f".{_snake(step)}" for step in path.split("."))
    return f"r{position}{''.join(steps)}"


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
