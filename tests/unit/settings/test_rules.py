"""Every rule across fields: what is accepted, and the change that it refuses."""

from collections.abc import Mapping
from typing import NamedTuple

import pytest

from components.application import MAX_SURGE
from infra.settings import StackSettings
from infra.settings.rules import RULES
from infra.settings.rules.capacity import SURGE_PERCENT, allocatable, max_connections
from infra.settings.rules.network import blocks_needed
from tests.unit.settings.trees import GONE, changed, full_tree, problems_of

APPLICATIONS = ("backendRelayer", "backendCoordinator", "websocketServer")
GENERAL = "cluster.nodeGroups.general"


class Case(NamedTuple):
    environment: str
    changes: Mapping[str, object]
    paths: tuple[str, ...]
    words: str


def production(words: str, paths: str | tuple[str, ...], **changes: object) -> Case:
    return _case("production", words, paths, changes)


def staging(words: str, paths: str | tuple[str, ...], **changes: object) -> Case:
    return _case("staging", words, paths, changes)


def _case(environment: str, words: str, paths: str | tuple[str, ...], changes: Mapping[str, object]) -> Case:
    dotted = {key.replace("__", "."): value for key, value in changes.items()}
    return Case(environment, dotted, (paths,) if isinstance(paths, str) else paths, words)


SCALING = {"minReplicas": 3, "maxReplicas": 20, "cpuPercent": 70, "memoryPercent": 80}

