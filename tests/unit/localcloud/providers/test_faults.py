"""Faults that ``faults.json`` plans: which calls they meet, how often they are made again, what is left of the plan."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from localcloud.providers import faults
from localcloud.providers.faults import FaultPlan, Faulty
from localcloud.providers.server import StandInError
from localcloud.providers.wire import Properties, Value
from tests.unit.localcloud.providers.conftest import Stack

EIP = "ec2/eip:Eip"
Planned = Callable[..., Faulty]


@pytest.fixture
def planned(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Planned:
    """Plans faults; gives the provider that has them."""
    monkeypatch.setattr(faults, "PAUSE_S", 0)
    file = stack.folder / "faults.json"

    def plan(*given: Properties) -> Faulty:
        file.write_text(json.dumps(given))
        return Faulty(stack.provider, FaultPlan(file))

    return plan


def left(folder: Path) -> list[Properties]:
    return json.loads((folder / "faults.json").read_text())


def create(provider: Faulty, stack: Stack, **changed: Value) -> tuple[str, Properties]:
    return provider.create(stack.request(EIP, inputs=stack.checked(EIP, {"domain": "vpc"}), **changed))


def test_throttling_is_sat_out(stack: Stack, planned: Planned) -> None:
    provider = planned(
        {"error": "ThrottlingException", "calls": 3, "type": f"aws:{EIP}", "verb": "create"},
        {"error": "ServiceUnavailable", "calls": 2},
    )
    create(provider, stack)
    assert len(stack.ledger) == 1
    assert left(stack.folder) == []


def test_a_call_is_made_no_more_often_than_the_provider_is_told(stack: Stack, planned: Planned) -> None:
    provider = planned({"error": "ThrottlingException", "calls": 9})
    provider.configure({"region": "us-east-1", "maxRetries": "4"})
    with pytest.raises(StandInError, match=r"exceeded maximum number of attempts, 4, .*ThrottlingException"):
        create(provider, stack)
    assert not (stack.folder / "aws.json").exists()
    assert [one["calls"] for one in left(stack.folder)] == [5]


def test_by_default_it_is_made_25_times(stack: Stack, planned: Planned) -> None:
    create(planned({"error": "InternalFailure", "calls": 24}), stack)
    with pytest.raises(StandInError, match="attempts, 25"):
        create(planned({"error": "InternalFailure", "calls": 25}), stack)


def test_what_another_attempt_cannot_mend_fails_at_once(stack: Stack, planned: Planned) -> None:
    provider = planned({"error": "ExpiredToken", "after": 1})
    create(provider, stack)
    for _ in range(2):
        with pytest.raises(StandInError, match="api error ExpiredToken"):
            create(provider, stack)
    assert len(stack.ledger) == 1
    assert [(one["after"], one["calls"]) for one in left(stack.folder)] == [(0, None)]


def test_a_lost_answer_leaves_what_was_made(stack: Stack, planned: Planned) -> None:
    with pytest.raises(StandInError, match="RequestTimeout"):
        create(planned({"error": "RequestTimeout", "calls": 1, "answer_lost": True}), stack)
    assert len(stack.ledger) == 1


def test_other_calls_pass(stack: Stack, planned: Planned) -> None:
    provider = planned(
        {"error": "AccessDenied", "type": "aws:ec2/vpc:Vpc"}, {"error": "AccessDenied", "verb": "delete"}
    )
    identity, outputs = create(provider, stack)
    request = stack.request(EIP, identity=identity, outputs=outputs)
    assert provider.read(request) is not None
    with pytest.raises(StandInError, match="AccessDenied"):
        provider.delete(request)
    assert len(stack.ledger) == 1


def test_a_preview_calls_nobody(stack: Stack, planned: Planned) -> None:
    create(planned({"error": "AccessDenied"}), stack, preview=True)


@pytest.mark.parametrize(
    "text", ["{", '{"error": "A"}', '[{"eror": "A"}]', '[{"error": "A", "verb": "make"}]']
)
def test_a_plan_with_a_mistake_is_refused(stack: Stack, planned: Planned, text: str) -> None:
    provider = planned()
    (stack.folder / "faults.json").write_text(text)
    with pytest.raises(StandInError, match="no list of faults"):
        create(provider, stack)
