import json
import os
import signal
import socket
from pathlib import Path

import pytest

from booking_site.embedded.ports import LOOPBACK, pick_free_port
from tests.booking_site.embedded.stacks import Stack, connects, eventually, is_alive, query


def remember(stack: Stack) -> None:
    query(stack.database_url, "CREATE TABLE kept AS SELECT 42 AS answer")


def remembers(stack: Stack) -> bool:
    return query(stack.database_url, "SELECT answer FROM kept") == [(42,)]


def test_the_product_runs_until_ctrl_c_and_is_told_where_everything_is(tmp_path: Path) -> None:
    port = pick_free_port()
    with Stack(tmp_path / "var", PORT=str(port)) as stack:
        processes = stack.processes
        told = dict(
            line.split("=", 1) for line in (stack.directory / "step").read_text().splitlines()
        )
        assert stack.web in processes
        assert len(processes) == 4
        assert stack.url == f"http://127.0.0.1:{port}/"
        assert query(told["DATABASE_URL"], "SHOW fsync") == [("on",)]
        assert told["REDIS_URL"].startswith("redis://:")
        assert len(told["SECRET_KEY"]) >= 50
        assert (told["DATA_DIR"], told["HOST"], told["PORT"], told["HTTPS"]) == (
            str(stack.directory),
            "127.0.0.1",
            str(port),
            "off",
        )
        assert told["PUBLIC_URL"] == f"http://127.0.0.1:{port}"
        assert stack.stop() == 0

    assert not any(is_alive(pid) for pid in processes)
    assert f"http://127.0.0.1:{port}/api/v1/docs/" in stack.output
    assert f"Mails          {stack.directory / 'mail'}" in stack.output
    assert "guest: guest@example.com / a-password" in stack.output
    assert stack.output.endswith("Stopping ...\nStopped.\n")
    assert not (stack.directory / "services.json").exists()
    assert json.loads((stack.directory / "processes.json").read_text()) == []


def test_data_ports_and_secrets_are_kept_between_runs(tmp_path: Path) -> None:
    with Stack(tmp_path / "var") as first:
        url = first.database_url
        remember(first)
        first.process.send_signal(signal.SIGTERM)
        assert first.wait_until_over() == 0

    with Stack(tmp_path / "var") as second:
        assert second.database_url == url
        assert remembers(second)
        assert "was killed" not in second.output


def test_a_second_run_is_refused_and_told_where_the_first_is(tmp_path: Path) -> None:
    with Stack(tmp_path / "var") as first:
        with Stack(tmp_path / "var", up=False) as second:
            assert second.wait_until_over() == 1

        assert f"already running at {first.url} (process {first.process.pid})" in second.output
        assert first.web


def test_a_killed_postgresql_comes_back_with_what_was_committed(tmp_path: Path) -> None:
    with Stack(tmp_path / "var") as stack:
        remember(stack)
        killed = stack.postgres
        os.kill(killed, signal.SIGKILL)

        eventually(lambda: connects(stack.database_url))
        assert stack.postgres != killed
        assert remembers(stack)
        assert stack.stop() == 0
    assert "postgres was killed by signal 9; starting it again." in stack.output


def test_a_killed_valkey_and_a_killed_web_server_come_back(tmp_path: Path) -> None:
    with Stack(tmp_path / "var") as stack:
        valkey, web = stack.valkey, stack.web
        os.kill(valkey, signal.SIGKILL)
        os.kill(web, signal.SIGKILL)

        eventually(lambda: stack.valkey != valkey and is_alive(stack.valkey))
        eventually(lambda: stack.web not in {0, web})
        assert stack.stop() == 0
    assert "valkey was killed by signal 9" in stack.output
    assert "web was killed by signal 9" in stack.output


@pytest.mark.parametrize("registry_lost", [False, True])
def test_the_next_run_recovers_from_a_killed_supervisor(
    tmp_path: Path, registry_lost: bool
) -> None:
    with Stack(tmp_path / "var") as first:
        remember(first)
        orphans = [first.postgres, first.valkey]
        # Suspended, they outlive the supervisor even where the kernel would end them with it.
        for pid in orphans:
            os.kill(pid, signal.SIGSTOP)
        first.kill()
    assert all(is_alive(pid) for pid in orphans)
    if registry_lost:
        (first.directory / "processes.json").unlink()

    with Stack(tmp_path / "var") as second:
        assert not any(is_alive(pid) for pid in orphans)
        assert remembers(second)
        assert second.web
        assert second.stop() == 0


def test_nothing_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    with Stack(tmp_path / "var") as stack:
        processes = stack.processes
        stack.kill()
        eventually(lambda: not any(is_alive(pid) for pid in processes))


def test_a_taken_port_is_refused_before_anything_is_started(tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, pick_free_port())) as server:
        port = server.getsockname()[1]
        with Stack(tmp_path / "var", PORT=str(port), up=False) as stack:
            assert stack.wait_until_over() == 1

    assert f"Port {port} on 127.0.0.1 is taken" in stack.output
    assert not (stack.directory / "postgres").exists()


def test_a_failing_step_shows_its_output_and_stops_everything(tmp_path: Path) -> None:
    step = "print('what went wrong'); raise SystemExit(3)"
    with Stack(tmp_path / "var", STEP=step, up=False) as stack:
        assert stack.wait_until_over() == 1

    assert "failed with status 3.\nwhat went wrong" in stack.output
    assert json.loads((stack.directory / "processes.json").read_text()) == []


def test_ctrl_c_during_a_step_ends_it(tmp_path: Path) -> None:
    step = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
    with Stack(tmp_path / "var", STEP=step, up=False) as stack:
        log = stack.directory / "log" / "steps.log"
        eventually(lambda: log.exists() and log.read_text().strip())
        pid = int(log.read_text())
        assert stack.stop() == 0
    assert not is_alive(pid)


def test_given_servers_are_used_and_left_alone(tmp_path: Path) -> None:
    with Stack(tmp_path / "own") as owner:
        urls = owner.services["urls"]
        assert isinstance(urls, dict)
        with Stack(tmp_path / "guest", **urls) as stack:
            assert stack.database_url == owner.database_url
            assert len(stack.processes) == 2
            assert stack.stop() == 0
        assert not (stack.directory / "postgres").exists()
        assert connects(owner.database_url)
