"""kube-score, which knows nothing of our policies, agrees about our own manifests."""

import pytest

from tests.support.manifests import complaints, manifests, waived
from tests.support.stacks import STACKS


@pytest.mark.parametrize("stack", STACKS)
def test_nothing_is_critical_but_what_is_waived_with_a_reason(stack: str) -> None:
    found = {one.test for one in complaints(manifests(stack))}
    assert found == waived().keys()
    assert all(waived().values())


def test_a_bad_manifest_does_not_pass() -> None:
    objects = manifests("staging")
    deployment = next(one for one in objects if one["kind"] == "Deployment")
    pod = deployment["spec"]["template"]["spec"]
    pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"] = False
    found = {one.test for one in complaints(objects)}
    assert "container-security-context-readonlyrootfilesystem" in found
