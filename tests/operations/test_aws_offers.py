"""What moto does not offer: AWS's answers by botocore's Stubber, which checks requests and answers by AWS's models."""

import datetime as dt
from collections import Counter
from collections.abc import Generator
from typing import Any

import pytest
from typing_extensions import override

from infra.settings import StackSettings
from operations.clients.aws import AwsSession
from operations.clients.aws_offers import Offers, Quotas
from operations.errors import AwsError
from operations.json_object import Json
from operations.services.checks import Finding, Verdict, run_all
from operations.services.preflight_quotas import needed_vcpus, quota_probes
from operations.services.preflight_versions import version_probes
from tests.operations.moto_account import credentials, settings, stubbed


@pytest.fixture(autouse=True)
def nobody() -> Generator[None]:
    with credentials():
        yield


def answering(service: str, *answers: tuple[str, Json, Json | str]) -> AwsSession:
    """A session whose service takes exactly these requests, in order: operation, parameters, answer or error code."""
    fresh = AwsSession("us-east-1")
    stubber = stubbed(fresh, service)
    for operation, parameters, answer in answers:
        if isinstance(answer, str):
            stubber.add_client_error(operation, answer, expected_params=parameters)
        else:
            stubber.add_response(operation, answer, parameters)
    stubber.activate()
    return fresh


def test_a_kubernetes_version_is_asked_for() -> None:
    version = {"clusterVersion": "1.36", "versionStatus": "STANDARD_SUPPORT"}
    session = answering(
        "eks",
        ("describe_cluster_versions", {"clusterVersions": ["1.36"]}, {"clusterVersions": [version]}),
        ("describe_cluster_versions", {"clusterVersions": ["1.99"]}, {"clusterVersions": []}),
    )
    assert Offers(session).cluster_version("1.36")["versionStatus"] == "STANDARD_SUPPORT"
    assert Offers(session).cluster_version("1.99") == {}


def test_all_pages_of_an_add_ons_versions_are_read() -> None:
    asked = {"addonName": "vpc-cni", "kubernetesVersion": "1.36"}
    pages = [
        [{"addonVersions": [{"addonVersion": one}]}] for one in ("v1.2.0-eksbuild.1", "v1.1.0-eksbuild.1")
    ]
    session = answering(
        "eks",
        ("describe_addon_versions", asked, {"addons": pages[0], "nextToken": "more"}),
        ("describe_addon_versions", {**asked, "nextToken": "more"}, {"addons": pages[1]}),
    )
    found = Offers(session).addon_versions("vpc-cni", "1.36")
    assert found == {"v1.2.0-eksbuild.1", "v1.1.0-eksbuild.1"}


def test_databases_and_caches_are_asked_for_by_engine() -> None:
    asked = {
        "Engine": "postgres",
        "EngineVersion": "18.6",
        "DBInstanceClass": "db.r6g.large",
        "Vpc": True,
    }
    option = {"StorageType": "gp3", "MultiAZCapable": True}
    rds = answering(
        "rds", ("describe_orderable_db_instance_options", asked, {"OrderableDBInstanceOptions": [option]})
    )
    assert Offers(rds).databases("18.6", "db.r6g.large") == [option]
    caches = {"CacheEngineVersions": [{"EngineVersion": "8.2"}]}
    elasticache = answering("elasticache", ("describe_cache_engine_versions", {"Engine": "valkey"}, caches))
    assert Offers(elasticache).cache_versions("valkey") == {"8.2"}


def test_a_quota_of_the_accounts_own_goes_before_awss_default() -> None:
    asked = {"ServiceCode": "ec2", "QuotaCode": "L-0263D0A3"}
    own = answering("service-quotas", ("get_service_quota", asked, {"Quota": {"Value": 12.0}}))
    assert Quotas(own, {}).limit("ec2", "L-0263D0A3") == 12
    default = answering(
        "service-quotas",
        ("get_service_quota", asked, "NoSuchResourceException"),
        ("get_aws_default_service_quota", asked, {"Quota": {"Value": 5.0}}),
    )
    assert Quotas(default, {}).limit("ec2", "L-0263D0A3") == 5


