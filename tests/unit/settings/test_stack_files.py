"""Reading stack files: the tracked ones, and all that YAML hides."""

import json
from pathlib import Path

import pytest
import yaml

from infra.settings import SettingsError, check, load_file
from infra.settings.scalars import read_scalar
from tests.unit.settings.trees import ROOT, STACK_FILES, as_file, full_tree


def written(folder: Path, text: str) -> Path:
    path = folder / "Pulumi.test.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def edited(folder: Path, old: str, new: str) -> Path:
    """The staging file with one passage changed."""
    text = (ROOT / "Pulumi.staging.yaml").read_text(encoding="utf-8")
    assert text.count(old) == 1
    return written(folder, text.replace(old, new))


def test_both_stacks_are_tracked() -> None:
    assert [path.name for path in STACK_FILES] == ["Pulumi.production.yaml", "Pulumi.staging.yaml"]


@pytest.mark.parametrize("path", STACK_FILES, ids=lambda path: path.name)
def test_a_tracked_file_is_good_and_names_its_schema(path: Path) -> None:
    assert check(path) == ()
    assert load_file(path).environment == path.name.split(".")[1]
    assert path.read_text().startswith("# yaml-language-server: $schema=infra/settings.schema.json\n")
    assert yaml.safe_load(path.read_text())["config"]["pulumi:disable-default-providers"] == ["*"]


def test_the_stacks_hold_the_manuals_numbers() -> None:
    production, staging = (load_file(path) for path in STACK_FILES)
    group = production.cluster.node_groups["general"]
    scaling = production.applications.backend_relayer.autoscaling

    assert (group.min_size, group.max_size, group.desired_size) == (5, 20, 8)
    assert scaling is not None
    assert (scaling.min_replicas, scaling.max_replicas, scaling.cpu_percent, scaling.memory_percent) == (
        3,
        20,
        70,
        80,
    )
    assert production.applications.backend_relayer.database_pool_max == 20
    assert production.applications.backend_relayer.heap_mib == 1536
    assert production.applications.websocket_server.max_connections == 20000
    assert (production.chain.id, staging.chain.id) == (196, 1952)
    assert production.jobs.full_dump.schedule == "0 2 * * *"
    assert (production.cache.snapshot_window, production.cache.maintenance_window) == (
        "23:00-00:00",
        "sun:06:30-sun:07:30",
    )
    assert (production.database.backup_window, production.database.maintenance_window) == (
        "00:30-01:30",
        "sun:05:00-sun:06:00",
    )


def test_placeholders_do_not_pretend_to_be_real() -> None:
    for path in STACK_FILES:
        settings = load_file(path)
        assert settings.applications.image.endswith("@sha256:" + 64 * "0")
        assert settings.hosts.zone_id.startswith("ZPLACEHOLDER")
        assert settings.monitoring.smtp.username.startswith("placeholder-")
        assert len(set(settings.account.id)) == 1
        assert settings.access.github is not None
        assert settings.access.github.state_key_arn.endswith("key/00000000-0000-0000-0000-000000000000")
        assert "Placeholders" in path.read_text()


@pytest.mark.parametrize(
    "text",
    [
        "yes", "No", "ON", "off", "y", "N", "True", "FALSE", "Null", "0123", "-01", "1e3", "1E-3", "+1", "0x1F", "0o17", "0b1",
        "1_000", "12:30", "01:30:00", ".5", "5.", ".inf", "-.INF", ".nan", "2026-01-01", "2026-01-01T00:00:00Z",
        "222222222222222222222222222222222",
    ],
)  # fmt: skip
def test_a_scalar_on_which_parsers_disagree_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="put text into quotes"):
        read_scalar(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True), ("false", False), ("null", None), ("~", None), ("", None), ("0", 0), ("20", 20), ("-3", -3), ("18.6", 18.6),
        ("api.intendly.xyz", "api.intendly.xyz"), ("use1-az1", "use1-az1"), ("0 2 * * *", "0 2 * * *"),
        ("00:30-01:30", "00:30-01:30"), ("sun:05:00-sun:06:00", "sun:05:00-sun:06:00"), ("10.20.0.0/16", "10.20.0.0/16"),
        ("v1.22.4-eksbuild.3", "v1.22.4-eksbuild.3"), ("yesterday", "yesterday"), ("1.2.3", "1.2.3"),
    ],
)  # fmt: skip
def test_a_scalar_on_which_all_agree_is_read(text: str, value: object) -> None:
    assert read_scalar(text) == value
    assert type(read_scalar(text)) is type(value)
    assert yaml.safe_load(text) == value


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "multiAz: false",
            "multiAz: no",
            "intendly:database.multiAz (line {}): YAML parsers read it differently",
        ),
        (
            'id: "222222222222"',
            "id: 022222222222",
            "intendly:account.id (line {}): YAML parsers read it differently",
        ),
        ('id: "222222222222"', "id: 222222222222", "text is needed, put it into quotes"),
        ("maxStorageGib: 100", "maxStorageGib: 1e2", "YAML parsers read it differently"),
        ("maxStorageGib: 100", "maxStorageGib: 100.0", "100.0 is refused; allowed: a whole number from 20"),
        (
            'kubernetesVersion: "1.36"',
            "kubernetesVersion: 1.36",
            "1.36 is refused: text is needed, put it into quotes",
        ),
        ("multiAz: false", "multiAz: !!python/name:os.system x", "a YAML tag (!name) is refused"),
        ("multiAz: false", "multiAz: !secret x", "a YAML tag (!name) is refused"),
        ("multiAz: false", "<<: {multiAz: false}", "intendly:database.<< (line {}): unknown key"),
        ("multiAz: false", "1: x", "intendly:database.1 (line {}): unknown key"),
        (
            "maxStorageGib: 100",
            "storageGib: 100",
            "intendly:database.storageGib (line {}): the key is there twice",
        ),
        ("intendly:secrets:", "intendly:hosts:", "intendly:hosts (line {}): the key is there twice"),
        (
            "intendly:secrets:",
            "intendly:secretz:",
            "intendly:secretz (line {}): unknown key; did you mean secrets?",
        ),
        ("intendly:secrets:", "intendly:cache:engine:", "intendly:cache:engine (line {}): unknown key"),
    ],
)
def test_what_yaml_hides_is_refused_with_its_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = edited(tmp_path, old, new)
    line = 1 + path.read_text().rsplit(new, 1)[0].count("\n")

    problems = check(path)

    assert any(message.format(line) in str(problem) and problem.line == line for problem in problems), (
        problems
    )


