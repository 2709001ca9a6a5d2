"""The floor is a fair one: it registers exactly what the program registers, in known and in unknown values."""

import dataclasses
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from typing import Any

import pytest

from benchmarks.applications import build, production
from benchmarks.floor import floor, is_resource
from benchmarks.marks import MARK, record_marked, record_planned
from tests.support.recorder import Recorder, Registration, record
from tests.support.stacks import Exports, recorded

MORE = 4
"""Applications of the program that is compared: one more than its own."""

EXPORTS = "tests:stack:Exports"

RECORDINGS: Mapping[str, Callable[[Callable[[], object]], Recorder]] = {
    "values": record,
    "references": record_marked,
    "a first preview": record_planned,
}

Key = tuple[str, str]


def program(count: int) -> Exports:
    return Exports(build(*production(), count))


@cache
def script() -> Callable[[], object]:
    module: dict[str, Any] = {}
    exec(floor(record_marked(partial(program, MORE))), module)  # noqa: S102 - the text is our own
    return lambda: Exports(module["register"]())


def key(urn: str) -> Key:
    """Type and name: what is left of a URN without its parents."""
    _, _, kinds, name = urn.split("::")[:4]
    return kinds.rpartition("$")[2], name


def keys(urns: Iterable[str]) -> list[Key]:
    return sorted({key(urn) for urn in urns})


def facts(made: Recorder) -> Iterator[tuple[Key, dict[str, Any]]]:
    """All that was registered of each resource, but for its parent; resources by type and name."""
    for one in made.registrations:
        if is_resource(one):
            fields = {field.name: getattr(one, field.name) for field in dataclasses.fields(Registration)}
            del fields["urn"], fields["parent"]
            fields["inputs"] = json.loads(MARK.sub(partial(named, made), json.dumps(one.inputs)))
            fields["provider"] = key(one.provider) if one.provider else None
            fields["dependencies"] = keys(one.dependencies)
            fields["property_dependencies"] = {
                name: keys(urns) for name, urns in one.property_dependencies.items() if urns
            }
            yield (one.type, one.name), fields


def named(made: Recorder, mark: re.Match[str]) -> str:
    """A mark that names the resource, not its position."""
    one = made.registrations[int(mark[1])]
    return f"@{one.type} {one.name}{mark[2]}:{mark[3]}@"


@pytest.mark.parametrize("recording", RECORDINGS)
def test_the_floor_registers_what_the_program_registers(recording: str) -> None:
    ours = list(facts(RECORDINGS[recording](partial(program, MORE))))
    flat = list(facts(RECORDINGS[recording](script())))
    assert sorted(kind for kind, _ in flat) == sorted(kind for kind, _ in ours)
    by_kind = dict(flat)
    for kind, expected in ours:
        assert by_kind[kind] == expected


def test_the_floor_exports_what_the_program_exports() -> None:
    made = record(script())
    assert made.outputs[made.only(EXPORTS).urn] == recorded("production").outputs


def test_a_further_application_is_a_component_with_five_resources() -> None:
    own = recorded("production").made.registrations
    more = record(partial(program, MORE)).registrations
    known = {one.urn: one.inputs for one in own}
    assert {one.urn: one.inputs for one in more if one.urn in known} == known
    assert sorted(one.type.rpartition(":")[2] for one in more if one.urn not in known) == [
        "Application",
        "Deployment",
        "Exports",
        "HorizontalPodAutoscaler",
        "PodDisruptionBudget",
        "Service",
        "ServiceAccount",
    ]
