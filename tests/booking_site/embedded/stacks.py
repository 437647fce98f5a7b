"""Starts, watches and ends real stacks in processes of their own."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Self, TypeVar

import psycopg

from booking_site.embedded.registry import start_mark

REPOSITORY = Path(__file__).resolve().parents[3]
PRODUCT = Path(__file__).with_name("standin_product.py")
TIMEOUT = 60.0

T = TypeVar("T")


def environment(**variables: str) -> dict[str, str]:
    """Return this process's environment without what would name servers or a place."""
    ours = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DATA_DIR", "PORT", "HOST", "HTTPS"}
    kept = {key: value for key, value in os.environ.items() if key not in ours}
    return kept | {"PYTHONPATH": str(REPOSITORY)} | variables


def embedded(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m booking_site.embedded` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "booking_site.embedded", *arguments],
        env=environment(**variables),
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


def eventually(question: Callable[[], T], seconds: float = TIMEOUT) -> T:
    """Ask until the answer is true, and return it."""
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)
    return answer


def pid_in(file: Path) -> int:
    """Return the process number at the start of a file."""
    return int(file.read_text().split("\n", 1)[0])


def is_alive(pid: int) -> bool:
    return start_mark(pid) is not None


def query(url: str, sql: str) -> list[tuple[object, ...]]:
    """Run SQL of our own in a transaction of its own, and return the rows, if it gives any."""
    with psycopg.connect(url, connect_timeout=5) as connection:
        cursor = connection.execute(sql.encode())
        return cursor.fetchall() if cursor.description else []


def connects(url: str) -> bool:
    try:
        return query(url, "SELECT 1") == [(1,)]
    except psycopg.OperationalError:
        return False


class Stack:
    """A running `serve` with the stand-in product; whatever happens, none outlives its test.

    Args:
        directory: its DATA_DIR.
        up: wait until it says that the site is up.
        variables: of its environment.
    """

    def __init__(self, directory: Path, *, up: bool = True, **variables: str) -> None:
        self.directory = directory
        self.up = up
        self.variables = variables
        self.output = ""

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [sys.executable, str(PRODUCT)],
            env=environment(DATA_DIR=str(self.directory), **self.variables),
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # Like a command in a terminal: the leader of the group that Ctrl-C goes to.
            process_group=0,
        )
        if self.up:
            self._wait_until_up()
        return self

    def __exit__(self, *details: object) -> None:
        if self.process.poll() is None:
            self.stop()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def _wait_until_up(self) -> None:
        assert self.process.stdout is not None
        while "Press Ctrl-C" not in self.output:
            line = self.process.stdout.readline()
            assert line, f"it ended: {self.output}"
            self.output += line

    def wait_until_over(self) -> int:
        """Return the exit status; `output` is complete then."""
        self.output += self.process.communicate(timeout=TIMEOUT)[0]
        return self.process.returncode

    def stop(self) -> int:
        """Press Ctrl-C, which goes to the whole group, and return the exit status."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.wait_until_over()

    def kill(self) -> None:
        """End the supervisor, and only it, so that it can't clean up."""
        self.process.kill()
        self.process.wait()

    @property
    def services(self) -> dict[str, object]:
        services: dict[str, object] = json.loads((self.directory / "services.json").read_text())
        return services

    @property
    def url(self) -> str:
        return str(self.services["url"])

    @property
    def database_url(self) -> str:
        urls = self.services["urls"]
        assert isinstance(urls, dict)
        return str(urls["DATABASE_URL"])

    @property
    def postgres(self) -> int:
        return pid_in(self.directory / "postgres" / "postmaster.pid")

    @property
    def valkey(self) -> int:
        return pid_in(self.directory / "valkey" / "valkey.pid")

    @property
    def web(self) -> int:
        """The process that answers requests, or 0 while none does."""
        try:
            with urllib.request.urlopen(self.url, timeout=5) as answer:
                return int(answer.read())
        except OSError:
            return 0

    @property
    def processes(self) -> list[int]:
        """All that the supervisor has started."""
        return [
            entry["pid"] for entry in json.loads((self.directory / "processes.json").read_text())
        ]
