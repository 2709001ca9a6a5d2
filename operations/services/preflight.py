"""``intendly preflight``: whether an update of a stack can begin in its account, and what mends what hinders it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from infra.settings import StackSettings
from operations.clients.aws import AwsSession
from operations.clients.aws_identity import Identity
from operations.clients.aws_offers import Offers, Quotas
from operations.clients.aws_secrets import SecretStore
from operations.clients.aws_state import StateBucket
from operations.errors import AwsError
from operations.json_object import Json, dig, text
from operations.services.bootstrap import Names
from operations.services.checks import DEADLINE_S, Finding, Probe, Verdict, run_all
from operations.services.deployer_policies import regions_of
from operations.services.preflight_quotas import quota_probes
from operations.services.preflight_versions import version_probes

EXCLUDED_ZONES: Final = frozenset({"use1-az3", "usw1-az2", "cac1-az3"})
"""Where EKS places no control plane (EKS user guide, "Subnet requirements and considerations")."""

PLACEHOLDER_ACCOUNTS: Final = frozenset({"111111111111", "222222222222"})
"""What the stack files hold before anybody has an account."""

Look = tuple[bool | Verdict, str]


@dataclass(frozen=True, kw_only=True)
class Network:
    """The network as this machine sees it; see ``clients/network.py``."""

    name_servers: Callable[[str], frozenset[str]]
    reach: Callable[[str, str], None]


class PreflightService:
    """Looks at an account; changes nothing.

    Args:
        settings: the stack's.
        session: credentials of the account.
        network: DNS and connections of this machine.
        deadline_s: seconds for all checks together.
    """

    def __init__(
        self,
        settings: StackSettings,
        session: AwsSession,
        network: Network,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._settings = settings
        self._session = session
        self._network = network
        self._deadline_s = deadline_s
        self._names = Names.of(settings)
        self._offers = Offers(session)

    def findings(self) -> list[Finding]:
        """Everything that was looked at. Without credentials of the account nothing else of it is asked."""
        [placeholders, credentials] = run_all(
            [
                Probe(
                    name="placeholders", look=self._placeholders, mend="put your own values into the settings"
                ),
                Probe(
                    name="credentials", look=self._credentials, mend="export AWS_PROFILE=NAME of the account"
                ),
            ],
            self._deadline_s,
        )
        probes = list(self._probes())
        if credentials.verdict is not Verdict.OK:
            found = "not asked, without credentials of the account"
            rest = [
                Finding(name=one.name, verdict=Verdict.UNKNOWN, found=found, mend=credentials.mend)
                for one in probes
            ]
        else:
            rest = run_all(probes, self._deadline_s)
        return [placeholders, credentials, *rest]

    def _probes(self) -> Iterator[Probe]:
        settings, names, stack = self._settings, self._names, self._settings.environment
        region = names.region
        own = {"Project": "intendly", "Environment": settings.environment}
        bootstrap = f"intendly bootstrap --stack {stack}"
        receivers = f"{settings.prefix}/alertmanager/receivers"
        yield Probe(
            name="regions",
            look=self._regions,
            mend="aws account enable-region --region-name NAME, or set account.region, backups.copyRegion",
        )
        yield Probe(name="zones", look=self._zones, mend="set network.zones to ids of available zones")
        yield from quota_probes(settings, Quotas(self._session, own))
        yield from version_probes(settings, self._offers)
        yield Probe(
            name="backup bucket",
            look=lambda: self._bucket(f"{settings.prefix}-backups"),
            mend="names of buckets are the world's: give the environment another name",
        )
        yield Probe(
            name="hosted zone",
            look=self._hosted_zone,
            mend="set hosts.zoneId to your public zone, and its name servers at the registrar",
        )
        yield Probe(name="state bucket", look=self._state_bucket, mend=bootstrap)
        yield Probe(name="deployer's role", look=self._deployer, mend=bootstrap)
        yield Probe(name="GitHub's identity provider", look=self._provider, mend=bootstrap)
        yield Probe(
            name="receivers' secret",
            look=lambda: self._secret(receivers),
            mend=f"aws secretsmanager create-secret --region {region} --name {receivers} "
            "--secret-string file://receivers.json",
        )
        yield Probe(
            name="API endpoint",
            look=self._endpoint,
            mend="run inside the VPC or its VPN, or name your range in cluster.publicAccessCidrs",
        )

    def _placeholders(self) -> Look:
        settings = self._settings
        left = {
            "account.id": settings.account.id in PLACEHOLDER_ACCOUNTS,
            "hosts.zoneId": settings.hosts.zone_id.startswith("ZPLACEHOLDER"),
            "monitoring.smtp.username": settings.monitoring.smtp.username.startswith("placeholder"),
            "applications.image": settings.applications.image.endswith(":" + "0" * 64),
        }
        keys = [key for key, is_left in left.items() if is_left]
        return not keys, f"left: {', '.join(keys)}" if keys else "none left"

    def _credentials(self) -> Look:
        caller = self._session.caller()
        wanted = self._settings.account.id
        right = caller.account == wanted
        return right, caller.arn if right else f"{caller.arn}, the settings name account {wanted}"

    def _regions(self) -> Look:
        told = {region: self._offers.region_status(region) for region in regions_of(self._settings)}
        right = all(status in {"opt-in-not-required", "opted-in"} for status in told.values())
        return right, ", ".join(f"{region} {status or 'unknown'}" for region, status in told.items())

    def _zones(self) -> Look:
        there = self._offers.zones()
        if not there:
            raise AwsError(f"EC2 lists no zone of {self._names.region}")
        faults = [
            f"{zone}: {'EKS places no control plane there' if zone in EXCLUDED_ZONES else there.get(zone, 'missing')}"
            for zone in self._settings.network.zones
            if zone in EXCLUDED_ZONES or there.get(zone) != "available"
        ]
        available = sorted(
            zone for zone, state in there.items() if state == "available" and zone not in EXCLUDED_ZONES
        )
        good = ", ".join(self._settings.network.zones)
        return not faults, f"{'; '.join(faults)} (available: {', '.join(available)})" if faults else good

    def _bucket(self, name: str) -> Look:
        try:
            there = StateBucket(self._session, name, self._names.account).exists()
        except AwsError as error:
            if error.code == "BucketAlreadyExists":
                return False, f"{name} is another account's"
            raise
        return True, f"{name} {'is ours' if there else 'is free'}"

    def _state_bucket(self) -> Look:
        name = self._names.bucket
        there = StateBucket(self._session, name, self._names.account).exists()
        return there, name if there else f"{name} is missing"

    def _deployer(self) -> Look:
        there = bool(Identity(self._session).role(self._names.role))
        return there, self._names.role if there else f"{self._names.role} is missing"

    def _provider(self) -> Look:
        arn, ours = Identity(self._session).github_provider()
        if not arn:
            return False, "the account has none"
        return ours, arn if ours else f"{arn} does not take our audience"

    def _secret(self, name: str) -> Look:
        there = SecretStore(self._session).exists(name)
        return there, name if there else f"{name} is missing or has no value"

    def _hosted_zone(self) -> Look:
        hosts = self._settings.hosts
        zone = self._offers.hosted_zone(hosts.zone_id)
        if not zone:
            return False, f"the account has no zone {hosts.zone_id}"
        name = text(zone, "HostedZone", "Name").rstrip(".")
        if dig(zone, "HostedZone", "Config", "PrivateZone"):
            return False, f"{name} is a private zone"
        outside = [host for host in (hosts.api, hosts.app, hosts.monitoring) if not host.endswith(f".{name}")]
        if outside:
            return False, f"{', '.join(outside)} is not within {name}"
        return self._delegated(name, zone)

    def _delegated(self, name: str, zone: Json) -> Look:
        servers: list[str] = dig(zone, "DelegationSet", "NameServers") or []
        own = frozenset(server.lower().rstrip(".") for server in servers)
        told = self._network.name_servers(name)
        right = bool(own) and told == own
        said = ", ".join(sorted(told)) or "no name servers"
        return (
            right,
            f"{name} is delegated" if right else f"DNS gives {said} for {name}, the zone has {sorted(own)}",
        )

    def _endpoint(self) -> Look:
        cluster = self._offers.cluster(f"{self._settings.prefix}-eks")
        if not cluster:
            return Verdict.LATER, "there is no cluster yet"
        endpoint = text(cluster, "endpoint")
        self._network.reach(endpoint, text(cluster, "certificateAuthority", "data"))
        return True, endpoint
