import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import psycopg

from booking_site.embedded import pid_file
from booking_site.embedded.data_directory import DataDirectory, write_private
from booking_site.embedded.errors import EmbeddedError
from booking_site.embedded.identity import Identity, unprivileged
from booking_site.embedded.ports import LOOPBACK
from booking_site.embedded.postgres_programs import find_programs, major_version
from booking_site.embedded.processes import Program

# Fast shutdown, which disconnects clients; then immediate, which the next start repairs. The
# signal that most programs stop at, SIGTERM, would wait for all clients to leave.
STOP_SIGNALS = (signal.SIGINT, signal.SIGQUIT)
GRACE = 30.0  # seconds, for the checkpoint of a busy server

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


class PostgresCluster:
    """The PostgreSQL server of one data directory."""

    def __init__(self, data: DataDirectory, settings: Mapping[str, str]) -> None:
        self._data = data
        self._directory = data.postgres
        self._settings = settings
        self._programs = find_programs()
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
        theirs, ours = version_file.read_text().strip(), str(major_version(self._programs))
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
            stop_signals=STOP_SIGNALS,
            grace=GRACE,
            prepare=partial(
                pid_file.clear,
                self._directory / "postmaster.pid",
                self._directory,
                STOP_SIGNALS,
                GRACE,
            ),
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
        identity = unprivileged(self._data.root)
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
            if major_version(self._programs) >= 17
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
                f"PostgreSQL could not make its data directory as {identity.name}, who must be "
                f"able to enter {self._data.root}.\n{result.stdout}{result.stderr}"
            )


def _environment() -> dict[str, str]:
    # PGDATA, PGPORT and their like belong to some other server.
    foreign = {key for key in os.environ if key.startswith("PG")}
    return {key: os.environ[key] for key in os.environ.keys() - foreign} | {"LC_ALL": "C"}


def _hand_over(identity: Identity, *paths: Path) -> None:
    if identity.owner is not None:
        for path in paths:
            os.chown(path, *identity.owner)
