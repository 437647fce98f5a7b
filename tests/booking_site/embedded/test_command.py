import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.booking_site.embedded.stacks import (
    REPOSITORY,
    Stack,
    embedded,
    environment,
    eventually,
    is_alive,
    query,
)

DESCRIBE = """
import json, os, pathlib
data = pathlib.Path(os.environ["DATA_DIR"])
pids = [
    int(path.read_text().split()[0])
    for path in (data / "postgres" / "postmaster.pid", data / "valkey" / "valkey.pid")
    if path.exists()
]
names = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DATA_DIR")
print(json.dumps({"pids": pids} | {name: os.environ[name] for name in names}), flush=True)
"""
SQL = """
import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    rows = connection.execute({sql!r})
    print(rows.fetchall() if rows.description else "")
"""


def python(code: str) -> tuple[str, ...]:
    return ("--", sys.executable, "-c", code)


def test_fresh_servers_are_there_for_the_command_and_gone_afterwards() -> None:
    result = embedded("exec", "--ephemeral", *python(DESCRIBE + "raise SystemExit(7)"))

    assert (result.returncode, result.stderr) == (7, "")
    seen = json.loads(result.stdout)
    assert len(seen["pids"]) == 2
    assert not any(is_alive(pid) for pid in seen["pids"])
    assert not Path(seen["DATA_DIR"]).exists()
    assert len(seen["SECRET_KEY"]) >= 50


def test_the_fresh_database_knows_all_letters_and_trades_durability_for_speed() -> None:
    sql = "SELECT lower('ÄŁÉΩ'), upper('ß'), current_setting('fsync'), current_setting('port')"

    result = embedded("exec", "--ephemeral", *python(SQL.format(sql=sql)))

    assert result.stdout.startswith("[('äłéω', 'ß', 'off',"), result.stderr


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_is_left_when_it_is_stopped_from_outside(number: signal.Signals) -> None:
    command = [sys.executable, "-m", "booking_site.embedded", "exec", "--ephemeral"]
    with subprocess.Popen(
        [*command, *python(DESCRIBE + "import time; time.sleep(600)")],
        env=environment(),
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        seen = json.loads(process.stdout.readline())
        process.send_signal(number)

    assert process.returncode == (-number if number == signal.SIGKILL else 128 + number)
    eventually(lambda: not any(is_alive(pid) for pid in seen["pids"]))
    eventually(lambda: not Path(seen["DATA_DIR"]).exists())


def test_servers_that_the_environment_names_are_used(tmp_path: Path) -> None:
    urls = {"DATABASE_URL": "postgres://somewhere/db", "REDIS_URL": "redis://elsewhere/0"}

    for option in ([], ["--ephemeral"]):
        result = embedded("exec", *option, *python(DESCRIBE), DATA_DIR=str(tmp_path), **urls)
        seen = json.loads(result.stdout)
        assert seen["pids"] == []
        assert {name: seen[name] for name in urls} == urls


def test_only_the_server_that_is_not_named_is_started() -> None:
    url = "postgresql://somewhere/db"

    result = embedded("exec", "--ephemeral", *python(DESCRIBE), DATABASE_URL=url)

    seen = json.loads(result.stdout)
    assert len(seen["pids"]) == 1
    assert seen["DATABASE_URL"] == url
    assert seen["REDIS_URL"].startswith("redis://:")


@pytest.mark.parametrize("arguments", [("exec",), ("exec", "--ephemeral")])
@pytest.mark.parametrize("url", ["sqlite:///db.sqlite3", "mysql://localhost/db", "db.sqlite3"])
def test_other_databases_are_refused(url: str, arguments: tuple[str, ...], tmp_path: Path) -> None:
    result = embedded(
        *arguments, *python("print('ran')"), DATABASE_URL=url, DATA_DIR=str(tmp_path / "var")
    )

    assert result.returncode == 1
    assert result.stdout == ""
    assert "only PostgreSQL is supported" in result.stderr
    assert not (tmp_path / "var").exists()


def test_serve_refuses_other_databases_too(tmp_path: Path) -> None:
    result = embedded("serve", DATABASE_URL="sqlite:///x", DATA_DIR=str(tmp_path / "var"))

    assert result.returncode == 1
    assert "only PostgreSQL is supported" in result.stderr


def test_without_a_running_stack_the_servers_run_as_long_as_the_command(tmp_path: Path) -> None:
    variables = {"DATA_DIR": str(tmp_path / "var")}
    create = "CREATE TABLE kept AS SELECT 42 AS answer"

    first = embedded("exec", *python(SQL.format(sql=create) + DESCRIBE), **variables)
    second = embedded("exec", *python(SQL.format(sql="SELECT answer FROM kept")), **variables)

    seen = json.loads(first.stdout)
    assert len(seen["pids"]) == 2
    assert not any(is_alive(pid) for pid in seen["pids"])
    assert second.stdout == "[(42,)]\n"


def test_a_running_stack_is_joined_and_left_running(tmp_path: Path) -> None:
    with Stack(tmp_path / "var") as stack:
        result = embedded("exec", *python(DESCRIBE), DATA_DIR=str(stack.directory))

        seen = json.loads(result.stdout)
        assert seen["DATABASE_URL"] == stack.database_url
        assert seen["pids"] == [stack.postgres, stack.valkey]
        assert query(stack.database_url, "SELECT 1") == [(1,)]


def test_a_database_of_another_version_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("9.6\n")

    result = embedded("exec", "--", "true", DATA_DIR=str(tmp_path))

    assert result.returncode == 1
    assert "was made by PostgreSQL 9.6" in result.stderr


def test_an_interrupted_creation_of_the_database_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "postgres.draft").mkdir()
    (tmp_path / "postgres.draft" / "half").touch()

    result = embedded("exec", *python(SQL.format(sql="SELECT 1")), DATA_DIR=str(tmp_path))

    assert result.stdout == "[(1,)]\n", result.stderr


def test_a_lock_file_with_the_number_of_a_living_stranger_does_no_harm(tmp_path: Path) -> None:
    assert embedded("exec", "--", "true", DATA_DIR=str(tmp_path)).returncode == 0
    lock = tmp_path / "postgres" / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{tmp_path}/postgres\n")

    result = embedded("exec", *python(SQL.format(sql="SELECT 1")), DATA_DIR=str(tmp_path))

    assert result.stdout == "[(1,)]\n", result.stderr


def test_a_command_that_does_not_exist_is_named() -> None:
    urls = {"DATABASE_URL": "postgres://somewhere/db", "REDIS_URL": "redis://elsewhere/0"}

    result = embedded("exec", "--ephemeral", "--", "no-such-command", **urls)

    assert result.returncode == 1
    assert "Can't run no-such-command" in result.stderr


def test_arguments_that_look_like_options_reach_the_command() -> None:
    urls = {"DATABASE_URL": "postgres://somewhere/db", "REDIS_URL": "redis://elsewhere/0"}

    result = embedded("exec", "--ephemeral", "--", "echo", "--ephemeral", "--", "-x", **urls)

    assert result.stdout == "--ephemeral -- -x\n"
