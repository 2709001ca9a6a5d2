"""What an error says, and what it never says."""

import traceback
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.settings import SettingsError, load_config, load_file
from infra.settings.errors import looks_secret
from tests.unit.settings.trees import (
    GONE,
    Location,
    as_config,
    as_file,
    changed,
    error_of,
    full_tree,
    locations,
    place,
    problems_of,
    tracked,
)

PLACES = tuple(locations(tracked("production")))

TOKENS = (
    "hunter2hunter2",
    "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY1",
    "ghp_abcdefghijklmnopqrstuvwxyzABCDEFGHIJ",
    "xoxb-123-456-abc",
    "postgres://intendly:pw@db/x",
    "https://user:pw@hooks.slack.com/services/T/B/X",
    "-----BEGIN PRIVATE KEY-----",
    "eyJhbGciOi.eyJzdWIi.c2ln",
    "v1:Abc:def",
    "9f86d081884c7d659a2feaa0c55ad015",
    "q83vEjRWeJASNFZ4kBI0VniQEjRWeJA=",
)


def everything_of(error: SettingsError) -> str:
    return "".join(
        (str(error), repr(error), repr(error.args), repr(error.problems), *traceback.format_exception(error))
    )


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(st.sampled_from(PLACES), st.sampled_from(TOKENS))
def test_a_secret_in_the_wrong_place_is_not_repeated(location: Location, token: str) -> None:
    tree = full_tree()
    place(tree, location, token)
    error = error_of(tree)

    if error is None:  # a name or a word of a command may look like that
        assert location[-1] == "deployerRoleName" or location[0] in {"tags", "monitoring", "applications"}
    else:
        assert token not in everything_of(error)
        assert error.__cause__ is None
        assert error.__context__ is None


@pytest.mark.parametrize("value", ["correct-horse", {"inner": "correct-horse"}, ["correct-horse"]], ids=str)
@pytest.mark.parametrize("location", [("passwd",), ("database", "masterPassword"), ("tags", "x")], ids=str)
def test_the_value_of_an_unknown_key_is_not_repeated(location: Location, value: object) -> None:
    tree = full_tree()
    place(tree, location, value)

    [problem] = problems_of(tree)

    assert problem.path == "intendly:" + ".".join(str(step) for step in location)
    assert "correct" not in str(problem)


def test_a_key_that_is_itself_a_secret_is_not_repeated() -> None:
    tree = full_tree()
    place(tree, ("tags", "ghp_abcdefghijklmnopqrstuvwxyz"), 1)

    [problem] = problems_of(tree)

    assert str(problem).startswith("intendly:tags.(key not shown): unknown key")


@pytest.mark.parametrize(
    "text",
    [
        "us-east-1", "use1-az3", "10.20.0.0/16", "cache.r7g.16xlarge", "v1.22.4-eksbuild.3", "sun:05:00-sun:06:00",
        "0 9-17 * * *", "intendly-deployer", "api.staging.intendly.xyz", "#production-alerts", "letsencrypt",
    ],
)  # fmt: skip
def test_ordinary_values_do_not_look_like_secrets(text: str) -> None:
    assert not looks_secret(text)


def test_secure_values_are_refused_in_both_forms(tmp_path: Path) -> None:
    tree = full_tree() | {"databasePassword": {"secure": "v1:canary:canary"}}
    place(tree, ("monitoring", "smtp", "username"), {"secure": "v1:canary:canary"})

    with pytest.raises(SettingsError) as of_file:
        load_file(as_file(tree, tmp_path))
    with pytest.raises(SettingsError) as of_engine:
        load_config(
            as_config(full_tree()) | {"intendly:databasePassword": "canary"},
            secret_keys=["intendly:databasePassword"],
        )

    assert [p.path for p in of_file.value.problems] == [
        "intendly:monitoring.smtp.username",
        "intendly:databasePassword",
    ]
    assert [p.path for p in of_engine.value.problems] == ["intendly:databasePassword"]
    for error in (of_file.value, of_engine.value):
        assert all(
            "secrets are no settings: they come from AWS Secrets Manager" in p.message for p in error.problems
        )
        assert "canary" not in everything_of(error)