CASES = [
    # bounds
    staging("20 is above maxSize 4", f"{GENERAL}.minSize", cluster__nodeGroups__general__minSize=20),
    staging("5 is outside minSize 2", f"{GENERAL}.desiredSize", cluster__nodeGroups__general__desiredSize=5),
    staging("1 is outside minSize 2", f"{GENERAL}.desiredSize", cluster__nodeGroups__general__desiredSize=1),
    production("must be above storageGib 100", "database.maxStorageGib", database__maxStorageGib=100),
    production('"7.1" is no version of valkey', "cache.engineVersion", cache__engineVersion="7.1"),
    production('"8.2" is no version of redis', "cache.engineVersion", cache__engine="redis"),
    production("allowed: 0, or 7 to 30", "secrets.recoveryWindowDays", secrets__recoveryWindowDays=6),
    production(
        "above prometheusMemoryLimitMib",
        "monitoring.prometheusMemoryRequestMib",
        monitoring__prometheusMemoryRequestMib=5000,
    ),
    production("is hosts.api already", "hosts.monitoring", hosts__monitoring="api.intendly.xyz"),
    # access
    production(
        "is access.operatorRoleArns[0] already",
        "access.auditorRoleArns[0]",
        access__operatorRoleArns=["arn:aws:iam::111111111111:role/ops"],
        access__auditorRoleArns=["arn:aws:iam::111111111111:role/ops"],
    ),
    production(
        "is account.deployerRoleName already",
        "access.onCallRoleArns[1]",
        access__onCallRoleArns=[
            "arn:aws:iam::111111111111:role/on-call",
            "arn:aws:iam::111111111111:role/intendly-deployer",
        ],
    ),
    production(
        "is of account 222222222222, not of account.id 111111111111",
        "access.github.oidcProviderArn",
        access__github__oidcProviderArn="arn:aws:iam::222222222222:oidc-provider/token.actions.githubusercontent.com",
    ),
    # network
    production("1 zone is too few", "network.zones", network__zones=["use1-az1"]),
    production(
        "use1-az1 is named twice", "network.zones[1]", network__zones=["use1-az1", "use1-az1", "use1-az2"]
    ),
    production("no zone of us-east-1", "network.zones[1]", network__zones=["use1-az1", "usw2-az2"]),
    production(
        "use1-az5 is not among network.zones",
        "network.controlPlaneZones[1]",
        network__controlPlaneZones=["use1-az1", "use1-az5"],
    ),
    production(
        "use1-az1 is named twice",
        "network.controlPlaneZones[1]",
        network__controlPlaneZones=["use1-az1", "use1-az1", "use1-az2"],
    ),
    production(
        "EKS needs two zones or more", "network.controlPlaneZones", network__controlPlaneZones=["use1-az1"]
    ),
    production("no control plane in use1-az3", "network.zones[1]", network__zones=["use1-az1", "use1-az3"]),
    production(
        "10.20.0.0/16 overlaps network.cidr", "network.serviceCidr", network__serviceCidr="10.20.0.0/16"
    ),
    production(
        "10.16.0.0/12 overlaps network.cidr", "network.serviceCidr", network__serviceCidr="10.16.0.0/12"
    ),
    production(
        "overlaps network.cidr", "cluster.publicAccessCidrs[0]", cluster__publicAccessCidrs=["10.20.1.0/24"]
    ),
    production("1 too few: lower maxSize", "cluster.nodeGroups", cluster__nodeGroups__general__maxSize=70),
    # capacity
    staging("reserve 6.5 vCPU", "cluster.nodeGroups", cluster__nodeGroups__general__maxSize=3),
    production(
        "more than the largest node",
        "applications.websocketServer.memoryRequestMib",
        applications__websocketServer__memoryRequestMib=14500,
        applications__websocketServer__memoryLimitMib=14500,
    ),
    production(
        "more than the largest node",
        "applications.backendCoordinator.cpuRequestMillicores",
        applications__backendCoordinator__cpuRequestMillicores=3700,
    ),
    staging(
        "db.t4g.medium allows 420",
        "applications.backendRelayer.databasePoolMax",
        applications__backendRelayer__databasePoolMax=50,
    ),
    # production
    production("2 or more nodes", "cluster.nodeGroups", cluster__nodeGroups__general__minSize=1),
    production("needs perZone", "network.natGateways", network__natGateways="single"),
    production("needs true", "database.multiAz", database__multiAz=False),
    production("needs 1 or more", "cache.replicas", cache__replicas=0),
    production("needs true", "cluster.deletionProtection", cluster__deletionProtection=False),
    production("needs true", "database.deletionProtection", database__deletionProtection=False),
    production("needs true", "ingress.deletionProtection", ingress__deletionProtection=False),
    production("needs true", "database.finalSnapshot", database__finalSnapshot=False),
    production("needs true", "cache.finalSnapshot", cache__finalSnapshot=False),
    production("needs 14 days", "database.backupRetentionDays", database__backupRetentionDays=13),
    production("lost", "secrets.recoveryWindowDays", secrets__recoveryWindowDays=0),
    production("needs 2 or more", "ingress.replicas", ingress__replicas=1),
    production("needs 2", "monitoring.prometheusReplicas", monitoring__prometheusReplicas=1),
    production("needs 2 or more", "monitoring.alertmanagerReplicas", monitoring__alertmanagerReplicas=1),
    production("needs letsencrypt", "certificates.issuer", certificates__issuer="letsencrypt-staging"),
    production("X Layer mainnet", "chain.id", chain__id=1952),
    staging("for production alone", "chain.id", chain__id=196),
    production(
        "needs 2 or more, not 1",
        "applications.backendRelayer.autoscaling.minReplicas",
        applications__backendRelayer__autoscaling__minReplicas=1,
    ),
    production(
        "not 1", "applications.backendCoordinator.replicas", applications__backendCoordinator__replicas=1
    ),
    production("not 1", "applications.websocketServer.replicas", applications__websocketServer__replicas=1),
    # versions
    staging(
        '"1.34" is 2 minor versions behind',
        f"{GENERAL}.kubernetesVersion",
        cluster__nodeGroups__general__kubernetesVersion="1.34",
    ),
    production(
        '"1.37" is 1 minor versions ahead of kubernetesVersion "1.36"; allowed: "1.36" or "1.35"',
        f"{GENERAL}.kubernetesVersion",
        cluster__nodeGroups__general__kubernetesVersion="1.37",
    ),
    production(
        "does not fit kubernetesVersion 1.35", "cluster.addons.kubeProxy", cluster__kubernetesVersion="1.35"
    ),
    production(
        "allowed: 1.33 to 1.36",
        "cluster.addons.kubeProxy",
        cluster__addons__kubeProxy="v1.32.9-eksbuild.1",
    ),
    production(
        'no cluster autoscaler is pinned for "1.37"',
        "cluster.kubernetesVersion",
        cluster__kubernetesVersion="1.37",
    ),
    # schedule
    production("meets database.backupWindow", "jobs.fullDump", database__backupWindow="01:30-02:30"),
    production(
        "meets database.backupWindow",
        "database.maintenanceWindow",
        database__maintenanceWindow="sun:00:00-sun:01:00",
    ),
    production(
        "meets database.maintenanceWindow",
        "cache.maintenanceWindow",
        cache__maintenanceWindow="sun:05:30-sun:06:30",
    ),
    production(
        "meets cache.snapshotWindow",
        "jobs.fullDump",
        cache__snapshotWindow="02:30-03:30",
        jobs__maintenance__schedule="0 4 * * 0",
    ),
    production("meets jobs.fullDump", "jobs.archive", jobs__archive__schedule="30 2 * * 0"),
    production(
        "meets jobs.fullDump", ("jobs.archive", "jobs.maintenance"), jobs__fullDump__deadlineMinutes=61
    ),
    production(
        "meets jobs.maintenance",
        "jobs.awsBackup",
        jobs__awsBackup__schedule="30 3 * * *",
        database__maintenanceWindow="mon:20:00-mon:21:00",
    ),
    production("meets jobs.hourlyDump", "jobs.awsBackup", jobs__awsBackup__deadlineMinutes=121),
    production("beyond the next start", "jobs.hourlyDump", jobs__hourlyDump__deadlineMinutes=61),
    # backups
    production("below objectLockDays 30", "storage.fullDumpDays", storage__fullDumpDays=29),
    production("below objectLockDays 30", "storage.hourlyDumpDays", storage__hourlyDumpDays=29),
    production("is above maxRetentionDays 365", "backups.minRetentionDays", backups__minRetentionDays=366),
    production("outside minRetentionDays 7", "backups.retentionDays", backups__retentionDays=6),
    production("and maxRetentionDays 365", "backups.retentionDays", backups__retentionDays=366),
    production("outside minRetentionDays 7", "backups.copyRetentionDays", backups__copyRetentionDays=6),
    production("own region", "backups.copyRegion", backups__copyRegion="us-east-1"),
    staging("own region", "backups.copyRegion", backups__copyRegion="us-east-1"),
    production("takes 120", "jobs.awsBackup.deadlineMinutes", jobs__awsBackup__deadlineMinutes=119),
    production("needs a second region", "backups.copyRegion", backups__copyRegion=None),
    production("needs 30 days", "storage.objectLockDays", storage__objectLockDays=29),
] + [
    case
    for key in APPLICATIONS
    for case in (
        _case(
            "production",
            "neither is given",
            f"applications.{key}.replicas",
            {f"applications.{key}.replicas": None, f"applications.{key}.autoscaling": None},
        ),
        _case(
            "production",
            "both are given",
            f"applications.{key}.replicas",
            {f"applications.{key}.replicas": 4, f"applications.{key}.autoscaling": SCALING},
        ),
        _case(
            "production",
            "21 is above maxReplicas 20",
            f"applications.{key}.autoscaling.minReplicas",
            {
                f"applications.{key}.replicas": None,
                f"applications.{key}.autoscaling": SCALING | {"minReplicas": 21},
            },
        ),
        _case(
            "production",
            "2049 is above memoryLimitMib 2048",
            f"applications.{key}.memoryRequestMib",
            {f"applications.{key}.memoryRequestMib": 2049},
        ),
        _case(
            "production",
            "allowed: up to 1638",
            f"applications.{key}.heapMib",
            {f"applications.{key}.heapMib": 1639},
        ),
    )
]


