"""The quota, and how it follows from the applications."""

import pytest

from components.access import NAMESPACES
from components.quota import WITHOUT_QUOTA, Quota, QuotaArgs
from infra.quota import JOBS
from tests.support.stacks import recorded
from tests.unit.conftest import Deploy

QUOTA = "kubernetes:core/v1:ResourceQuota"
ARGS = QuotaArgs(
    namespace="intendly",
    pods=62,
    cpu_request_millicores=30_500,
    memory_request_mib=2048,
    memory_limit_mib=4000,
)


def test_the_limits_are_in_the_form_that_the_api_server_keeps(deploy: Deploy) -> None:
    found = deploy(lambda: Quota("quota", ARGS)).only(QUOTA)
    assert (found["metadata"]["namespace"], found["metadata"]["name"]) == ("intendly", "intendly")
    assert found["spec"]["hard"] == {
        "pods": "62",
        "requests.cpu": "30500m",
        "requests.memory": "2Gi",
        "limits.memory": "4000Mi",
        "services.loadbalancers": "0",
        "services.nodeports": "0",
    }


def test_every_other_namespace_says_why_it_has_none() -> None:
    assert set(WITHOUT_QUOTA) == set(NAMESPACES) - {"intendly"}
    assert all(WITHOUT_QUOTA.values())


@pytest.mark.parametrize(("stack", "maxima"), [("production", 20 + 2 + 4), ("staging", 6 + 1 + 2)])
def test_all_applications_may_be_rolled_out_at_their_maxima_beside_the_jobs(stack: str, maxima: int) -> None:
    hard = recorded(stack).made.only(QUOTA)["spec"]["hard"]
    assert int(hard["pods"]) == 2 * maxima + JOBS.pods
    assert hard["requests.cpu"] != "0"
