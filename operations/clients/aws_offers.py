"""What AWS offers in a region, and how much of an account's quotas others use. Reads only."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from operations.clients.aws import AwsSession
from operations.errors import AwsError
from operations.json_object import Json, dig, number, objects, text

STANDARD_FAMILIES: Final = frozenset("acdhimrtz")
"""First letters of the instance types that the quota of standard on-demand vCPU counts (EC2 user guide)."""


class Offers:
    """What can be had.

    Args:
        session: credentials of the account, and the region.
    """

    def __init__(self, session: AwsSession) -> None:
        self._session = session

    def region_status(self, region: str) -> str:
        """``opt-in-not-required``, ``opted-in``, ``not-opted-in``; empty for a region that AWS does not know."""
        found = self._session.call("ec2", "describe_regions", AllRegions=True, RegionNames=[region])
        return next((text(one, "OptInStatus") for one in objects(found.get("Regions"))), "")

    def zones(self) -> dict[str, str]:
        """State of every availability zone by its id."""
        found = self._session.call("ec2", "describe_availability_zones")
        return {text(one, "ZoneId"): text(one, "State") for one in objects(found.get("AvailabilityZones"))}

    def zones_with(self, instance_type: str) -> frozenset[str]:
        """Ids of the zones that have an instance type."""
        offerings = self._session.pages(
            "ec2",
            "describe_instance_type_offerings",
            "InstanceTypeOfferings",
            LocationType="availability-zone-id",
            Filters=[{"Name": "instance-type", "Values": [instance_type]}],
        )
        return frozenset(text(one, "Location") for one in offerings)

    def cluster_version(self, version: str) -> Json:
        """A Kubernetes version as EKS has it: its support's state and ends; empty where EKS does not have it."""
        found = self._session.call("eks", "describe_cluster_versions", clusterVersions=[version])
        versions = objects(found.get("clusterVersions"))
        return versions[0] if versions else {}

    def addon_versions(self, name: str, kubernetes_version: str) -> frozenset[str]:
        """Versions of an add-on that run on a Kubernetes version."""
        addons = self._session.pages(
            "eks",
            "describe_addon_versions",
            "addons",
            addonName=name,
            kubernetesVersion=kubernetes_version,
        )
        return frozenset(
            text(version, "addonVersion") for one in addons for version in objects(one.get("addonVersions"))
        )

    def databases(self, version: str, instance_class: str) -> list[Json]:
        """The ways in which PostgreSQL of a version can be had on a class: storage, Multi-AZ."""
        return self._session.pages(
            "rds",
            "describe_orderable_db_instance_options",
            "OrderableDBInstanceOptions",
            Engine="postgres",
            EngineVersion=version,
            DBInstanceClass=instance_class,
            Vpc=True,
        )

    def cache_versions(self, engine: str) -> frozenset[str]:
        """Versions of a cache engine."""
        found = self._session.pages(
            "elasticache", "describe_cache_engine_versions", "CacheEngineVersions", Engine=engine
        )
        return frozenset(text(one, "EngineVersion") for one in found)

    def hosted_zone(self, zone_id: str) -> Json:
        """A zone of Route53 with its name servers; empty where the account has none of that id."""
        try:
            return dict(self._session.call("route53", "get_hosted_zone", Id=zone_id))
        except AwsError as error:
            if error.code == "NoSuchHostedZone":
                return {}
            raise

    def cluster(self, name: str) -> Json:
        """A cluster as EKS describes it; empty where there is none."""
        try:
            return dict(self._session.call("eks", "describe_cluster", name=name).get("cluster", {}))
        except AwsError as error:
            if error.code == "ResourceNotFoundException":
                return {}
            raise


class Quotas:
    """How much an account may have, and how much others than the stack have of it.

    Args:
        session: credentials of the account, and the region.
        own: tags by which the stack's own things are known; they are not counted.
    """

    def __init__(self, session: AwsSession, own: Mapping[str, str]) -> None:
        self._session = session
        self._own = dict(own)

    def limit(self, service: str, code: str) -> float:
        """The account's quota, AWS's default where the account has none of its own."""
        asked = {"ServiceCode": service, "QuotaCode": code}
        try:
            found = self._session.call("service-quotas", "get_service_quota", **asked)
        except AwsError as error:
            if error.code != "NoSuchResourceException":
                raise
            found = self._session.call("service-quotas", "get_aws_default_service_quota", **asked)
        value: object = dig(found, "Quota", "Value")
        if not isinstance(value, int | float):
            raise AwsError(f"Service Quotas gives no value for {service} {code}")
        return float(value)

    def addresses(self) -> int:
        """Elastic IP addresses."""
        found = self._session.call("ec2", "describe_addresses")
        return sum(not self._is_own(one) for one in objects(found.get("Addresses")))

    def networks(self) -> int:
        """VPCs, the default one too."""
        return sum(not self._is_own(one) for one in self._session.pages("ec2", "describe_vpcs", "Vpcs"))

    def nat_gateways(self) -> Counter[str]:
        """NAT gateways by zone id."""
        gateways = [
            one
            for one in self._session.pages("ec2", "describe_nat_gateways", "NatGateways")
            if text(one, "State") in {"pending", "available"} and not self._is_own(one)
        ]
        subnets = self._session.pages("ec2", "describe_subnets", "Subnets") if gateways else []
        zones = {text(one, "SubnetId"): text(one, "AvailabilityZoneId") for one in subnets}
        return Counter(zones.get(text(one, "SubnetId"), "") for one in gateways)

    def vcpus(self) -> int:
        """VCPU of running on-demand instances of the standard families."""
        reservations = self._session.pages(
            "ec2",
            "describe_instances",
            "Reservations",
            Filters=[{"Name": "instance-state-name", "Values": ["pending", "running"]}],
        )
        instances = [one for group in reservations for one in objects(group.get("Instances"))]
        return sum(
            _vcpus(one)
            for one in instances
            if text(one, "InstanceType")[:1] in STANDARD_FAMILIES
            and one.get("InstanceLifecycle") != "spot"
            and not self._is_own(one)
        )

    def _is_own(self, thing: Mapping[str, Any]) -> bool:
        tags = {text(one, "Key"): text(one, "Value") for one in objects(thing.get("Tags"))}
        return self._own.items() <= tags.items()


def _vcpus(instance: Json) -> int:
    count = number(instance, "CpuOptions", "CoreCount") * number(instance, "CpuOptions", "ThreadsPerCore")
    if not count:
        raise AwsError(f"EC2 does not tell how many vCPU {text(instance, 'InstanceId')} has")
    return count
