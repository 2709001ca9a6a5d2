"""Every kind of resource that the program has was thought about."""

from operations.services import preview_kinds as kinds
from operations.services.preview_report import kind_of
from tests.support.stacks import recorded

UNREMARKABLE = {
    *("acm/certificateValidation:CertificateValidation", "kms/alias:Alias", "budgets/budget:Budget"),
    *(
        "backup/restoreTestingPlan:RestoreTestingPlan",
        "backup/restoreTestingSelection:RestoreTestingSelection",
    ),
    *("cloudfront/cachePolicy:CachePolicy", "cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"),
    *("ec2/flowLog:FlowLog", "ec2/launchTemplate:LaunchTemplate"),
    "ec2/subnetCidrReservation:SubnetCidrReservation",
    *("elasticache/parameterGroup:ParameterGroup", "elasticache/subnetGroup:SubnetGroup"),
    *("rds/parameterGroup:ParameterGroup", "rds/subnetGroup:SubnetGroup"),
    *("autoscaling/v2:HorizontalPodAutoscaler", "policy/v1:PodDisruptionBudget", "core/v1:ResourceQuota"),
    *("monitoring.coreos.com/v1:PrometheusRule", "monitoring.coreos.com/v1:ServiceMonitor"),
    *("storage.k8s.io/v1:StorageClass", "index/randomId:RandomId"),
}
"""Nothing that serves stops and no data goes when one of these goes; what uses it shows a change of its own."""


def judged(kind: str) -> bool:
    tables = (kinds.HOLDS_DATA, kinds.ENTRANCE, kinds.SERVES, kinds.RESTARTS, kinds.GUARDS)
    return (
        any(kind in table for table in tables)
        or kind.startswith(kinds.ACCESS_PREFIXES + kinds.FIREWALL_PREFIXES)
        or kind.partition(":")[2] in UNREMARKABLE
    )


def registered() -> set[str]:
    stacks = (recorded(stack).made.registrations for stack in ("production", "staging"))
    return {kind_of(one.urn) for registrations in stacks for one in registrations}


def test_every_kind_of_the_program_is_judged() -> None:
    own = ("intendly:", "pulumi:providers:", "tests:")
    assert {kind for kind in registered() if not kind.startswith(own) and not judged(kind)} == set()


def test_what_is_said_to_be_unremarkable_is_there() -> None:
    assert {kind.partition(":")[2] for kind in registered()} >= UNREMARKABLE
