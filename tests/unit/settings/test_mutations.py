"""Thousands of invalid settings, made from valid ones by one change at a random place: each is refused by name."""

import json
import string
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from infra.settings import SettingsError, catalogue, load_config, load_file
from infra.settings.errors import path_of
from tests.unit.settings.trees import (
    GONE,
    Location,
    Tree,
    as_config,
    as_file,
    at,
    error_of,
    full_tree,
    locations,
    place,
    problems_of,
    tracked,
)

THOUSANDS: Final = settings(max_examples=1500, deadline=None, derandomize=True, database=None)
SOME: Final = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # the folder is rewritten by every example
)

ENVIRONMENTS: Final = ("production", "staging")

INJECTIONS: Final = (
    '"',
    "'",
    "`id`",
    "$(id)",
    "${HOME}",
    "{{ .Values }}",
    "../x",
    ";ls",
    " x",
    "\n",
    "\nx: y",
    "\t",
    "\x00",
    "\\",
    "%0a",
    "а",  # noqa: RUF001 (Cyrillic a)
    "１",  # noqa: RUF001 (full-width one)
    "\u202e",
    "#{x}",
    "<x>",
    "*",
)

VALUES: Final[tuple[object, ...]] = (
    None,
    True,
    3,
    1.5,
    "3",
    "yes",
    "",
    [],
    ["x"],
    {},
    {"x": 1},
)


class Change(NamedTuple):
    """One change of a valid tree, and the location that its error must name."""

    environment: str
    location: Location
    value: object
    named: Location


def described(location: Location) -> catalogue.Node:
    """What the models say of a place."""
    node = catalogue.find(location)
    assert node is not None
    return node


class Spot(NamedTuple):
    """A place in a tracked stack's settings."""

    environment: str
    location: Location
    value: object
    node: catalogue.Node
    required: bool