def test_a_key_that_is_no_text_is_refused(tmp_path: Path) -> None:
    assert any(
        p.message == "a key must be text" for p in check(edited(tmp_path, "multiAz: false", "? [a]\n    : b"))
    )


def test_an_alias_is_refused_also_one_that_runs_in_a_circle(tmp_path: Path) -> None:
    once = edited(
        tmp_path, "zones: [use1-az1, use1-az2]", "zones: &a [use1-az1, use1-az2]\n    natGateways2: *a"
    )
    assert any("an alias (*name) is refused" in problem.message for problem in check(once))

    circle = edited(tmp_path, "zones: [use1-az1, use1-az2]", "zones: &a [use1-az1, *a]")
    assert any("an alias (*name) is refused" in problem.message for problem in check(circle))


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("", "it is no mapping", None),
        ("- x\n", "it is no mapping", None),
        ("config: [\n", "it is no YAML", 2),
        ("config:\n  a: b: c\n", "it is no YAML", 2),
        ("config:\n\ta: b\n", "it is no YAML", 2),
        ("config: {}\n---\nconfig: {}\n", "it is no YAML", 2),
        ("config:\n  a: \x07\n", "a character that YAML forbids", None),
        ("encryptionsalt: x\n", "there is no config: in it", None),
        ("config: x\n", "config must be a mapping", 1),
        ("config: {}\nconfg: {}\n", '"confg" is no part of a stack file; did you mean config?', 2),
        ("config:\n  [a]: b\n", "a key must be text", 2),
        ("config: " + "[" * 1500, "it is nested too deeply", None),
    ],
)
def test_a_file_of_another_form_is_refused_with_the_line(
    tmp_path: Path, text: str, message: str, line: int | None
) -> None:
    with pytest.raises(SettingsError) as caught:
        load_file(written(tmp_path, text))

    [problem] = caught.value.problems
    assert message in problem.message
    assert problem.line == line
    assert str(caught.value).startswith("Pulumi.test.yaml: 1 problem")
    assert caught.value.__context__ is None


def test_a_missing_file_a_folder_and_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.bytes.yaml").write_bytes(b"\xff\xfe")
    for name, message in (
        ("Pulumi.none.yaml", "no such stack file"),
        ("", "cannot be read"),
        ("Pulumi.bytes.yaml", "no UTF-8"),
    ):
        with pytest.raises(SettingsError, match=message):
            load_file(tmp_path / name)


def test_what_the_engine_adds_to_a_stack_file_is_left_alone(tmp_path: Path) -> None:
    document = json.loads(as_file(full_tree(), tmp_path).read_text())
    document["config"]["aws:token"] = {"secure": "v1:x"}
    document |= {"encryptionsalt": "v1:a=:v1:b", "secretsprovider": "awskms://x", "encryptedkey": "x"}

    assert check(written(tmp_path, json.dumps(document))) == ()


def test_a_config_without_our_keys_lacks_all_that_is_required(tmp_path: Path) -> None:
    problems = check(written(tmp_path, "config: {}\n"))

    assert [p.path for p in problems] == [
        f"intendly:{key}"
        for key in ("environment", "account", "hosts", "network", "cluster", "monitoring", "applications")
    ]
    assert all(p.message.startswith("is missing; allowed: ") for p in problems)
