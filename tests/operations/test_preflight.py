"""`intendly preflight`: on an empty account of moto's, on one that bootstrap was run in, and what each check says."""

import json
import threading
from collections.abc import Callable, Generator

import pytest

from infra.settings import StackSettings
from operations.clients.aws import AwsSession
from operations.clients.network import NetworkError
from operations.errors import OperatorError
from operations.services.bootstrap import BootstrapService
from operations.services.checks import Finding, Probe, Verdict, run_all
from operations.services.preflight import Network, PreflightService
from tests.operations.conftest import Invoke
from tests.operations.fakes import FakeFactory
from tests.operations.moto_account import ADMIN, client, empty_account, session, settings

IMAGE = "ghcr.io/intendly/intendly-backend@sha256:" + "a" * 64


@pytest.fixture(autouse=True)
def account() -> Generator[None]:
    with empty_account():
        yield


def offline(_: str) -> frozenset[str]:
    raise NetworkError("the name server did not answer")


def unreachable(endpoint: str, authority: str) -> None:
    del authority
    raise NetworkError(f"{endpoint} cannot be reached")


OFFLINE = Network(name_servers=offline, reach=unreachable)


def ready(**changed: object) -> StackSettings:
    """Settings without placeholders."""
    plain = settings()
    return plain.model_copy(
        update={
            "applications": plain.applications.model_copy(update={"image": IMAGE}),
            "monitoring": plain.monitoring.model_copy(
                update={"smtp": plain.monitoring.smtp.model_copy(update={"username": "mailer"})}
            ),
            **changed,
        }
    )


def preflight(
    wanted: StackSettings | None = None, network: Network = OFFLINE, aws: AwsSession | None = None
) -> dict[str, Finding]:
    service = PreflightService(wanted or ready(), aws or session(), network)
    return {one.name: one for one in service.findings()}


def verdicts(found: dict[str, Finding], verdict: Verdict) -> set[str]:
    return {name for name, one in found.items() if one.verdict is verdict}


LACKING_IN_MOTO = {
    "quota: Elastic IP addresses",
    "quota: on-demand vCPU",
    "Kubernetes version",
    "add-on vpc-cni",
    "add-on coredns",
    "add-on kube-proxy",
    "add-on eks-pod-identity-agent",
    "add-on aws-ebs-csi-driver",
    "add-on eks-node-monitoring-agent",
    "add-on metrics-server",
    "cache",
}
"""Operations that moto does not have: never a pass."""


def test_an_empty_account_is_told_everything_that_it_lacks() -> None:
    found = preflight()
    assert verdicts(found, Verdict.OK) == {
        "credentials",
        "regions",
        "zones",
        "quota: VPCs",
        "quota: NAT gateways in a zone",
        "backup bucket",
        "nodes t3.large",
    }
    assert verdicts(found, Verdict.WRONG) == {
        "placeholders",  # the hosted zone's
        "database",  # moto offers no PostgreSQL
        "hosted zone",
        "state bucket",
        "deployer's role",
        "GitHub's identity provider",
        "receivers' secret",
    }
    assert verdicts(found, Verdict.UNKNOWN) == LACKING_IN_MOTO
    assert verdicts(found, Verdict.LATER) == {"API endpoint"}
    assert all(one.mend for one in found.values() if not one.passes)
    assert found["state bucket"].mend == "intendly bootstrap --stack staging"


def test_after_bootstrap_a_zone_and_the_secret_what_is_there_passes() -> None:
    service = BootstrapService(ready(), session(), people=[ADMIN])
    service.run(service.plan(), lambda _: None)
    zone = client("route53").create_hosted_zone(Name="intendly.xyz", CallerReference="x")
    servers = frozenset(zone["DelegationSet"]["NameServers"])
    client("secretsmanager").create_secret(
        Name="intendly-staging/alertmanager/receivers", SecretString='{"a": "b"}'
    )
    hosts = ready().hosts.model_copy(update={"zone_id": zone["HostedZone"]["Id"].rpartition("/")[2]})
    found = preflight(ready(hosts=hosts), Network(name_servers=lambda _: servers, reach=unreachable))
    assert verdicts(found, Verdict.WRONG) == {"database"}
    assert found["hosted zone"].found == "intendly.xyz is delegated"