def test_all_problems_are_said_at_once_those_between_fields_included() -> None:
    tree = changed(
        "production",
        {
            "cluster.kubernetesVersion": 1.36,  # a number
            "cluster.nodeGroups.general.minSize": 21,  # above the maximum, in the same section
            "cluster.nodGroups": {},  # misspelt
            "network.zones": ["use1-az1"],  # too few
            "applications.backendRelayer.cpuRequestMillicores": "500",  # text
            "applications.backendRelayer.heapMib": 2000,  # above the limit, in the same application
            "database.multiAz": False,  # production
            "jobs.fullDump.schedule": "30 0 * * *",  # meets the backup window
            "hosts.app": "api.intendly.xyz",  # twice
            "monitoring": None,  # no mapping
        },
    )

    assert {problem.path for problem in problems_of(tree)} == {
        "intendly:cluster.kubernetesVersion",
        "intendly:cluster.nodeGroups.general.minSize",
        "intendly:cluster.nodGroups",
        "intendly:network.zones",
        "intendly:applications.backendRelayer.cpuRequestMillicores",
        "intendly:applications.backendRelayer.heapMib",
        "intendly:database.multiAz",
        "intendly:jobs.fullDump",
        "intendly:hosts.app",
        "intendly:monitoring",
    }


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("cluster.nodeGroups.general.maxSize", 0, "0 is refused; allowed: a whole number from 1 to 450"),
        (
            "cluster.nodeGroups.general.maxSize",
            "20",
            '"20" is refused: it is text, take the quotes away; allowed: a whole number from 1 to 450',
        ),
        ("cluster.deletionProtection", "true", '"true" is refused: it is text, take the quotes away; allowed: true or false'),
        (
            "account.id",
            222222222222,
            "222222222222 is refused: text is needed, put it into quotes; allowed: twelve digits in quotes",
        ),
        ("network.natGateways", "one", '"one" is refused; allowed: one of perZone, single'),
        (
            "database.instanceClass",
            "db.r6g.larg",
            '"db.r6g.larg" is refused: not a known database class; did you mean db.r6g.large?; allowed: one of ',
        ),
        ("network.cidr", "10.20.0.0/20", '"10.20.0.0/20" is refused: a VPC is exactly a /16 here'),
        ("network.cidr", "10.20.1.0/16", '"10.20.1.0/16" is refused: not an IPv4 range: it has host bits set'),
        ("network.cidr", "11.20.0.0/16", '"11.20.0.0/16" is refused: a VPC takes a private range'),
        ("network.serviceCidr", "172.20.0.0/25", '"172.20.0.0/25" is refused: EKS takes a prefix from /12 to /24'),
        ("cluster.publicAccessCidrs", ["0.0.0.0/0"], '"0.0.0.0/0" is refused: the whole internet is no restriction'),
        ("database.backupWindow", "00:30-00:50", '"00:30-00:50" is refused: the window lasts 20 minutes'),
        ("cache.snapshotWindow", "23:00-23:59", '"23:00-23:59" is refused: the window lasts 59 minutes'),
        ("jobs.fullDump.schedule", "0 24 * * *", '"0 24 * * *" is refused: the hour must be 0 to 23'),
        ("hosts.api", "аpi.intendly.xyz", '"\\u0430pi.intendly.xyz" is refused; allowed: a lower-case DNS name'),  # noqa: RUF001
        ("applications.image", "ghcr.io/intendly/x:latest", '"ghcr.io/intendly/x:latest" is refused; allowed: an image by'),
        ("environment", "off", '"off" is refused: YAML may read it as a truth value or as nothing'),
        ("access.operatorRoleArns", ["arn:aws:sts::111111111111:assumed-role/x/me"], '"arn:aws:sts::111111111111:assumed-role/x/me" is refused; allowed: the ARN of an IAM role'),
        ("access.github.stateKeyArn", "arn:aws:kms:us-east-1:111111111111:alias/x", '"arn:aws:kms:us-east-1:111111111111:alias/x" is refused; allowed: the ARN of a KMS key'),
        ("access.github.webRepository", "*", '"*" is refused; allowed: a GitHub repository'),
        ("webApplication.contentSecurity.scripts", ["http://x.example"], '"http://x.example" is refused; allowed: self, unsafe-inline'),
        ("chain.contractAddress", "0x12", '"0x12" is refused; allowed: a contract\'s address in quotes'),
    ],
)  # fmt: skip
def test_a_message_gives_the_value_the_reason_and_what_is_allowed(
    path: str, value: object, message: str
) -> None:
    found = [problem.message for problem in problems_of(changed("production", {path: value}))]

    assert any(text.startswith(message) for text in found), found


@pytest.mark.parametrize(
    ("changes", "paths"),
    [
        # The default of a refused value must not be judged: with 100 GiB, 50 would be too small.
        ({"database.storageGib": "x", "database.maxStorageGib": 50}, ["database.storageGib"]),
        ({"applications.backendRelayer.autoscaling.minReplicas": GONE}, ["applications.backendRelayer.autoscaling.minReplicas"]),
        # A broken node group does not hide what is wrong with the other, nor with the applications.
        (
            {
                "cluster.nodeGroups.broken": {"instanceType": "m6i.large"},
                "cluster.nodeGroups.general.desiredSize": 21,
                "applications.backendCoordinator.heapMib": 2048,
            },
            [
                *(f"cluster.nodeGroups.broken.{key}" for key in ("minSize", "maxSize", "desiredSize")),
                "applications.backendCoordinator.heapMib",
                "cluster.nodeGroups.general.desiredSize",
            ],
        ),
    ],
    ids=["default", "missing", "group"],
)  # fmt: skip
def test_rules_speak_about_the_valid_part_and_only_about_that(
    changes: dict[str, object], paths: list[str]
) -> None:
    problems = problems_of(changed("production", changes))

    assert [problem.path for problem in problems] == [f"intendly:{path}" for path in paths]


@pytest.mark.parametrize("name", ["General", "a" * 21, "x y", "1a", "-a", ""])
def test_a_node_groups_name_is_checked(name: str) -> None:
    tree = full_tree()
    tree["cluster"]["nodeGroups"][name] = tree["cluster"]["nodeGroups"]["general"]

    assert any(
        f'the name "{name}" is refused; allowed: 1 to 20 lower-case' in p.message for p in problems_of(tree)
    )


def test_an_error_lists_its_problems_line_by_line() -> None:
    error = SettingsError("x.yaml", [])
    with pytest.raises(SettingsError) as caught:
        load_config(as_config(changed("production", {"database.multiAz": False, "tags.ownr": "x"})))

    assert str(error) == "x.yaml: 0 problems"
    assert str(caught.value).splitlines() == [
        "the engine's configuration: 2 problems",
        "  intendly:tags.ownr: unknown key; did you mean owner?",
        "  intendly:database.multiAz: production needs true: a standby in a second zone",
    ]
