"""Physical names fit AWS's limits for every environment's name that settings accept."""

import re
from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from infra.settings import load_file
from infra.settings.environment_file import load_environment_file
from infra.settings.types import Environment
from infra.stack import build
from policies.physical_names import LIMITS, problem
from tests.support.recorder import Recorder, record
from tests.support.stacks import ROOT, recorded

LONGEST = "q" * 12
"""Stands in a recorded graph where another environment's name would be: nothing else holds twelve q."""

TEXTS = {"description": 255, "comment": 128}
"""Free text and its narrowest limit (a security group's, a distribution's or zone's 256 and 128)."""

REFERENCES = re.compile(
    r".*(Arn|Arns|Id|Ids|Name|Group|Role|Bucket|Identifier|Destination)|role|bucket|domainName|defaultTags|kubeconfig"
)
"""Properties that name another resource, whose own name is checked there."""

TAG_VALUE = 256


def _accepts(name: str) -> bool:
    try:
        TypeAdapter(Environment).validate_python(name)
    except ValidationError:
        return False
    return True


accepted = st.from_regex(r"[a-z][a-z0-9]{1,11}", fullmatch=True).filter(_accepts)


@cache
def graph_of(environment: str) -> Recorder:
    """Staging's graph under another environment's name."""
    tracked = load_file(ROOT / "Pulumi.staging.yaml")
    config = load_environment_file(ROOT / "infra" / "config" / "backend.staging.env")
    return record(lambda: build(tracked.model_copy(update={"environment": environment}), config))


Names = list[tuple[str, str, str]]
"""Type, property and value."""


def holding(made: Recorder, environment: str) -> Names:
    """Every top-level text of an AWS resource that holds the environment's name."""
    return [
        (one.type, key, value)
        for one in made.registrations
        if one.type.startswith("aws:")
        for key, value in one.inputs.items()
        if isinstance(value, str) and environment in value
    ]


@cache
def derived() -> Names:
    """The names that follow from the environment's, with LONGEST in its place."""
    return holding(graph_of(LONGEST), LONGEST)


def own(names: Names) -> Iterator[tuple[tuple[str, str], str]]:
    for kind, key, value in names:
        if (kind, key) in LIMITS:
            yield (kind, key), value


def wrong(names: Names) -> list[str]:
    return [f"{where}: {value}: {said}" for where, value in own(names) if (said := problem(*where, value))]


@settings(max_examples=300, deadline=None)
@given(environment=accepted)
def test_names_fit_for_any_environment(environment: str) -> None:
    names = [(kind, key, value.replace(LONGEST, environment)) for kind, key, value in derived()]
    assert wrong(names) == []
    long = [name for name in names if len(name[2]) > TEXTS.get(name[1], len(name[2]))]
    assert long == []


@pytest.mark.parametrize("environment", ["ab", "internal", "aws"])
def test_names_follow_from_the_environments_name_and_nothing_else(environment: str) -> None:
    expected = [(kind, key, value.replace(LONGEST, environment)) for kind, key, value in derived()]
    found = holding(graph_of(environment), environment)
    assert [name for name in expected if name not in found] == []


def test_no_logical_name_holds_the_environments() -> None:
    """Logical names are identity: one environment's are another's, so none has a rename of its own."""
    assert [one.urn for one in graph_of(LONGEST).registrations if LONGEST in one.name] == []


@pytest.mark.parametrize("stack", ["production", "staging"])
def test_the_tracked_stacks_names_fit(stack: str) -> None:
    assert wrong(holding(recorded(stack).made, stack)) == []


def test_every_name_of_the_environment_has_its_limit() -> None:
    """A new type with a name of its own gets a row in LIMITS."""
    unknown = {
        (kind, key)
        for kind, key, value in derived()
        if (kind, key) not in LIMITS
        and key not in TEXTS
        and not REFERENCES.fullmatch(key)
        and not value.startswith(("{", "arn:", "https:"))
    }
    assert unknown == set()


def test_tags_fit() -> None:
    given: list[dict[str, str]] = [
        one.inputs.get("tags") or {} for one in graph_of(LONGEST).registrations if one.type.startswith("aws:")
    ]
    tags = [text for pairs in given for pair in pairs.items() for text in pair]
    assert [text for text in tags if len(text) > TAG_VALUE] == []


def test_a_longer_environments_name_would_not_fit() -> None:
    """The limit of twelve letters is not there for nothing: a target group's name ends at 32."""
    for letters, fits in ((12, True), (18, False)):
        names = [(kind, key, value.replace(LONGEST, "q" * letters)) for kind, key, value in derived()]
        assert (wrong(names) == []) is fits
