"""Both stacks' AWS and random resources, as the program registers them, pass the stand-ins' checks."""

from dataclasses import replace
from pathlib import Path

import pytest

from infra.settings import load_file
from infra.settings.environment_file import load_environment_file
from infra.stack import build
from localcloud.providers.random import RandomProvider
from localcloud.providers.wire import decode, encode
from tests.support.recorder import record
from tests.unit.localcloud.providers.conftest import Stack

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize("name", ["production", "staging"])
def test_every_input_of_a_stack_is_accepted(stack: Stack, name: str) -> None:
    settings = load_file(ROOT / f"Pulumi.{name}.yaml")
    config = load_environment_file(ROOT / "infra" / "config" / f"backend.{name}.env")
    registered = record(lambda: build(settings, config)).registrations
    providers = {"aws": stack.provider, "random": RandomProvider()}
    checked = [one for one in registered if one.type.partition(":")[0] in providers]
    assert len(checked) > 100
    for one in checked:
        request = stack.request("", one.name, inputs=decode(encode(one.inputs)))
        provider = providers[one.type.partition(":")[0]]
        assert provider.check(replace(request, kind=one.type))[1] == [], one.name
