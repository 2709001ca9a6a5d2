"""What AWS does to an update on a bad day, and how it ends: stopped cleanly, said clearly, completed by a rerun."""

from collections.abc import Callable, Iterator

import pytest

from tests.support.agreement import disagreements
from tests.support.checkout import Checkout
from tests.support.engine_runs import faults, in_aws, said, update

pytestmark = pytest.mark.engine

ENTRY = "aws:eks/accessEntry:AccessEntry"
AUDITORS = [f"arn:aws:iam::222222222222:role/auditor-{number}" for number in range(4)]


@pytest.fixture
def settings(checkout: Checkout) -> Iterator[Callable[..., None]]:
    """Edits settings of a section; afterwards they are as before."""
    before = checkout.stack_file.read_text()
    yield checkout.edit
    checkout.stack_file.write_text(before)
    checkout.cloud.start()


@pytest.fixture
def undone(checkout: Checkout) -> Iterator[None]:
    """To be asked for before ``settings``: brings the cloud back to them at the end."""
    yield
    checkout.cloud.up()
    assert disagreements(checkout.cloud) == []


def auditors(checkout: Checkout) -> list[str]:
    arns = [one["principalArn"] for one in in_aws(checkout.cloud, ENTRY)]
    return sorted(arn for arn in arns if arn in AUDITORS)


@pytest.mark.usefixtures("undone")
def test_credentials_that_expire_and_endless_throttling_stop_an_update_that_a_rerun_completes(
    checkout: Checkout, settings: Callable[..., None]
) -> None:
    cloud = checkout.cloud
    settings("access", auditorRoleArns=AUDITORS)

    with faults(cloud, {"error": "ExpiredToken", "type": ENTRY, "verb": "create", "after": 2}):
        expired = update(cloud)
    assert expired.returncode != 0
    assert "api error ExpiredToken" in said(expired)
    assert len(auditors(checkout)) == 2
    assert disagreements(cloud) == []

    with faults(cloud, {"error": "ThrottlingException", "type": ENTRY, "verb": "create"}):
        throttled = update(cloud)
    assert throttled.returncode != 0
    assert "exceeded maximum number of attempts, 25, api error ThrottlingException" in said(throttled)
    assert len(auditors(checkout)) == 2
    assert disagreements(cloud) == []

    short = ({"error": "ThrottlingException", "calls": 3}, {"error": "ServiceUnavailable", "calls": 4})
    with faults(cloud, *({**one, "type": ENTRY, "verb": "create"} for one in short)) as left:
        done = update(cloud)
    assert done.returncode == 0, said(done)
    assert left == []
    assert auditors(checkout) == AUDITORS
    assert disagreements(cloud) == []
