"""What an operator learns of a key."""

from pathlib import Path

import pytest

from infra.settings import SettingsError, explain
from infra.settings.explain import OF_ITS_KEYS, REQUIRED
from tests.unit.settings.trees import ROOT, STACK_FILES


def test_a_key_is_explained_with_its_value_in_each_stack() -> None:
    found = explain("intendly:database.instanceClass", STACK_FILES)

    assert found.path == "intendly:database.instanceClass"
    assert found.title == "Instance class"
    assert found.description
    assert found.allowed.startswith("one of db.t3, db.t4g with .micro|small")
    assert found.default == '"db.r6g.large"'
    assert found.values == {
        "Pulumi.production.yaml": '"db.r6g.large"',
        "Pulumi.staging.yaml": '"db.t4g.medium"',
    }


@pytest.mark.parametrize(
    ("key", "title", "default", "value"),
    [
        ("environment", "Environment", REQUIRED, '"staging"'),
        ("cluster.nodeGroups.general.maxSize", "Most nodes", REQUIRED, "4"),
        ("cluster.nodeGroups.other.maxSize", "Most nodes", REQUIRED, "not set"),
        ("network.zones[1]", "Zones", REQUIRED, '"use1-az2"'),
        ("network.zones[4]", "Zones", REQUIRED, "not set"),
        ("applications.backendCoordinator.autoscaling", "Autoscaling", "null", "null"),
        ("applications.backendCoordinator.autoscaling.cpuPercent", "CPU", "70", "not set"),
        ("database.multiAz", "Multi-AZ", "true", "false"),
    ],
)
def test_default_and_value_are_told_apart(key: str, title: str, default: str, value: str) -> None:
    found = explain(key, (ROOT / "Pulumi.staging.yaml",))

    assert (found.title, found.default, found.values["Pulumi.staging.yaml"]) == (title, default, value)


def test_a_mapping_by_chosen_names_lists_the_keys_of_each() -> None:
    explained = explain("cluster.nodeGroups")
    assert explained.keys == ()
    assert {"instanceType", "minSize", "maxSize"} <= set(explained.keys_of_each)
    assert explain("cluster").keys_of_each == ()


def test_a_mapping_lists_its_keys() -> None:
    found = explain("chain")

    assert found.keys == ("id", "rpcUrl", "contractAddress")
    assert found.default == OF_ITS_KEYS
    assert found.values == {}


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("database.instanceClas", "intendly:database.instanceClas: unknown key; did you mean instanceClass?"),
        ("databas", "intendly:databas: unknown key; did you mean database?"),
        ("database.instanceClass.x", "intendly:database.instanceClass.x: unknown key"),
        ("", '"" is no key'),
        ("intendly:", "is no key"),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest(key: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        explain(key)

    assert message in str(caught.value)


def test_a_file_with_problems_is_said_to_have_some(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.bad.yaml"
    path.write_text("config: {}\n")

    assert explain("environment", (path,)).values["Pulumi.bad.yaml"] == "unknown: the file has problems (7)"
