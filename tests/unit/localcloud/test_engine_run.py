"""What Ctrl-C and a lock do to a run of the engine. The engine here is a script that takes a second to end."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from localcloud.engine_run import LOCKS, refuse_locked
from localcloud.errors import LocalCloudError
from localcloud.paths import ROOT

ENGINE = """\
import pathlib, signal, sys, time
def cancel(*_):
    time.sleep(1)
    pathlib.Path("ended").touch()
    sys.exit(255)
signal.signal(signal.SIGINT, cancel)
pathlib.Path("begun").touch()
time.sleep(30)
"""

CALLER = """\
import sys
from pathlib import Path
from localcloud.engine_run import run
print(run([sys.executable, "engine.py"], folder=Path.cwd(), environment={}, capture=False))
"""


def await_file(file: Path) -> None:
    deadline = time.monotonic() + 20
    while not file.exists():
        assert time.monotonic() < deadline, f"no {file.name}"
        time.sleep(0.05)


def test_ctrl_c_lets_the_engine_end_what_it_has_begun(tmp_path: Path) -> None:
    (tmp_path / "engine.py").write_text(ENGINE)
    caller = subprocess.Popen(
        [sys.executable, "-c", CALLER],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    await_file(tmp_path / "begun")
    # As a terminal does it: to the whole group.
    os.killpg(caller.pid, signal.SIGINT)
    said, warned = caller.communicate(timeout=20)
    assert (tmp_path / "ended").exists()
    assert said == "Done(code=255, output='', interrupted=True)\n"
    assert "the engine ends what it has begun" in warned


def lock(backend: Path, pid: int) -> None:
    content = {"pid": pid, "username": "ann", "hostname": "laptop", "timestamp": "2026-11-24T22:33:40Z"}
    folder = backend / LOCKS / "intendly" / "staging"
    folder.mkdir(parents=True)
    (folder / "5b1f.json").write_text(json.dumps(content))


def test_a_lock_whose_engine_is_gone_names_the_command_that_heals(tmp_path: Path) -> None:
    lock(tmp_path, os.getpid())  # some other process has this id by now
    with pytest.raises(
        LocalCloudError, match=r"locked by ann@laptop, process \d+ .*, which is gone"
    ) as refused:
        refuse_locked(tmp_path, "staging")
    assert "intendly heal --stack staging" in refused.value.hint


def test_a_lock_whose_engine_runs_is_waited_for(tmp_path: Path) -> None:
    program = tmp_path / "pulumi"
    program.symlink_to("/bin/sleep")
    with subprocess.Popen([str(program), "30"]) as engine:
        lock(tmp_path, engine.pid)
        try:
            with pytest.raises(LocalCloudError, match="which runs") as refused:
                refuse_locked(tmp_path, "staging")
        finally:
            engine.kill()
    assert refused.value.hint == "wait until it has ended"


def test_another_stacks_lock_is_no_matter(tmp_path: Path) -> None:
    lock(tmp_path, os.getpid())
    refuse_locked(tmp_path, "production")


def test_a_lock_that_was_never_written_out_is_of_a_process_that_is_gone(tmp_path: Path) -> None:
    lock(tmp_path, 1)
    [file] = tmp_path.rglob("5b1f.json")
    file.write_text("")
    with pytest.raises(LocalCloudError, match="which is gone"):
        refuse_locked(tmp_path, "staging")
