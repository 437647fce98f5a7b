"""A RabbitMQ of our own, which can be killed and comes back with what it had."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from kombu import Connection

from booking_site.embedded.ports import LOOPBACK, pick_free_port
from booking_site.embedded.processes import Program, spawn
from tests.booking_site.embedded.stacks import eventually

# Debian's package. The command in the PATH insists on being root or "rabbitmq".
PROGRAM = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")


class RabbitMQ:
    """One node that keeps its data in a directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port = pick_free_port()
        epmd_port = pick_free_port()
        epmd = shutil.which("epmd")
        assert epmd is not None
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(directory),
            "ERL_EPMD_PORT": str(epmd_port),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "RABBITMQ_NODENAME": f"faults{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": LOOPBACK,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(pick_free_port()),
            "RABBITMQ_MNESIA_BASE": str(directory / "data"),
            "RABBITMQ_LOG_BASE": str(directory / "log"),
            "RABBITMQ_CONFIG_FILE": str(directory / "none"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(directory / "plugins"),
            # One process, which is the node itself.
            "RUNNING_UNDER_SYSTEMD": "true",
        }
        self._log = directory / "node.log"
        self._epmd = spawn(Program("epmd", (epmd,), self._environment, directory, self._log))
        self.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self.kill()
        self._epmd.kill()
        self._epmd.wait()

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@{LOOPBACK}:{self.port}//"

    def start(self) -> None:
        """Start the node and wait until it takes connections."""
        self._node = spawn(
            Program("rabbitmq", (str(PROGRAM),), self._environment, self.directory, self._log)
        )
        eventually(self._answers)

    def kill(self) -> None:
        """Kill the node, as a power cut would."""
        os.killpg(self._node.pid, signal.SIGKILL)
        self._node.wait()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let the node say nothing for a while."""
        os.killpg(self._node.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self._node.pid, signal.SIGCONT)

    def connection(self) -> Any:
        return Connection(self.url, connect_timeout=2)

    def waiting_in(self, queue: str) -> int:
        """Return how many messages of a queue nobody has taken."""
        with self.connection() as connection:
            declared = connection.default_channel.queue_declare(queue, passive=True)
            return int(declared.message_count)

    def _answers(self) -> bool:
        assert self._node.poll() is None, self._log.read_text()
        try:
            with self.connection() as connection:
                connection.connect()
        except (OSError, ConnectionError):
            return False
        return True