def zoned(name: str, *, private: bool = False) -> StackSettings:
    config: dict[str, object] = {"Name": name, "CallerReference": "x"}
    if private:
        vpc = client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
        config |= {
            "VPC": {"VPCRegion": "us-east-1", "VPCId": vpc},
            "HostedZoneConfig": {"PrivateZone": True, "Comment": ""},
        }
    made = client("route53").create_hosted_zone(**config)["HostedZone"]["Id"]
    return ready(hosts=ready().hosts.model_copy(update={"zone_id": made.rpartition("/")[2]}))


@pytest.mark.parametrize(
    ("name", "private", "servers", "verdict", "said"),
    [
        (
            "intendly.xyz",
            False,
            frozenset[str](),
            Verdict.WRONG,
            "DNS gives no name servers for intendly.xyz",
        ),
        ("intendly.xyz", False, frozenset({"ns.other.net"}), Verdict.WRONG, "DNS gives ns.other.net for"),
        ("intendly.xyz", False, None, Verdict.UNKNOWN, "did not answer"),
        ("intendly.xyz", True, None, Verdict.WRONG, "is a private zone"),
        ("example.com", False, None, Verdict.WRONG, "is not within example.com"),
        ("ly.xyz", False, None, Verdict.WRONG, "is not within ly.xyz"),
    ],
)
def test_a_zone_must_be_public_ours_and_delegated(
    name: str,
    private: bool,  # noqa: FBT001 - a case
    servers: frozenset[str] | None,
    verdict: Verdict,
    said: str,
) -> None:
    network = OFFLINE if servers is None else Network(name_servers=lambda _: servers, reach=unreachable)
    finding = preflight(zoned(name, private=private), network)["hosted zone"]
    assert (finding.verdict, said in finding.found) == (verdict, True), finding
    assert finding.mend


def test_a_cluster_that_is_there_must_be_reached() -> None:
    roles = "arn:aws:iam::123456789012:role/x"
    client("eks").create_cluster(name="intendly-staging-eks", roleArn=roles, resourcesVpcConfig={})
    finding = preflight()["API endpoint"]
    assert finding.verdict is Verdict.UNKNOWN
    assert "cluster.publicAccessCidrs" in finding.mend
    asked: list[str] = []
    network = Network(name_servers=offline, reach=lambda endpoint, _: asked.append(endpoint))
    assert preflight(network=network)["API endpoint"].verdict is Verdict.OK
    assert asked[0].startswith("https://")


@pytest.mark.parametrize(
    ("zones", "said"),
    [
        (("use1-az1", "use1-az3"), "use1-az3: EKS places no control plane there"),
        (("use1-az1", "use1-az9"), "use1-az9: missing"),
        (("usw2-az1",), "usw2-az1: missing"),
    ],
)
def test_zones_must_be_there_and_not_excluded(zones: tuple[str, ...], said: str) -> None:
    network = ready().network.model_copy(update={"zones": zones})
    finding = preflight(ready(network=network))["zones"]
    assert finding.verdict is Verdict.WRONG
    assert said in finding.found
    assert "use1-az1" in finding.found


def test_the_region_of_copies_is_looked_at_too() -> None:
    assert preflight(settings("production"))["regions"].found == (
        "us-east-1 opt-in-not-required, us-west-2 opt-in-not-required"
    )


def test_a_provider_for_somebody_else_is_not_ours() -> None:
    client("iam").create_open_id_connect_provider(
        Url="https://token.actions.githubusercontent.com", ClientIDList=["somebody"]
    )
    assert preflight()["GitHub's identity provider"].verdict is Verdict.WRONG


def test_a_secret_that_is_being_deleted_is_missing() -> None:
    name = "intendly-staging/alertmanager/receivers"
    client("secretsmanager").create_secret(Name=name, SecretString="{}")
    client("secretsmanager").delete_secret(SecretId=name)
    assert preflight()["receivers' secret"].verdict is Verdict.WRONG