@pytest.mark.parametrize("answer", [{"Quota": {}}, {}, "AccessDeniedException"])
def test_a_quota_without_a_value_is_none(answer: Json | str) -> None:
    asked = {"ServiceCode": "vpc", "QuotaCode": "L-F678F1CE"}
    session = answering("service-quotas", ("get_service_quota", asked, answer))
    with pytest.raises(AwsError):
        Quotas(session, {}).limit("vpc", "L-F678F1CE")


OWN = {"Project": "intendly", "Environment": "staging"}
OWN_TAGS = [{"Key": key, "Value": value} for key, value in OWN.items()]


def instance(kind: str, cores: int, **more: Any) -> Json:  # noqa: ANN401 - members of EC2's answer
    return {"InstanceType": kind, "CpuOptions": {"CoreCount": cores, "ThreadsPerCore": 2}, **more}


def test_only_other_peoples_standard_on_demand_vcpu_are_counted() -> None:
    instances = [
        instance("m6i.xlarge", 2),
        instance("t3.large", 1),
        instance("m6i.xlarge", 2, Tags=OWN_TAGS),
        instance("m6i.xlarge", 2, InstanceLifecycle="spot"),
        instance("p4d.24xlarge", 48),
    ]
    asked = {"Filters": [{"Name": "instance-state-name", "Values": ["pending", "running"]}]}
    session = answering("ec2", ("describe_instances", asked, {"Reservations": [{"Instances": instances}]}))
    assert Quotas(session, OWN).vcpus() == 6


def test_an_instance_of_unknown_size_is_no_pass() -> None:
    asked = {"Filters": [{"Name": "instance-state-name", "Values": ["pending", "running"]}]}
    given = {"Reservations": [{"Instances": [{"InstanceType": "m6i.xlarge", "InstanceId": "i-1"}]}]}
    with pytest.raises(AwsError, match="does not tell how many vCPU i-1 has"):
        Quotas(answering("ec2", ("describe_instances", asked, given)), OWN).vcpus()


def test_nat_gateways_are_counted_by_the_zone_of_their_subnet() -> None:
    gateways = [
        {"SubnetId": "subnet-1", "State": "available"},
        {"SubnetId": "subnet-1", "State": "deleted"},
        {"SubnetId": "subnet-2", "State": "pending"},
        {"SubnetId": "subnet-2", "State": "available", "Tags": OWN_TAGS},
    ]
    subnets = [
        {"SubnetId": "subnet-1", "AvailabilityZoneId": "use1-az1"},
        {"SubnetId": "subnet-2", "AvailabilityZoneId": "use1-az2"},
    ]
    session = answering(
        "ec2",
        ("describe_nat_gateways", {}, {"NatGateways": gateways}),
        ("describe_subnets", {}, {"Subnets": subnets}),
    )
    assert Quotas(session, OWN).nat_gateways() == Counter({"use1-az1": 1, "use1-az2": 1})


# What is made of the answers


class FakeOffers(Offers):
    """What AWS would offer, all of it right until a test takes something away."""

    def __init__(self, wanted: StackSettings) -> None:
        super().__init__(AwsSession("us-east-1"))
        self.version: Json = {
            "versionStatus": "STANDARD_SUPPORT",
            "endOfStandardSupportDate": dt.datetime(2027, 8, 2, tzinfo=dt.UTC),
        }
        self.addons = frozenset(wanted.cluster.addons.model_dump().values())
        self.options: list[Json] = [{"StorageType": "gp3", "MultiAZCapable": True}]
        self.caches = frozenset({"7.2", wanted.cache.engine_version})
        self.node_zones = frozenset(wanted.network.zones)

    @override
    def cluster_version(self, version: str) -> Json:
        return self.version

    @override
    def addon_versions(self, name: str, kubernetes_version: str) -> frozenset[str]:
        return self.addons

    @override
    def databases(self, version: str, instance_class: str) -> list[Json]:
        return self.options

    @override
    def cache_versions(self, engine: str) -> frozenset[str]:
        return self.caches

    @override
    def zones_with(self, instance_type: str) -> frozenset[str]:
        return self.node_zones


def versions(wanted: StackSettings, **taken: object) -> dict[str, Finding]:
    offers = FakeOffers(wanted)
    for name, value in taken.items():
        setattr(offers, name, value)
    return {one.name: one for one in run_all(list(version_probes(wanted, offers)))}


