from pathlib import Path
from unittest.mock import patch

import pytest
from pulumi_kubernetes import _utilities

from localcloud import builder
from localcloud.builder import TOOLS_IN_ORDER, Builder, installed, minutes, require_go
from localcloud.errors import LocalCloudError
from localcloud.paths import TOOLS, Paths


def tool(name: str) -> builder.Tool:
    [found] = [tool for tool in TOOLS_IN_ORDER if tool.name == name]
    return found


def test_programs_tell_their_pinned_version() -> None:
    assert "gitVersion=v1.36." in tool("kube-apiserver").linker_flags
    assert "gitMinor=36" in tool("kubectl").linker_flags
    assert "version.Version=v3." in tool("pulumi").linker_flags
    assert tool("etcd").linker_flags == "-s -w"


def test_a_changed_pin_is_built_again(tmp_path: Path) -> None:
    paths = Paths(tmp_path, "staging")
    for each in TOOLS_IN_ORDER:
        program = paths.program(each.name)
        program.parent.mkdir(parents=True, exist_ok=True)
        program.touch()
        (paths.bin / ".keys").mkdir(exist_ok=True)
        (paths.bin / ".keys" / each.name).write_text(each.key)
    subject = Builder(paths, print)
    assert subject.missing() == []
    (paths.bin / ".keys" / "etcd").write_text("another pin")
    paths.program("kwok").unlink()
    assert [each.name for each in subject.missing()] == ["etcd", "kwok"]


def test_the_provider_says_the_version_that_the_sdk_asks_for() -> None:
    main = (TOOLS / "pulumi-resource-kubernetes" / "main.go").read_text()
    assert f'"{_utilities.get_version()}"' in main


@pytest.mark.parametrize(("told", "used"), [("v3.274.1", True), ("v3.200.0", False)])
def test_the_machines_own_engine_is_used_only_at_the_pinned_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str, *, used: bool
) -> None:
    engine = tmp_path / "pulumi"
    engine.write_text(f"#!/bin/sh\necho {told}\n")
    engine.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (installed("pulumi", tmp_path / "ours") == engine) is used
    assert installed("pulumi", tmp_path) is None
    assert installed("etcd", tmp_path / "ours") is None


def test_a_missing_go_is_said_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LocalCloudError, match=r"(?s)Go 1\.26\..* is needed .*go\.dev/dl"):
        require_go()


@pytest.mark.parametrize(("told", "fits"), [("go1.25.9", False), ("go1.26.8", True), ("go1.27", True)])
def test_an_old_go_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, told: str, *, fits: bool
) -> None:
    go = tmp_path / "go"
    go.write_text(f"#!/bin/sh\necho {told}\n")
    go.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    if fits:
        require_go()
    else:
        with pytest.raises(LocalCloudError, match=told):
            require_go()


def test_a_failed_build_shows_the_compilers_words_and_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = tmp_path / "go"
    go.write_text(
        '#!/bin/sh\n[ "$1" = env ] && echo go1.99.0 && exit\necho "x.go:1: undefined: y" >&2\nexit 1\n'
    )
    go.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    paths = Paths(tmp_path, "staging")
    said: list[str] = []
    with (
        patch.object(builder, "SPACE_GIB", 0),
        pytest.raises(LocalCloudError, match=r"(?s)building pulumi failed.*undefined: y.*build-pulumi\.log"),
    ):
        Builder(paths, said.append).build()
    assert said == ["building 1/9 pulumi; about 14 min for this and the rest"]
    assert not paths.program("pulumi").exists()


def test_durations_are_read_easily() -> None:
    assert (minutes(45), minutes(200)) == ("45 s", "3 min")
