import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from booking_site.embedded.console import say
from booking_site.embedded.data_directory import REPOSITORY, DataDirectory
from booking_site.embedded.errors import EmbeddedError, StopRequestedError
from booking_site.embedded.processes import Program, spawn
from booking_site.embedded.registry import Registry
from booking_site.embedded.signals import SignalInbox
from booking_site.embedded.stack import given_urls, start_servers
from booking_site.embedded.supervisor import Supervisor

START_TIMEOUT = 60.0  # seconds to wait for another process that is starting the servers


def execute(argv: Sequence[str], data: DataDirectory, environment: Mapping[str, str]) -> int:
    """Run a command with servers at hand, and return its exit status.

    It uses the servers that the environment names, or else those of the running stack, or else
    starts them for as long as the command runs.

    Raises:
        EmbeddedError: there are no servers to be had, or the command does not exist.
    """
    given = given_urls(environment)
    data.create()
    if len(given) == 2:
        return _become(argv, data, environment, given)
    if not data.acquire():
        return _become(argv, data, environment, _attach(data) | given)
    try:
        return _run_with_servers(argv, data, environment, given, throwaway=False)
    finally:
        data.release()


def execute_ephemerally(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a command with fresh servers that are deleted afterwards, and return its exit status.

    Servers that the environment names are used as they are.

    Raises:
        EmbeddedError: the servers can't be started, or the command does not exist.
    """
    given = given_urls(environment)
    directory = Path(tempfile.mkdtemp(prefix="booking-site-"))
    # Another account must reach its folder inside, when root has to run PostgreSQL as "nobody".
    directory.chmod(0o711)
    guardian = _start_guardian(directory)
    try:
        data = DataDirectory(directory)
        data.create()
        return _run_with_servers(argv, data, environment, given, throwaway=True)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        guardian.communicate()


def command_environment(
    data: DataDirectory, environment: Mapping[str, str], urls: Mapping[str, str]
) -> dict[str, str]:
    """Return the environment in which Django finds the servers, its secret and its data."""
    return {
        **environment,
        **urls,
        "SECRET_KEY": environment.get("SECRET_KEY") or data.secret("secret_key"),
        "DATA_DIR": str(data.root),
    }


def _run_with_servers(
    argv: Sequence[str],
    data: DataDirectory,
    environment: Mapping[str, str],
    given: Mapping[str, str],
    *,
    throwaway: bool,
) -> int:
    registry = Registry(data.processes)
    registry.stop_leftovers()
    with SignalInbox() as inbox:
        supervisor = Supervisor(registry, inbox)
        try:
            urls = start_servers(supervisor, data, given, throwaway=throwaway)
            data.publish({"pid": os.getpid(), "urls": urls})
            process = _spawn(argv, command_environment(data, environment, urls))
            return _accompany(process, supervisor, inbox)
        except StopRequestedError as stop:
            return 128 + stop.signal_number
        finally:
            data.withdraw()
            supervisor.stop_all()


def _spawn(argv: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    try:
        # In this session: the command may be a shell or a debugger that needs the terminal.
        return spawn(Program("command", tuple(argv), environment, Path.cwd()), own_session=False)
    except OSError as error:
        raise EmbeddedError(f"Can't run {argv[0]}: {error.strerror}.") from error


def _accompany(process: subprocess.Popen[bytes], supervisor: Supervisor, inbox: SignalInbox) -> int:
    while process.poll() is None:
        inbox.wait(1.0)
        number = inbox.take()
        # The terminal has already sent Ctrl-C to the command, which may handle it as it likes.
        if number is not None and number != signal.SIGINT:
            process.send_signal(number)
        supervisor.revive()
    status = process.returncode
    return status if status >= 0 else 128 - status


def _become(
    argv: Sequence[str],
    data: DataDirectory,
    environment: Mapping[str, str],
    urls: Mapping[str, str],
) -> int:
    try:
        os.execvpe(argv[0], list(argv), command_environment(data, environment, urls))  # noqa: S606
    except OSError as error:
        raise EmbeddedError(f"Can't run {argv[0]}: {error.strerror}.") from error


def _attach(data: DataDirectory) -> dict[str, str]:
    deadline = time.monotonic() + START_TIMEOUT
    while (services := data.published()) is None:
        if time.monotonic() > deadline:
            raise EmbeddedError(
                f"Another process holds {data.root} but has not started the servers "
                f"within {START_TIMEOUT:.0f} s."
            )
        time.sleep(0.1)
    urls = services["urls"]
    say(f"Using the running servers of {data.root}.")
    return {name: str(url) for name, url in urls.items()}


def _start_guardian(directory: Path) -> subprocess.Popen[bytes]:
    """Start the process that deletes the directory if this one is killed.

    It waits for the end of its input, which comes with the end of this process, however it ends.
    """
    return subprocess.Popen(
        [sys.executable, "-m", "booking_site.embedded.guardian", str(directory)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
