import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from booking_site.embedded.identity import CURRENT_USER, Identity

PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Program:
    """A process as it is to be started and stopped.

    Attributes:
        name: for messages and for the name of the log.
        argv: the command.
        environment: all of its environment variables.
        directory: where it works.
        log: the file for what it prints, None to let it print where this process does.
        identity: as whom it runs.
        stop_signals: sent one after the other until it is gone; SIGKILL follows by itself.
        grace: seconds that it has after each of those signals.
        prepare: called before each start.
    """

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    directory: Path
    log: Path | None = None
    identity: Identity = CURRENT_USER
    stop_signals: tuple[signal.Signals, ...] = (signal.SIGTERM,)
    grace: float = 15.0
    prepare: Callable[[], None] = field(default=lambda: None)


def spawn(program: Program, *, own_session: bool = True) -> subprocess.Popen[bytes]:
    """Start a program.

    Args:
        program: what to start.
        own_session: keep it away from the terminal, whose Ctrl-C goes to all processes in the
            foreground: a database must not stop before those who use it.

    Raises:
        OSError: the command can't be run.
    """
    with contextlib.ExitStack() as files:
        output = files.enter_context(program.log.open("ab")) if program.log else None
        return subprocess.Popen(
            program.argv,
            env=dict(program.environment),
            cwd=program.directory,
            stdin=subprocess.DEVNULL if own_session else None,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            start_new_session=own_session,
            preexec_fn=_entrance(program, os.getpid()),
        )


def _entrance(program: Program, parent: int) -> Callable[[], None]:
    # Loaded here, since between fork and exec as little as possible should happen.
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def enter() -> None:
        program.identity.enter()
        if libc is not None:
            # Changing the identity clears this setting, so it comes last. It is what stops the
            # child when the parent is killed and can't stop it any more.
            libc.prctl(PR_SET_PDEATHSIG, int(program.stop_signals[0]))
            if os.getppid() != parent:
                os._exit(1)

    return enter


def stop(
    process: subprocess.Popen[bytes],
    program: Program,
    impatient: Callable[[], bool] = lambda: False,
) -> None:
    """Stop a process and what is left of its group, gently first.

    Args:
        process: the running program.
        program: how it wants to be stopped.
        impatient: asked again and again; True skips the rest of the present grace.
    """
    for number in program.stop_signals:
        if process.poll() is not None:
            break
        process.send_signal(number)
        process.send_signal(signal.SIGCONT)  # a suspended process would sleep through it
        _wait(process, program.grace, impatient)
    kill_group(process.pid)
    process.kill()
    process.wait()


def kill_group(leader: int) -> None:
    """Kill a process that has its own session, and all that stayed in its group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _wait(process: subprocess.Popen[bytes], seconds: float, impatient: Callable[[], bool]) -> None:
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline and not impatient():
        time.sleep(0.02)
