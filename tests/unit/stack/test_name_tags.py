"""Every AWS resource that can carry tags has a name of its own, by which it can be found again."""

from collections import Counter

import pytest

from localcloud.providers.catalogue import entries
from tests.support.recorder import Registration
from tests.support.stacks import STACKS, recorded


def taggable(stack: str) -> list[Registration]:
    known = entries()
    return [one for one in recorded(stack).made.registrations if one.type in known and known[one.type].tags]


@pytest.mark.parametrize("stack", STACKS)
def test_everything_that_carries_tags_carries_a_name(stack: str) -> None:
    found = taggable(stack)
    nameless = [one.name for one in found if not one.inputs.get("tags", {}).get("Name")]
    assert nameless == []
    assert len(found) > 50


@pytest.mark.parametrize("stack", STACKS)
def test_no_two_of_a_type_have_the_same_name(stack: str) -> None:
    names = Counter((one.type, one.inputs["tags"]["Name"]) for one in taggable(stack))
    assert [name for name, count in names.items() if count > 1] == []


def test_a_name_that_a_component_gave_stays() -> None:
    vpc = recorded("staging").made.only("aws:ec2/vpc:Vpc")
    assert vpc["tags"] == {"Name": "intendly-staging-vpc"}
    key = recorded("staging").made.only("aws:kms/key:Key")
    assert key["tags"] == {"Name": f"intendly-staging-{key.name}"}
