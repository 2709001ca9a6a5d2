"""The applications' plain configuration."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.settings import SettingsError
from infra.settings.environment_file import PROGRAM_KEYS, load_environment_file
from tests.unit.settings.trees import ROOT


def written(folder: Path, text: str) -> Path:
    path = folder / "backend.test.env"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("environment", ["production", "staging"])
def test_the_tracked_files_are_good(environment: str) -> None:
    values = load_environment_file(ROOT / "infra" / "config" / f"backend.{environment}.env")

    assert values["LOG_LEVEL"] in {"info", "debug"}
    assert not PROGRAM_KEYS & set(values)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=yes", "yes"), ("A=0123", "0123"), ("A=1e3", "1e3"), ("A=null", "null"), ("A=", ""), ("A=a b", "a b"), ("A=a#b", "a#b"),
        ("A=a # note", "a"), ("A='a # b'", "a # b"), ('A="a \\"b\\""', 'a "b"'), ("A=$HOME", "$HOME"), ("A=${HOME}", "${HOME}"),
        ("A='${HOME}'", "${HOME}"), ("A=1.10", "1.10"), ("export A=x", "x"), ("A=x\r", "x"), ("A=é", "é"),
    ],
)  # fmt: skip
def test_a_value_comes_out_as_it_stands(tmp_path: Path, line: str, value: str) -> None:
    assert load_environment_file(written(tmp_path, f"# first\n\n{line}\n")) == {"A": value}


@settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.dictionaries(st.sampled_from("ABCDEFG"), st.text('abc01-_.:/,$ {}"#eé', max_size=8)))
def test_quoted_values_survive_the_round_trip(tmp_path: Path, values: dict[str, str]) -> None:
    text = "".join(f"{name}='{value}'\n" for name, value in values.items())

    assert load_environment_file(written(tmp_path, text)) == values


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("DATABASE_PASSWORD=x", "DATABASE_PASSWORD: it names a secret"),
        ("API_KEY=x", "API_KEY: it names a secret"),
        ("SLACK_WEBHOOK_URL=x", "SLACK_WEBHOOK_URL: it names a secret"),
        ("JWT_SECRET=x", "JWT_SECRET: it names a secret"),
        ("SESSION_TOKEN=x", "SESSION_TOKEN: it names a secret"),
        ("DATABASE_ANYTHING=x", "DATABASE_ANYTHING: the program sets it"),
        ("UPSTREAM=https://user:pw@host/x", "UPSTREAM: its value looks like a secret"),
        ("UPSTREAM=a1b2c3d4e5f6a7b8", "UPSTREAM: its value looks like a secret"),
        ("FIRST=2", "FIRST: it is there twice"),
        ("lower=x", "lower: a name is capitals"),
        ("A-B=x", "A-B: a name is capitals"),
        ("JUST_A_NAME", "the line is no NAME=value"),
        ("A='open", "the line is no NAME=value"),
        ('A="two\nlines"', "A: its value holds a control character"),
        *((f"{key}=x", f"{key}: the program sets it") for key in sorted(PROGRAM_KEYS)),
    ],
)
def test_a_bad_line_is_refused_by_name_and_line_and_never_by_value(
    tmp_path: Path, line: str, message: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        load_environment_file(written(tmp_path, f"# note\nFIRST=1\n\n# note\n{line}\n"))

    [problem] = caught.value.problems
    assert problem.message.startswith(message)
    assert problem.line == 5
    assert str(caught.value).startswith("backend.test.env: 1 problem\n")
    assert "a1b2c3d4e5f6a7b8" not in str(caught.value)
    assert "pw@" not in str(caught.value)


def test_all_bad_lines_are_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load_environment_file(written(tmp_path, "a=1\nB=2\nB=3\nRPC_URL=x\n"))

    assert [problem.line for problem in caught.value.problems] == [1, 3, 4]


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no such file"):
        load_environment_file(tmp_path / "backend.none.env")
