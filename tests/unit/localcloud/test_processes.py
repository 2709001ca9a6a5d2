import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import psutil
import pytest

from localcloud.errors import LocalCloudError
from localcloud.paths import Paths, locked, read_json, write
from localcloud.processes import CLOCK_STEP_S, Service, Supervisor, find

SLEEP = "import time; print('up', flush=True); time.sleep(60)"


@pytest.fixture
def supervisor(tmp_path: Path) -> Generator[Supervisor]:
    supervisor = Supervisor(Paths(tmp_path, "staging"))
    yield supervisor
    supervisor.stop_all()


def python(code: str, supervisor: Supervisor, **environment: str) -> Service:
    log = supervisor.log("sleeper")
    return Service(
        name="sleeper",
        command=[sys.executable, "-c", code],
        ready=lambda: log.exists() and "up" in log.read_text(),
        environment=environment,
        deadline_s=10,
    )


def pid(supervisor: Supervisor) -> int:
    process = supervisor.running("sleeper")
    assert process is not None
    return process.pid


def test_a_running_service_is_left_alone(supervisor: Supervisor) -> None:
    service = python(SLEEP, supervisor)
    assert supervisor.ensure(service)
    first = pid(supervisor)
    assert not supervisor.ensure(service)
    assert pid(supervisor) == first


def test_a_killed_service_is_started_again(supervisor: Supervisor) -> None:
    service = python(SLEEP, supervisor)
    supervisor.ensure(service)
    first = pid(supervisor)
    os.kill(first, signal.SIGKILL)
    while supervisor.running("sleeper"):
        time.sleep(0.01)
    assert supervisor.ensure(service)
    assert pid(supervisor) != first


def test_a_changed_service_is_restarted(supervisor: Supervisor) -> None:
    supervisor.ensure(python(SLEEP, supervisor))
    first = pid(supervisor)
    assert supervisor.ensure(python(SLEEP, supervisor, PORT="2"))
    assert pid(supervisor) != first
    assert not psutil.pid_exists(first) or psutil.Process(first).status() == psutil.STATUS_ZOMBIE


def test_a_failure_shows_the_end_of_the_log_and_leaves_nothing(supervisor: Supervisor) -> None:
    with pytest.raises(LocalCloudError, match=r"(?s)sleeper ended with code 3.*no such thing"):
        supervisor.ensure(python("print('no such thing', flush=True); raise SystemExit(3)", supervisor))
    assert supervisor.recorded() == []


def test_a_service_that_is_never_ready_is_ended(supervisor: Supervisor) -> None:
    code = "import time; time.sleep(60)"
    service = Service(
        name="sleeper", command=[sys.executable, "-c", code], ready=lambda: False, deadline_s=0.3
    )
    with pytest.raises(LocalCloudError, match="was not ready after"):
        supervisor.ensure(service)
    assert supervisor.marked() == []


def test_a_recycled_pid_is_never_killed(supervisor: Supervisor, tmp_path: Path) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        supervisor.ensure(python(SLEEP, supervisor))
        file = tmp_path / ".local" / "staging" / "run" / "sleeper.json"
        ours = read_json(file)
        os.kill(ours["pid"], signal.SIGKILL)
        created = psutil.Process(stranger.pid).create_time() - 10 * CLOCK_STEP_S
        write(file, str({**ours, "pid": stranger.pid, "created": created}).replace("'", '"'))
        assert supervisor.running("sleeper") is None
        supervisor.stop_all()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_what_a_lost_record_would_leave_behind_is_ended_too(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.ensure(python(SLEEP, supervisor))
    left = pid(supervisor)
    (tmp_path / ".local" / "staging" / "run" / "sleeper.json").unlink()
    supervisor.stop_all()
    assert find(left, psutil.Process().create_time()) is None
    assert supervisor.marked() == []


def test_children_end_with_their_parent(supervisor: Supervisor) -> None:
    code = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEP!r}]).wait()"
    supervisor.ensure(python(code, supervisor))
    [child] = psutil.Process(pid(supervisor)).children()
    supervisor.stop_all()
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_a_second_command_is_told_to_wait(tmp_path: Path) -> None:
    lock = tmp_path / "x.lock"
    with (
        locked(lock, "building"),
        pytest.raises(LocalCloudError, match="another command is building"),
        locked(lock, "building"),
    ):
        pass
    with locked(lock, "building"):
        pass
