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
    script = _Script({one.urn: position for position, one in enumerate(made.registrations)})
    for position, one in enumerate(made.registrations):
        if is_resource(one):
            script.say(f"r{position} = {script.call(one)}")
    script.say(f"return {script.expression(made.outputs[exports.urn])}")
    return HEAD + script.text


def is_resource(registration: Registration) -> bool:
    """Whether it is more than a component."""
    return not registration.type.startswith(("intendly:", "tests:"))


class _Script:
    """Lines of the script; what is worked out from outputs is worked out once, as a person would."""

    def __init__(self, positions: Mapping[str, int]) -> None:
        self._positions = positions
        self._lines: list[str] = []
        self._shared: dict[str, str] = {}

    @property
    def text(self) -> str:
        """All lines."""
        return "".join(f"    {line}\n" for line in self._lines)

    def say(self, line: str) -> None:
        """Add a line."""
        self._lines.append(line)

    def call(self, resource: Registration) -> str:
        """The call that registers a resource."""
        arguments = [repr(resource.name)]
        for key, value in sorted(_inputs(resource).items()):
            used = {int(position) for position, _, _ in MARK.findall(json.dumps(value))}
            comes_from = {self._positions[urn] for urn in resource.property_dependencies.get(key, ())}
            arguments.append(f"{_snake(key)}={self.expression(value, sorted(comes_from - used))}")
        arguments.append(f"opts=pulumi.ResourceOptions({', '.join(self._options(resource))})")
        return f"{_class(resource.type)}({', '.join(arguments)})"

    def expression(self, value: Any, after: Sequence[int] = ()) -> str:  # noqa: ANN401 - wire values
        """Python for a value, with outputs where marks are.

        Args:
            value: the value, with marks.
            after: resources that it waits for although no output of theirs is in it. One leaf, the last by name, does
                the waiting: as a whole, the value would be unknown to a preview as soon as one part of it is.
        """
        match value:
            case dict():
                entries: dict[str, Any] = value  # pyright: ignore[reportUnknownVariableType] - JSON
                waiting = max(entries, default="")
                pairs = (
                    f"{key!r}: {self.expression(entry, after if key == waiting else ())}"
                    for key, entry in entries.items()
                )
                return f"{{{', '.join(pairs)}}}"
            case list():
                items: list[Any] = value  # pyright: ignore[reportUnknownVariableType] - JSON
                waiting = len(items) - 1
                parts = (
                    self.expression(item, after if at == waiting else ()) for at, item in enumerate(items)
                )
                return f"[{', '.join(parts)}]"
            case _:
                leaf = self._text(value) if isinstance(value, str) else _literal(value)
                if not after:
                    return leaf
                urns = ", ".join(f"r{position}.urn" for position in after)
                return self._once(f"pulumi.Output.all({leaf}, {urns}).apply(lambda known: known[0])")

    def _options(self, resource: Registration) -> Iterator[str]:
        if resource.provider:
            urn = resource.provider.rpartition("::")[0]
            yield f"provider=r{self._positions[urn]}"
        implied = {urn for urns in resource.property_dependencies.values() for urn in urns}
        explicit = sorted(self._positions[urn] for urn in resource.dependencies - implied)
        if explicit:
            yield f"depends_on=[{', '.join(f'r{position}' for position in explicit)}]"
        for flag in FLAGS:
            value: object = getattr(resource, flag)
            if value:
                yield f"{flag}={value!r}"

    def _text(self, text: str) -> str:
        """Text with its marks as outputs."""
        marks = list(MARK.finditer(text))
        if not marks:
            return repr(text)
        outputs = [self._output(int(mark[1]), mark[3]) for mark in marks]
        if marks[0][0] == text and not marks[0][2]:
            return outputs[0]
        pieces = MARK.sub("\0", text).replace("{", "{{").replace("}", "}}").replace("\0", "{}")
        return self._once(f"pulumi.Output.format({', '.join([repr(pieces), *outputs])})")

    def _output(self, position: int, path: str) -> str:
        steps = [f"[{step}]" if step.isdigit() else f".{_snake(step)}" for step in path.split(".")]
        text = f"r{position}{''.join(steps)}"
        return text if len(steps) == 1 else self._once(text)

    def _once(self, expression: str) -> str:
        """The name of a variable that holds an expression's value."""
        if expression not in self._shared:
            self._shared[expression] = f"v{len(self._shared)}"
            self.say(f"{self._shared[expression]} = {expression}")
        return self._shared[expression]


def _inputs(resource: Registration) -> dict[str, Any]:
    if not resource.type.startswith("pulumi:providers:"):
        return resource.inputs
    return {
        key: value if key in TEXT_SETTINGS else json.loads(value) for key, value in resource.inputs.items()
    }


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


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
