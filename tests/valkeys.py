"""Valkey servers of a test's own, to be stopped, hung and killed."""

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Self

from redis import Redis
from redis.exceptions import RedisError

from booking_site.embedded.ports import LOOPBACK, pick_free_port
from booking_site.embedded.valkey import find_binary

TIMEOUT = 20.0


class PrivateValkey:
    """A running Valkey that keeps nothing on disk; it ends with the `with` block.

    Args:
        directory: where its log goes.
    """

    def __init__(self, directory: Path) -> None:
        self._log = directory / "valkey.log"
        self.port = pick_free_port()
        self.url = f"redis://{LOOPBACK}:{self.port}/0"

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = {"bind": LOOPBACK, "port": self.port, "save": "", "logfile": self._log}
        argv = [text for name, value in options.items() for text in (f"--{name}", str(value))]
        self._process = subprocess.Popen([find_binary(), *argv])
        deadline = time.monotonic() + TIMEOUT
        with Redis.from_url(self.url) as client:
            while True:
                try:
                    client.ping()
                    return
                except RedisError:
                    assert time.monotonic() < deadline, self._log.read_text()
                    time.sleep(0.02)

    def hang(self) -> None:
        """Let it keep its connections and answer no more."""
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """End `hang`."""
        os.kill(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        """End it at once, with all that it knew."""
        self._process.kill()
        self._process.wait()

    def restart(self) -> None:
        """Kill it and start it empty on the same port."""
        self.kill()
        self.start()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *details: object) -> None:
        self.kill()