@pytest.mark.parametrize("stack", ["staging", "production"])
def test_what_aws_offers_passes(stack: str) -> None:
    assert {one.verdict for one in versions(settings(stack)).values()} == {Verdict.OK}


@pytest.mark.parametrize(
    ("stack", "taken", "name", "said"),
    [
        ("staging", {"version": {}}, "Kubernetes version", "EKS does not have 1.36"),
        (
            "staging",
            {"version": {"versionStatus": "EXTENDED_SUPPORT"}},
            "Kubernetes version",
            "is in EXTENDED_SUPPORT",
        ),
        ("production", {"version": {"versionStatus": "UNSUPPORTED"}}, "Kubernetes version", "UNSUPPORTED"),
        ("production", {"version": {"status": "?"}}, "Kubernetes version", "does not tell"),
        (
            "staging",
            {"addons": frozenset({"v1.9.0-eksbuild.1", "v1.10.0-eksbuild.2"})},
            "add-on coredns",
            "the newest that are: v1.10.0-eksbuild.2, v1.9.0-eksbuild.1",
        ),
        ("staging", {"addons": frozenset[str]()}, "add-on coredns", "nothing is"),
        ("staging", {"options": []}, "database", "is not offered"),
        ("production", {"options": [{"StorageType": "gp3"}]}, "database", "with gp3 and Multi-AZ"),
        ("staging", {"options": [{"StorageType": "gp2", "MultiAZCapable": True}]}, "database", "with gp3"),
        ("staging", {"caches": frozenset({"8.20", "7.2"})}, "cache", "valkey 8.2 is not offered"),
        ("staging", {"node_zones": frozenset({"use1-az1"})}, "nodes t3.large", "use1-az2 lack it"),
    ],
)
def test_what_aws_does_not_offer_is_wrong(stack: str, taken: dict[str, object], name: str, said: str) -> None:
    finding = versions(settings(stack), **taken)[name]
    assert finding.verdict is Verdict.WRONG
    assert said in finding.found
    assert finding.mend


def test_a_version_in_extended_support_is_right_where_it_is_wanted() -> None:
    extended = {"versionStatus": "EXTENDED_SUPPORT"}
    assert versions(settings("production"), version=extended)["Kubernetes version"].verdict is Verdict.OK


def test_a_patch_of_the_caches_version_is_that_version() -> None:
    assert versions(settings(), caches=frozenset({"8.2.1"}))["cache"].verdict is Verdict.OK


class FakeQuotas(Quotas):
    """An account with a limit for everything, and others who use some of it."""

    def __init__(self, limit: float, used: int) -> None:
        super().__init__(AwsSession("us-east-1"), {})
        self.given, self.used = limit, used

    @override
    def limit(self, service: str, code: str) -> float:
        return self.given

    @override
    def addresses(self) -> int:
        return self.used

    @override
    def networks(self) -> int:
        return self.used

    @override
    def nat_gateways(self) -> Counter[str]:
        return Counter({"use1-az2": self.used, "use1-az6": 999})

    @override
    def vcpus(self) -> int:
        return self.used


def test_production_at_its_largest_needs_what_an_update_of_the_nodes_needs() -> None:
    assert needed_vcpus(settings("production")) == (20 + 7) * 4
    assert needed_vcpus(settings("staging")) == (4 + 4) * 2


@pytest.mark.parametrize(
    ("limit", "used", "wrong"),
    [
        (108, 0, set[str]()),
        (107, 0, {"quota: on-demand vCPU"}),
        (108, 1, {"quota: on-demand vCPU"}),
        (5, 2, {"quota: on-demand vCPU"}),
        (5, 3, {"quota: on-demand vCPU", "quota: Elastic IP addresses"}),
        (
            5,
            5,
            {
                "quota: on-demand vCPU",
                "quota: Elastic IP addresses",
                "quota: VPCs",
                "quota: NAT gateways in a zone",
            },
        ),
    ],
)
def test_a_quota_holds_the_stack_beside_what_others_use(limit: int, used: int, wrong: set[str]) -> None:
    findings = run_all(list(quota_probes(settings("production"), FakeQuotas(limit, used))))
    assert {one.name for one in findings if one.verdict is Verdict.WRONG} == wrong
    assert all("--quota-code L-" in one.mend for one in findings if not one.passes)
