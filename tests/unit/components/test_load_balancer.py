"""The load balancer component."""

from dataclasses import replace

import pytest

from components.load_balancer import LoadBalancer, LoadBalancerArgs
from tests.support.recorder import Recorder
from tests.unit.conftest import Deploy

BALANCER = "aws:lb/loadBalancer:LoadBalancer"
TARGETS = "aws:lb/targetGroup:TargetGroup"
LISTENER = "aws:lb/listener:Listener"
ATTACHMENT = "aws:autoscaling/attachment:Attachment"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"

ARGS = LoadBalancerArgs(
    prefix="intendly-production",
    vpc_id="vpc-1",
    subnet_ids=["subnet-p1", "subnet-p2"],
    cluster_security_group_id="sg-cluster",
    autoscaling_group_names={"general": "eks-general", "arm": "eks-arm"},
    access_cidrs=["0.0.0.0/0"],
    deletion_protection=True,
)


def built(deploy: Deploy, args: LoadBalancerArgs = ARGS) -> Recorder:
    return deploy(lambda: LoadBalancer("ingress", args))


def test_it_is_a_network_balancer_that_the_internet_reaches(deploy: Deploy) -> None:
    balancer = built(deploy).only(BALANCER)
    assert balancer["loadBalancerType"] == "network"
    assert balancer["internal"] is False
    assert balancer["subnets"] == ["subnet-p1", "subnet-p2"]
    assert balancer["enableCrossZoneLoadBalancing"] is True


def test_it_has_its_security_group_from_creation(deploy: Deploy) -> None:
    assert built(deploy).only(BALANCER)["securityGroups"] == ["ingress-access-id"]


def test_its_name_is_free_so_that_a_replacement_never_collides(deploy: Deploy) -> None:
    balancer = built(deploy).only(BALANCER)
    assert "name" not in balancer.inputs
    # The engine appends a hyphen and seven characters; ELB takes 32.
    assert len(balancer.name) + 8 <= 32


@pytest.mark.parametrize("guarded", [True, False])
def test_deletion_protection_follows_the_argument(deploy: Deploy, *, guarded: bool) -> None:
    balancer = built(deploy, replace(ARGS, deletion_protection=guarded)).only(BALANCER)
    assert balancer["enableDeletionProtection"] is guarded


@pytest.mark.parametrize(("port", "node_port"), [(80, 30080), (443, 30443)])
def test_each_port_is_passed_as_it_is_to_its_node_port(deploy: Deploy, port: int, node_port: int) -> None:
    recorder = built(deploy)
    listener, targets = (
        recorder.named(LISTENER, f"ingress-{port}"),
        recorder.named(TARGETS, f"ingress-{port}"),
    )
    assert (listener["port"], listener["protocol"]) == (port, "TCP")
    [action] = listener["defaultActions"]
    assert action["type"] == "forward"
    assert action["targetGroupArn"].endswith(targets["name"])
    assert (targets["port"], targets["protocol"], targets["targetType"]) == (node_port, "TCP", "instance")
    assert targets["name"] == f"intendly-production-{node_port}"
    assert len(recorder.all(LISTENER)) == len(recorder.all(TARGETS)) == 2


def test_clients_keep_their_addresses_and_their_time_to_leave(deploy: Deploy) -> None:
    for targets in built(deploy).all(TARGETS):
        assert targets["preserveClientIp"] == "true"
        assert targets["deregistrationDelay"] == 120
        assert targets["connectionTermination"] is True


def test_health_is_asked_of_the_controllers_own_ping(deploy: Deploy) -> None:
    for targets in built(deploy).all(TARGETS):
        check = targets["healthCheck"]
        assert (check["protocol"], check["path"], check["port"]) == ("HTTP", "/ping", "30082")
        assert (check["interval"], check["healthyThreshold"], check["unhealthyThreshold"]) == (5, 2, 2)
        assert check["timeout"] < check["interval"]


def test_every_node_group_receives_on_every_port(deploy: Deploy) -> None:
    attached = {
        (one["autoscalingGroupName"], one["lbTargetGroupArn"].rpartition("/")[2])
        for one in built(deploy).all(ATTACHMENT)
    }
    assert attached == {
        (group, f"intendly-production-{node_port}")
        for group in ("eks-general", "eks-arm")
        for node_port in (30080, 30443)
    }


def test_clients_reach_the_two_ports_and_nothing_else(deploy: Deploy) -> None:
    rules = [one for one in built(deploy).all(INGRESS) if "cidrIpv4" in one.inputs]
    assert {(one["cidrIpv4"], one["fromPort"], one["toPort"], one["ipProtocol"]) for one in rules} == {
        ("0.0.0.0/0", 80, 80, "tcp"),
        ("0.0.0.0/0", 443, 443, "tcp"),
    }
    assert {one["securityGroupId"] for one in rules} == {"ingress-access-id"}


def test_named_ranges_close_it_to_everybody_else(deploy: Deploy) -> None:
    recorder = built(deploy, replace(ARGS, access_cidrs=["192.0.2.0/24", "198.51.100.0/24"]))
    rules = [one for one in recorder.all(INGRESS) if "cidrIpv4" in one.inputs]
    assert len(rules) == 4
    assert {one["cidrIpv4"] for one in rules} == {"192.0.2.0/24", "198.51.100.0/24"}


def test_the_balancer_reaches_node_ports_and_health_port_only(deploy: Deploy) -> None:
    recorder = built(deploy)
    out = recorder.all(EGRESS)
    into = [one for one in recorder.all(INGRESS) if one["securityGroupId"] == "sg-cluster"]
    for rules, this, other in (
        (out, "ingress-access-id", "sg-cluster"),
        (into, "sg-cluster", "ingress-access-id"),
    ):
        assert {(one["fromPort"], one["toPort"]) for one in rules} == {
            (30080, 30080),
            (30443, 30443),
            (30082, 30082),
        }
        assert {one["securityGroupId"] for one in rules} == {this}
        assert {one["referencedSecurityGroupId"] for one in rules} == {other}


def test_outputs_say_where_it_is(deploy: Deploy) -> None:
    recorder = built(deploy)
    component = recorder.only("intendly:network:LoadBalancer")
    outputs = recorder.outputs[component.urn]
    assert outputs["dns_name"] == "ingress-balancer.us-east-1.amazonaws.test"
    assert outputs["zone_id"] == "Z26RNL4JYFTOTI"
    assert outputs.keys() == {"dns_name", "zone_id", "arn"}
    children = [one for one in recorder.registrations if one is not component]
    assert {one.parent for one in children} == {component.urn}


def test_a_name_that_elb_refuses_is_refused_first(deploy: Deploy) -> None:
    built(deploy, replace(ARGS, prefix="p" * 26))
    with pytest.raises(ValueError, match="longer than 32"):
        built(deploy, replace(ARGS, prefix="p" * 27))


def test_a_balancer_for_nobody_is_refused(deploy: Deploy) -> None:
    with pytest.raises(ValueError, match="nobody could connect"):
        built(deploy, replace(ARGS, access_cidrs=[]))