@pytest.mark.parametrize("environment", ["production", "staging"])
def test_the_tracked_settings_written_out_are_accepted(environment: str) -> None:
    assert problems_of(full_tree(environment)) == ()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.environment}:{','.join(case.changes)}")
def test_a_broken_rule_names_the_value_to_change_and_nothing_else(case: Case) -> None:
    problems = problems_of(changed(case.environment, case.changes))

    assert tuple(problem.path for problem in problems) == tuple(f"intendly:{path}" for path in case.paths)
    assert case.words in problems[0].message


def test_every_rule_has_a_case_that_it_refuses() -> None:
    broken = [StackSettings.model_validate(changed(case.environment, case.changes)) for case in CASES]

    idle = [rule for rule in RULES if not any(list(rule(settings)) for settings in broken)]

    assert idle == []


@pytest.mark.parametrize(
    "changes",
    [
        {"cluster.nodeGroups.general.minSize": 8, "cluster.nodeGroups.general.maxSize": 8},
        {"database.maxStorageGib": 101},
        {"cache.engine": "redis", "cache.engineVersion": "7.1"},
        {"secrets.recoveryWindowDays": 7},
        {"storage.hourlyDumpDays": 30, "storage.fullDumpDays": 30},
        {"backups.minRetentionDays": 35, "backups.maxRetentionDays": 35},
        {"backups.copyRegion": "us-east-2", "jobs.awsBackup.deadlineMinutes": 120},
        {"network.zones": ["use1-az6", "use1-az2"]},
        {"network.serviceCidr": "192.168.0.0/24"},
        {"cluster.publicAccessCidrs": ["203.0.113.0/24"]},
        {"cluster.nodeGroups.general.maxSize": 69},
        {"applications.backendRelayer.heapMib": 1638},
        {"applications.backendRelayer.autoscaling.minReplicas": 20},
        {"applications.backendRelayer.autoscaling": GONE, "applications.backendRelayer.replicas": 2},
        {"database.backupWindow": "01:00-02:00"},
        {"jobs.archive.schedule": "0 5 * * 0"},
        {"jobs.awsBackup.schedule": "0 20 * * *"},
        {"jobs.hourlyDump.deadlineMinutes": 60},
        {"cache.snapshotWindow": "09:00-10:00"},
        {"access.github": None},
        {"access.auditorRoleArns": ["arn:aws:iam::222222222222:role/intendly-deployer"]},
    ],
    ids=str,
)
def test_what_lies_just_within_the_rules_is_accepted(changes: Mapping[str, object]) -> None:
    assert problems_of(changed("production", changes)) == ()


