from pathlib import Path

import pytest
from typer.testing import CliRunner

from localcloud import cli


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a checkout's local clouds keep."""
    monkeypatch.setattr(cli, "ROOT", tmp_path)
    kept = tmp_path / ".local" / "bin"
    kept.mkdir(parents=True)
    return kept.parent


def test_clean_asks_and_a_no_is_no_failure(local: Path) -> None:
    done = CliRunner().invoke(cli.app, ["clean"], input="n\n")
    assert (done.exit_code, local.exists()) == (0, True)


def test_clean_removes_everything(local: Path) -> None:
    done = CliRunner().invoke(cli.app, ["clean", "--yes"])
    assert (done.exit_code, local.exists()) == (0, False)
    assert CliRunner().invoke(cli.app, ["clean"]).exit_code == 0
