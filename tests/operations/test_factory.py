"""The real wiring, without asking anybody anything."""

from pathlib import Path

import pytest

from operations.errors import OperatorError
from operations.factory import Factory
from operations.services.bootstrap import BootstrapService
from operations.services.database import DatabaseService
from operations.services.preflight import PreflightService
from tests.operations.moto_account import ROOT


@pytest.mark.parametrize("stack", ["staging", "production"])
def test_every_service_of_a_stack_is_made_from_its_settings(stack: str) -> None:
    factory = Factory(ROOT, stack, environment={})
    assert isinstance(factory.database(), DatabaseService)
    assert isinstance(factory.preflight(), PreflightService)
    bootstrap = factory.bootstrap(bucket="", people=(), github=True)
    assert isinstance(bootstrap, BootstrapService)
    assert bootstrap.names.bucket.startswith(f"intendly-{stack}-state-")


def test_settings_with_problems_stop_a_command_with_the_first_of_them(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.staging.yaml").write_text("config:\n  intendly:environment: staging\n")
    with pytest.raises(OperatorError, match="problems, the first: ") as caught:
        Factory(tmp_path, "staging", environment={}).preflight()
    assert caught.value.hint == "intendly settings check --stack staging"
