import pytest

from operations.json_object import Json
from operations.services.readiness import KINDS, Kind, autoscaler, certificate, deployment, ingress, node
from tests.operations import fakes


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.part)
def test_an_object_that_nobody_has_looked_at_yet_is_not_ready(kind: Kind) -> None:
    assert kind.judge({"metadata": {"name": "new", "generation": 1}, "spec": {"replicas": 1}})[0] is False
    assert kind.judge({})[0] is False


def test_a_deployment_is_ready_when_every_wanted_pod_is() -> None:
    assert deployment(fakes.deployment("relayer", ready=3, wanted=3)) == (True, "3 of 3 pods ready")
    assert deployment(fakes.deployment("relayer", ready=2, wanted=3)) == (False, "2 of 3 pods ready")


def test_a_deployment_at_zero_on_purpose_is_ready() -> None:
    assert deployment(fakes.deployment("relayer", ready=0, wanted=0))[0] is True


def test_a_rollout_under_way_is_not_ready_though_old_pods_are() -> None:
    rolling = fakes.deployment("relayer", ready=2, wanted=2)
    rolling["status"]["updatedReplicas"] = 1
    assert deployment(rolling) == (False, "2 of 2 pods ready; 1 run the newest template")


def test_a_change_not_taken_up_is_not_ready() -> None:
    changed = fakes.deployment("relayer")
    changed["metadata"]["generation"] = 4
    assert deployment(changed)[0] is False


def test_an_autoscaler_without_metrics_says_so() -> None:
    blind = fakes.conditioned("hpa", {"minReplicas": 1, "maxReplicas": 6}, AbleToScale="True")
    blind["status"]["conditions"].append(
        {
            "type": "ScalingActive",
            "status": "False",
            "reason": "FailedGetResourceMetric",
            "message": "no metrics",
        }
    )
    ready, detail = autoscaler(blind)
    assert not ready
    assert detail == "0 pods, allowed 1 to 6; FailedGetResourceMetric: no metrics"


def test_a_certificate_tells_its_end() -> None:
    issued = fakes.conditioned("tls", Ready="True")
    issued["status"]["notAfter"] = "2027-02-01T00:00:00Z"
    assert certificate(issued) == (True, "valid until 2027-02-01T00:00:00Z")


@pytest.mark.parametrize("status", ["False", "Unknown", ""])
def test_only_true_is_true(status: str) -> None:
    assert certificate(fakes.conditioned("tls", Ready=status))[0] is False


def with_addresses(*entries: Json) -> Json:
    return {"status": {"loadBalancer": {"ingress": list(entries)}}}


def test_an_ingress_needs_an_address() -> None:
    assert ingress(with_addresses({"hostname": "nlb.example"})) == (True, "nlb.example")
    assert ingress(with_addresses({"ip": "192.0.2.1"})) == (True, "192.0.2.1")
    assert ingress(with_addresses()) == (False, "no address: no controller has taken it")
    assert ingress(with_addresses({"hostname": ""}))[0] is False


def test_a_cordoned_node_is_not_ready() -> None:
    assert node(fakes.conditioned("node", Ready="True"))[0] is True
    assert node(fakes.conditioned("node", {"unschedulable": True}, Ready="True")) == (False, "cordoned")
