import fcntl
import json
import os
import random
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from booking_site.embedded.errors import EmbeddedError

LOOPBACK = "127.0.0.1"

# The kernel hands out ports from 32768 up to outgoing connections. One of those could sit on the
# port of a server that is just being restarted.
FIRST_PORT = 10_000
LAST_PORT = 32_767


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Tell whether a server could listen on this port now.

    It binds instead of connecting: a connection to a free port may, within the kernel's own range,
    connect to itself and so occupy the very port it asks about.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # Connections of a server that has just stopped linger for a minute and don't hinder.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def wait_until_free(port: int, host: str = LOOPBACK, seconds: float = 3.0) -> bool:
    """Wait up to `seconds` for the port to become free, and tell whether it has."""
    deadline = time.monotonic() + seconds
    while not is_free(port, host):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def pick_free_port() -> int:
    """Return a random free port below the kernel's own range.

    Raises:
        EmbeddedError: a thousand random ports were all taken.
    """
    for _ in range(1000):
        port = random.randint(FIRST_PORT, LAST_PORT)  # noqa: S311 (a port is no secret)
        if is_free(port):
            return port
    raise EmbeddedError(f"No free port found between {FIRST_PORT} and {LAST_PORT}.")


@contextmanager
def web_port(wanted: str | None, host: str, default: int = 8000) -> Iterator[int]:
    """Yield the port of the site: the wanted one, or else the first free one from `default` on.

    No other run of the product gets this port until the block is left.

    Raises:
        EmbeddedError: the wanted port is taken or is no port number.
    """
    with ExitStack() as reservation:
        yield _reserve(wanted, host, default, reservation)


def _reserve(wanted: str | None, host: str, default: int, reservation: ExitStack) -> int:
    if wanted is None:
        for port in range(default, default + 100):
            if _is_ours(port, host, reservation):
                return port
        raise EmbeddedError(f"The ports {default} to {default + 99} are all taken. Set PORT.")
    if not wanted.isascii() or not wanted.isdigit() or not 0 < int(wanted) < 65_536:
        raise EmbeddedError(f"PORT={wanted} is not a port number from 1 to 65535.")
    if not _is_ours(int(wanted), host, reservation):
        raise EmbeddedError(
            f"Port {wanted} on {host} is taken or may not be used by this account. "
            f"Choose another PORT, or leave PORT out to take the next free one."
        )
    return int(wanted)


def _is_ours(port: int, host: str, reservation: ExitStack) -> bool:
    """Reserve the port if it is free, and tell whether it is now ours.

    Between the choice of the site's port and the moment when its server listens there, migrations
    run: long enough for a second run, which finds the port free, to choose it too. A lock on a file
    named after the port tells the two apart, and ends with the process.
    """
    file = Path(tempfile.gettempdir()) / f"booking-site-{os.getuid()}-port-{port}.lock"
    with ExitStack() as attempt:
        lock = attempt.enter_context(file.open("w"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        if not is_free(port, host):
            return False
        reservation.push(attempt.pop_all())
    return True


class RememberedPorts:
    """The ports that the servers of a data directory had last time.

    A port that stays the same spares the user from editing the settings of a database client.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def choose(self, name: str, *, avoid: int | None = None) -> int:
        """Return the remembered port of `name` if it is free, else a new one, and remember it.

        Args:
            name: which server.
            avoid: a port not to take although it looks free.
        """
        ports = self._read()
        port = ports.get(name)
        if port is None or port == avoid or not is_free(port):
            port = pick_free_port()
            self._path.write_text(json.dumps({**ports, name: port}))
        return port

    def _read(self) -> dict[str, int]:
        try:
            ports = json.loads(self._path.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        if not isinstance(ports, dict):
            return {}
        return {name: port for name, port in ports.items() if isinstance(port, int)}