class Spots(tuple[Spot, ...]):
    """Places with a short name, since hypothesis prints what it samples from."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{len(self)} spots"


SPOTS: Final = Spots(
    Spot(
        environment,
        location,
        at(tracked(environment), location),
        described(location),
        location[-1] in described(location[:-1]).get("required", ()),
    )
    for environment in ENVIRONMENTS
    for location in locations(tracked(environment))
)
LEAVES: Final = Spots(spot for spot in SPOTS if not isinstance(spot.value, dict | list))
NUMBERS: Final = Spots(spot for spot in SPOTS if "minimum" in spot.node)
TEXTS: Final = Spots(spot for spot in SPOTS if isinstance(spot.value, str))
MAPPINGS: Final = Spots(spot for spot in SPOTS if "properties" in spot.node and spot.value is not None)
NAMED: Final = Spots(
    spot
    for spot in SPOTS
    if isinstance(spot.location[-1], str)
    and len(spot.location[-1]) > 3
    and spot.location[:-1] != ("cluster", "nodeGroups")
)


def one_of(spots: Spots) -> st.SearchStrategy[Spot]:
    return st.integers(min_value=0, max_value=len(spots) - 1).map(spots.__getitem__)


FREE_TEXTS: Final = {"owner", "costCenter", "repository", "username", "deployerRoleName", "command"}


def is_wrong(spot: Spot, value: object) -> bool:
    """Whether a value is of another type than the place takes."""
    if spot.location == ("environment",):  # the engine hands it over as text
        return value in ("3", "yes", "")
    if value is None:
        return not spot.node.get("nullable")
    if isinstance(value, str) and value and FREE_TEXTS & set(spot.location):
        return False
    kinds = {"integer": int, "boolean": bool, "string": str, "array": list, "object": dict}
    return type(value) is not kinds[spot.node["type"]] or isinstance(value, str)


WRONG: Final = {spot[:2]: tuple(value for value in VALUES if is_wrong(spot, value)) for spot in SPOTS}


@st.composite
def wrong_types(draw: st.DrawFn, spots: Spots = SPOTS) -> Change:
    spot = draw(one_of(spots))
    value = draw(st.sampled_from(WRONG[spot[:2]]))
    assume(
        not (
            isinstance(value, str) and spot.location[-1] in {"owner", "costCenter", "repository", "username"}
        )
    )
    assume(not (isinstance(value, str) and value and "command" in spot.location))
    return Change(spot.environment, spot.location, value, spot.location)


@st.composite
def out_of_range(draw: st.DrawFn, spots: Spots = NUMBERS) -> Change:
    spot = draw(one_of(spots))
    value = draw(
        st.integers(max_value=spot.node["minimum"] - 1) | st.integers(min_value=spot.node["maximum"] + 1)
    )
    return Change(spot.environment, spot.location, value, spot.location)


@st.composite
def unknown_keys(draw: st.DrawFn) -> Change:
    spot = draw(one_of(MAPPINGS))
    key = draw(st.text(string.ascii_letters, min_size=1, max_size=12))
    assume(key not in catalogue.keys_of(spot.node))
    location = (*spot.location, key)
    return Change(spot.environment, location, draw(st.sampled_from(VALUES)), location)


@st.composite
def injections(draw: st.DrawFn, spots: Spots = TEXTS) -> Change:
    spot = draw(one_of(spots))
    text = str(spot.value)
    position = draw(st.integers(min_value=0, max_value=len(text)))
    value = text[:position] + draw(st.sampled_from(INJECTIONS)) + text[position:]
    return Change(spot.environment, spot.location, value, spot.location)


@st.composite
def missing(draw: st.DrawFn) -> Change:
    spot = draw(one_of(Spots(spot for spot in SPOTS if spot.required)))
    return Change(spot.environment, spot.location, GONE, spot.location)


CHANGES: Final = wrong_types() | out_of_range() | unknown_keys() | injections() | missing()


def mutated(change: Change) -> Tree:
    tree = full_tree(change.environment)
    place(tree, change.location, change.value)
    return tree


@THOUSANDS
@given(CHANGES)
def test_an_invalid_value_is_refused_and_its_key_named(change: Change) -> None:
    error = error_of(mutated(change))

    assert error is not None, change
    assert path_of(change.named) in [problem.path for problem in error.problems], (change, str(error))
    assert str(error).isascii() or "…" in str(error)


@st.composite
def misspelt(draw: st.DrawFn) -> tuple[str, Location, str]:
    """A key with two letters swapped, one doubled, one left out, or the case wrong."""
    spot = draw(one_of(NAMED))
    key = str(spot.location[-1])
    index = draw(st.integers(min_value=0, max_value=len(key) - 2))
    swapped = key[:index] + key[index + 1] + key[index] + key[index + 2 :]
    doubled = key[:index] + key[index] + key[index:]
    shortened = key[:index] + key[index + 1 :]
    wrong = draw(st.sampled_from((swapped, doubled, shortened, key.lower(), key.upper())))
    assume(wrong not in at(tracked(spot.environment), spot.location[:-1]))
    return spot.environment, spot.location, wrong


@THOUSANDS
@given(misspelt())
def test_a_misspelt_key_is_refused_with_the_right_one(case: tuple[str, Location, str]) -> None:
    environment, location, wrong = case
    tree = full_tree(environment)
    parent = at(tree, location[:-1])
    parent[wrong] = parent.pop(location[-1])

    [message] = [p.message for p in problems_of(tree) if p.location == (*location[:-1], wrong)]

    assert message == f"unknown key; did you mean {location[-1]}?"


@SOME
@given(change=CHANGES)
def test_file_and_engine_are_judged_alike(tmp_path: Path, change: Change) -> None:
    tree = mutated(change)
    assume(not (change.location == ("environment",) and not isinstance(change.value, str)))
    assume(not (len(change.location) == 1 and isinstance(change.value, str)))  # text where JSON belongs

    with pytest.raises(SettingsError) as of_file:
        load_file(as_file(tree, tmp_path))
    of_engine = error_of(tree)

    assert of_engine is not None
    assert {(p.path, p.message) for p in of_file.value.problems} == {
        (p.path, p.message) for p in of_engine.problems
    }


@SOME
@given(environment=st.sampled_from(ENVIRONMENTS), data=st.data())
def test_file_and_engine_give_the_same_settings(
    tmp_path: Path, environment: str, data: st.DataObject
) -> None:
    tree = full_tree(environment)
    optional = sorted({spot.location for spot in SPOTS if len(spot.location) == 1 and not spot.required})
    for location in data.draw(st.lists(st.sampled_from(optional), unique=True)):
        place(tree, location, GONE)
    assume(not problems_of(tree))

    assert load_file(as_file(tree, tmp_path)) == load_config(as_config(tree))


def of_production(spots: Spots) -> Spots:
    return Spots(spot for spot in spots if spot.environment == "production" and spot in LEAVES)


LEAF_CHANGES: Final = (
    wrong_types(of_production(SPOTS))
    | out_of_range(of_production(NUMBERS))
    | injections(of_production(TEXTS))
)


@settings(THOUSANDS, max_examples=200)
@given(st.lists(LEAF_CHANGES, min_size=5, max_size=5, unique_by=lambda change: change.location))
def test_five_invalid_values_give_five_named_keys_at_once(changes: list[Change]) -> None:
    tree = full_tree()
    for change in changes:
        place(tree, change.location, change.value)

    paths = [problem.path for problem in problems_of(tree)]

    assert {path_of(change.location) for change in changes} <= set(paths)


@pytest.mark.parametrize("text", ["3", "[]", "{", '"x"', "null", "NaN", "x: y"])
def test_text_that_is_no_mapping_is_refused_in_the_engines_form(text: str) -> None:
    config = as_config(full_tree()) | {"intendly:network": text}

    with pytest.raises(SettingsError, match=r"intendly:network: .* allowed: a mapping of cidr, serviceCidr"):
        load_config(config)


def test_other_namespaces_are_left_alone() -> None:
    config = as_config(full_tree()) | {"aws:secretKey": "x", "custom:intendly:x": json.dumps({"a": 1})}

    assert load_config(config).environment == "production"