def test_our_own_things_are_not_counted_twice() -> None:
    vpcs = client("ec2").describe_vpcs()["Vpcs"]
    made = [client("ec2").create_vpc(CidrBlock=f"10.{number}.0.0/16")["Vpc"]["VpcId"] for number in range(4)]
    assert len(vpcs) == 1  # the default one
    finding = preflight()["quota: VPCs"]
    assert (finding.verdict, finding.found) == (Verdict.WRONG, "1 needed, 5 used by others, quota 5")
    assert "--quota-code L-F678F1CE" in finding.mend
    tags = [{"Key": "Project", "Value": "intendly"}, {"Key": "Environment", "Value": "staging"}]
    client("ec2").create_tags(Resources=made[:1], Tags=tags)
    assert preflight()["quota: VPCs"].verdict is Verdict.OK


def test_without_the_accounts_credentials_nothing_else_is_asked() -> None:
    found = preflight(settings(account="222222222222"))
    assert found["credentials"].verdict is Verdict.WRONG
    assert "the settings name account 222222222222" in found["credentials"].found
    rest = {one.verdict for name, one in found.items() if name not in {"credentials", "placeholders"}}
    assert rest == {Verdict.UNKNOWN}


def test_no_credentials_are_no_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    finding = preflight(aws=AwsSession("us-east-1"))["credentials"]
    assert finding.verdict is Verdict.UNKNOWN
    assert "aws sso login" in finding.mend


@pytest.mark.parametrize("stack", ["staging", "production"])
def test_every_placeholder_of_the_stack_files_is_named(stack: str) -> None:
    untouched = settings(stack, {"staging": "222222222222", "production": "111111111111"}[stack])
    finding = preflight(untouched)["placeholders"]
    keys = "account.id, hosts.zoneId, monitoring.smtp.username, applications.image"
    assert finding.found == f"left: {keys}"


def test_both_stacks_have_a_check_for_every_pin() -> None:
    for stack in ("staging", "production"):
        found = preflight(settings(stack))
        assert {f"nodes {one.instance_type}" for one in settings(stack).cluster.node_groups.values()} <= set(
            found
        )
        assert len([name for name in found if name.startswith("add-on ")]) == len(
            settings(stack).cluster.addons.model_dump()
        )


# Running checks


def probe(name: str, look: Callable[[], tuple[bool | Verdict, str]]) -> Probe:
    return Probe(name=name, look=look, mend="mend it")


def test_what_takes_too_long_could_not_be_checked_and_delays_nothing() -> None:
    never = threading.Event()
    probes = [
        probe("slow", lambda: (never.wait(30), "late")),
        probe("fast", lambda: (True, "found")),
    ]
    slow, fast = run_all(probes, deadline_s=0.2)
    never.set()
    assert (slow.verdict, slow.found) == (Verdict.UNKNOWN, "no answer within 0.2 s")
    assert fast.verdict is Verdict.OK


def test_an_operators_error_is_no_pass_and_its_hint_comes_first() -> None:
    def fail() -> tuple[bool, str]:
        raise OperatorError("it is broken", "turn it on")

    [finding] = run_all([probe("broken", fail)])
    assert finding == Finding(name="broken", verdict=Verdict.UNKNOWN, found="it is broken", mend="turn it on")


def test_a_bug_is_no_finding() -> None:
    def fail() -> tuple[bool, str]:
        raise ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError):
        run_all([probe("bug", fail)])


# The command


@pytest.fixture
def command(intendly: Invoke, factory: FakeFactory, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    monkeypatch.setattr(factory, "preflight", lambda: PreflightService(ready(), session(), OFFLINE))
    return intendly


def test_the_command_says_what_mends_what_and_exits_with_3(command: Invoke) -> None:
    result = command("preflight", "--stack", "staging")
    assert result.exit_code == 3
    assert "could not be checked  cache" in result.stdout
    assert "state bucket: intendly bootstrap --stack staging" in result.stderr


def test_json_is_one_value_with_every_finding(command: Invoke) -> None:
    result = command("preflight", "--stack", "staging", "--json")
    assert result.exit_code == 3
    found = {one["name"]: one for one in json.loads(result.stdout)}
    assert found["credentials"]["verdict"] == "ok"
    assert found["cache"] == {
        "name": "cache",
        "verdict": "could not be checked",
        "found": found["cache"]["found"],
        "mend": found["cache"]["mend"],
        "passes": False,
    }
