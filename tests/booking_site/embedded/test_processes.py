import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from booking_site.embedded import pid_file
from booking_site.embedded.processes import Program, spawn, stop
from booking_site.embedded.registry import Registry, start_mark, stop_stranger
from tests.booking_site.embedded.stacks import eventually, is_alive

STUBBORN = "trap '' TERM; echo ready; while :; do sleep 0.1; done"


def program(*argv: str, grace: float = 10.0) -> Program:
    return Program("p", argv, dict(os.environ), Path.cwd(), grace=grace)


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as process:
        yield process
        process.kill()


def test_a_process_that_ignores_the_gentle_signal_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    stubborn = Program("p", ("sh", "-c", STUBBORN), dict(os.environ), tmp_path, log=log, grace=0.2)
    process = spawn(stubborn)
    eventually(lambda: log.read_text() == "ready\n")

    stop(process, stubborn)

    assert process.returncode == -signal.SIGKILL


def test_impatience_cuts_the_grace_short(tmp_path: Path) -> None:
    log = tmp_path / "log"
    stubborn = Program(
        "p", ("sh", "-c", STUBBORN), dict(os.environ), tmp_path, log=log, grace=600.0
    )
    process = spawn(stubborn)
    eventually(lambda: log.read_text() == "ready\n")

    stop(process, stubborn, impatient=lambda: True)

    assert process.returncode == -signal.SIGKILL


def test_stopping_a_process_takes_the_rest_of_its_group_along(tmp_path: Path) -> None:
    parent = program("sh", "-c", f"sleep 600 & echo $! > {tmp_path}/child; wait")
    process = spawn(parent)
    child = int(eventually(lambda: (tmp_path / "child").exists() and _text(tmp_path / "child")))

    stop(process, parent)

    eventually(lambda: not is_alive(child))


def test_a_suspended_process_is_stopped_too() -> None:
    suspended = program("sleep", "600")
    process = spawn(suspended)
    process.send_signal(signal.SIGSTOP)

    stop(process, suspended)

    assert process.returncode == -signal.SIGTERM


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_a_program_ends_when_its_starter_is_killed() -> None:
    code = (
        "import os, pathlib, time\n"
        "from booking_site.embedded.processes import Program, spawn\n"
        "p = spawn(Program('p', ('sleep', '600'), dict(os.environ), pathlib.Path.cwd()))\n"
        "print(p.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as starter:
        assert starter.stdout is not None
        child = int(starter.stdout.readline())
        assert is_alive(child)
        starter.kill()

    eventually(lambda: not is_alive(child))


def test_the_registry_stops_what_a_killed_supervisor_has_left(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    Registry(tmp_path / "processes.json").add(program("sleep"), sleeper.pid)

    assert Registry(tmp_path / "processes.json").stop_leftovers()
    assert sleeper.wait(10) == -signal.SIGTERM
    assert not Registry(tmp_path / "processes.json").stop_leftovers()


def test_a_stranger_with_the_number_of_a_former_process_is_left_alone(
    sleeper: subprocess.Popen[bytes],
) -> None:
    stop_stranger(sleeper.pid, "another start", [signal.SIGTERM], 0.1)

    assert sleeper.poll() is None


def test_a_process_that_has_ended_has_no_start() -> None:
    with subprocess.Popen(["true"]) as process:
        # Not waited for yet, so a zombie.
        eventually(lambda: start_mark(process.pid) is None)
    assert start_mark(process.pid) is None
    assert start_mark(os.getpid()) is not None


def test_a_server_found_by_its_pid_file_is_stopped(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "600"], cwd=tmp_path, start_new_session=True) as server:
        file = tmp_path / "server.pid"
        file.write_text(f"{server.pid}\n/some/where\n")

        pid_file.clear(file, tmp_path, [signal.SIGTERM], 10.0)

        assert server.wait(10) == -signal.SIGTERM


def test_a_pid_file_with_the_number_of_a_stranger_is_removed(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    file = tmp_path / "server.pid"
    file.write_text(f"{sleeper.pid}\n")

    pid_file.clear(file, tmp_path, [signal.SIGTERM], 10.0)

    assert not file.exists()
    assert sleeper.poll() is None


def _text(path: Path) -> str:
    return path.read_text().strip()