def test_twenty_relayers_with_full_pools_would_exceed_the_staging_database() -> None:
    [problem, *_] = problems_of(
        changed(
            "staging",
            {
                "applications.backendRelayer.autoscaling.maxReplicas": 20,
                "cluster.nodeGroups.general.maxSize": 20,
            },
        )
    )

    assert "open 600 connections; db.t4g.medium allows 420" in problem.message


def test_the_surge_is_that_of_the_deployments() -> None:
    assert f"{SURGE_PERCENT}%" == MAX_SURGE


def test_a_node_of_m6i_xlarge_offers_pods_what_kubelet_and_daemons_leave() -> None:
    group = StackSettings.model_validate(full_tree()).cluster.node_groups["general"]

    # 4,000 - (60 + 10 + 2 * 5) - 300, and 16,384 - (255 + 11 * 110) - 100 - 400
    assert allocatable(group) == (3620, 14419)


def test_blocks_count_surge_and_a_warm_block() -> None:
    group = StackSettings.model_validate(full_tree()).cluster.node_groups["general"]

    # 7 nodes a zone and 3 more in an update, each 7 blocks and a warm one
    assert blocks_needed(group, zones=3) == 10 * 8


@pytest.mark.parametrize(
    ("instance_class", "connections"),
    [("db.t4g.medium", 450), ("db.r6g.large", 1802), ("db.r6g.8xlarge", 5000)],
)
def test_connections_follow_from_memory_up_to_five_thousand(instance_class: str, connections: int) -> None:
    assert max_connections(instance_class) == connections
