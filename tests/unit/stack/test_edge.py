"""What the world sees of each stack: its hosts, its site, and what a preview may try."""

import pytest

from components.cluster_access import PREVIEWED
from tests.support.stacks import STACKS, RecordedStack, recorded


@pytest.fixture(params=STACKS)
def stack(request: pytest.FixtureRequest) -> RecordedStack:
    return recorded(request.param)


def test_every_host_has_a_record_and_a_certificate(stack: RecordedStack) -> None:
    hosts = stack.settings.hosts
    wanted = {hosts.api, hosts.app, hosts.monitoring}
    records = {
        one["name"]
        for one in stack.made.all("aws:route53/record:Record")
        if one["zoneId"] == hosts.zone_id and "aliases" in one.inputs
    }
    assert records == wanted
    certified = {one["domainName"] for one in stack.made.all("aws:acm/certificate:Certificate")}
    for certificate in stack.made.all("kubernetes:cert-manager.io/v1:Certificate"):
        certified.update(certificate["spec"]["dnsNames"])
    assert certified == wanted


def test_each_host_leads_to_what_serves_it(stack: RecordedStack) -> None:
    hosts, made = stack.settings.hosts, stack.made
    by_host = {
        one["name"]: one for one in made.all("aws:route53/record:Record") if one["zoneId"] == hosts.zone_id
    }
    balancer = made.only("aws:lb/loadBalancer:LoadBalancer")
    site = made.only("aws:cloudfront/distribution:Distribution")
    for host, target in ((hosts.api, balancer), (hosts.monitoring, balancer), (hosts.app, site)):
        assert made.follows(by_host[host], target), host
        [alias] = by_host[host]["aliases"]
        # an address of the recording begins with its resource's name; AWS's zones are those of the two services
        assert alias["name"].startswith(target.name)
        assert alias["zoneId"] == ("Z2FDTNDATAQYW2" if target is site else "Z26RNL4JYFTOTI")
    assert site["aliases"] == [hosts.app]


def test_the_public_zone_is_adopted_and_the_private_one_holds_the_database(stack: RecordedStack) -> None:
    made = stack.made
    assert made.only("aws:route53/zone:Zone")["name"] == "internal"
    record = made.named("aws:route53/record:Record", "private-names-database")
    assert record["name"] == f"{stack.settings.environment}-db.internal"
    assert made.follows(record, made.only("aws:rds/instance:Instance"))


def test_browsers_may_call_the_api_of_their_own_stack_only(stack: RecordedStack) -> None:
    headers = stack.made.only("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy")
    policy = headers["securityHeadersConfig"]["contentSecurityPolicy"]["contentSecurityPolicy"]
    api = stack.settings.hosts.api
    assert f"connect-src 'self' https://{api} wss://{api};" in policy


def plural(kind: str) -> str:
    """The name under which the API server keeps a kind's objects."""
    word = kind.lower()
    if word.endswith("y"):
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith("s") else f"{word}s"


UNTRIED = {"rbac.authorization.k8s.io", "admissionregistration.k8s.io", "helm.sh"}
"""API groups of which a preview tries nothing at the API server, on purpose."""


def test_a_preview_may_try_every_kind_that_the_program_makes(stack: RecordedStack) -> None:
    kinds = {
        resource.type.removeprefix("kubernetes:")
        for resource in stack.made.registrations
        if resource.type.startswith("kubernetes:")
    }
    for kind in kinds:
        group, _, name = kind.partition("/")
        group = "" if group == "core" else group
        if group in UNTRIED:
            assert group not in PREVIEWED
            continue
        assert plural(name.partition(":")[2]) in PREVIEWED[group], kind
