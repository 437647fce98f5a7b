import fcntl
import json
import os
import secrets
from pathlib import Path
from typing import Any, TextIO

from booking_site.embedded.errors import EmbeddedError

REPOSITORY = Path(__file__).resolve().parents[2]
LARGEST_LOG = 5_000_000  # bytes


class DataDirectory:
    """Where one stack keeps everything it has to remember: the databases, secrets, logs, locks."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.postgres = self.root / "postgres"
        self.valkey = self.root / "valkey"
        self.secrets = self.root / "secrets"
        self.log = self.root / "log"
        self.mails = self.root / "mail"
        self.ports = self.root / "ports.json"
        self.processes = self.root / "processes.json"
        self.services = self.root / "services.json"
        self.demo_logins = self.root / "demo_logins.json"
        self._lock_path = self.root / "lock"
        self._lock: TextIO | None = None

    def create(self) -> None:
        """Make the directory and those inside it that hold files of this package."""
        for directory in (self.root, self.log):
            directory.mkdir(parents=True, exist_ok=True)
        self.secrets.mkdir(mode=0o700, exist_ok=True)

    def acquire(self) -> bool:
        """Take the directory for this process until it ends, and tell whether that worked.

        The lock is the kernel's, so it vanishes with its holder, however that one died.
        """
        lock = self._lock_path.open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        self._lock = lock
        self.withdraw()  # what a killed holder has left
        return True

    def release(self) -> None:
        """Let other processes take the directory."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def secret(self, name: str) -> str:
        """Return the secret of this name, made of 48 random bytes at its first use.

        The file is readable for its owner only.
        """
        path = self.secrets / name
        if not path.exists():
            draft = self.secrets / f".{name}.{os.getpid()}"
            write_private(draft, secrets.token_urlsafe(48))
            try:
                # A link, not a rename: when two processes are at it, both use the first one's.
                path.hardlink_to(draft)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text()

    def log_file(self, name: str) -> Path:
        """Return the path of a log; one that has grown too large is first moved aside."""
        path = self.log / f"{name}.log"
        if path.exists() and path.stat().st_size > LARGEST_LOG:
            path.replace(path.with_suffix(".log.1"))
        return path

    def publish(self, services: dict[str, Any]) -> None:
        """Tell other processes about the running servers.

        The file holds passwords, so only its owner may read it.
        """
        draft = self.services.with_suffix(".draft")
        write_private(draft, json.dumps(services, indent=2))
        draft.replace(self.services)

    def published(self) -> dict[str, Any] | None:
        """Return what the running stack has published, or None if there is nothing yet."""
        try:
            services = json.loads(self.services.read_text())
        except (FileNotFoundError, ValueError):
            return None
        return services if isinstance(services, dict) else None

    def withdraw(self) -> None:
        """Take back what was published."""
        self.services.unlink(missing_ok=True)


def write_private(path: Path, text: str) -> None:
    """Write a file that nobody but its owner can read, at no moment."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)


def data_directory(configured: str | None) -> DataDirectory:
    """Return the data directory that DATA_DIR names, by default `var` in the repository.

    Raises:
        EmbeddedError: there is a file in its place.
    """
    root = Path(configured).expanduser() if configured else REPOSITORY / "var"
    if root.exists() and not root.is_dir():
        raise EmbeddedError(f"DATA_DIR={root} is a file. Name a directory.")
    return DataDirectory(root)
