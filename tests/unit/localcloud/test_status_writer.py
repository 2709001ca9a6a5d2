from typing import Any

import pytest

from localcloud.status_writer import load_balancer, wanted_status

HOST = "intendly-staging.elb.us-east-1.amazonaws.com"


def ingress(class_name: str | None, *hostnames: str) -> dict[str, Any]:
    addresses = [{"hostname": hostname} for hostname in hostnames]
    return {"spec": {"ingressClassName": class_name}, "status": {"loadBalancer": {"ingress": addresses}}}


@pytest.mark.parametrize("hostnames", [(), ("old.example",), (HOST, "other")])
def test_an_ingress_gets_the_balancers_name(hostnames: tuple[str, ...]) -> None:
    status = wanted_status(ingress("nginx", *hostnames), HOST)
    assert status == {"status": {"loadBalancer": {"ingress": [{"hostname": HOST}]}}}


def test_a_complete_status_is_left_alone() -> None:
    assert wanted_status(ingress("nginx", HOST), HOST) is None


@pytest.mark.parametrize("class_name", [None, "alb"])
def test_another_class_is_somebody_elses(class_name: str | None) -> None:
    assert wanted_status(ingress(class_name), HOST) is None


def test_an_ingress_without_any_status_gets_one() -> None:
    assert wanted_status({"spec": {"ingressClassName": "nginx"}}, HOST)


def test_the_name_is_the_load_balancers_once_there_is_one() -> None:
    balancer = {"type": "aws:lb/loadBalancer:LoadBalancer", "outputs": {"dnsName": HOST}}
    assert load_balancer({"resources": [balancer]}) == HOST
    assert load_balancer({}) == "localhost"
