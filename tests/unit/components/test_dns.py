from components.dns import PrivateNames, PrivateNamesArgs, PublicName, PublicNames, PublicNamesArgs
from tests.support.recorder import Recorder
from tests.unit.conftest import Deploy

RECORD = "aws:route53/record:Record"
ZONE = "aws:route53/zone:Zone"


def public() -> PublicNames:
    return PublicNames(
        "names",
        PublicNamesArgs(
            zone_id="ZPUBLIC",
            names={
                "api": PublicName(
                    host="api.example.com", dns_name="balancer.test", zone_id="ZBALANCER", ipv6=False
                ),
                "app": PublicName(host="app.example.com", dns_name="site.test", zone_id="ZSITE", ipv6=True),
            },
        ),
    )


def private(deploy: Deploy) -> Recorder:
    args = PrivateNamesArgs(vpc_id="vpc-1", environment="production", database_address="db.test")
    return deploy(lambda: PrivateNames("private-names", args))


def test_hosts_are_aliases_in_the_adopted_zone(deploy: Deploy) -> None:
    made = deploy(public)
    assert not made.all(ZONE)
    [api, *site] = made.all(RECORD)
    assert (api["zoneId"], api["name"], api["type"]) == ("ZPUBLIC", "api.example.com", "A")
    assert api["aliases"] == [{"name": "balancer.test", "zoneId": "ZBALANCER", "evaluateTargetHealth": False}]
    assert {one["aliases"][0]["zoneId"] for one in site} == {"ZSITE"}


def test_only_what_speaks_ipv6_has_such_a_record(deploy: Deploy) -> None:
    kinds = {(one["name"], one["type"]) for one in deploy(public).all(RECORD)}
    assert kinds == {("api.example.com", "A"), ("app.example.com", "A"), ("app.example.com", "AAAA")}


def test_people_find_the_database_under_the_manuals_name(deploy: Deploy) -> None:
    made = private(deploy)
    zone, record = made.only(ZONE), made.only(RECORD)
    assert (zone["name"], zone["vpcs"]) == ("internal", [{"vpcId": "vpc-1"}])
    assert (record["name"], record["type"], record["ttl"]) == ("production-db.internal", "CNAME", 30)
    assert record["records"] == ["db.test"]
    assert record["zoneId"] == "private-names-zone-id"
