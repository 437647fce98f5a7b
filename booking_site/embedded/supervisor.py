import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

from booking_site.embedded.console import say
from booking_site.embedded.errors import EmbeddedError, StopRequestedError
from booking_site.embedded.processes import Program, kill_group, spawn, stop
from booking_site.embedded.registry import Registry
from booking_site.embedded.signals import SignalInbox

# Seconds before a program that died is started again: at once after a single accident, ever
# later when it keeps dying.
BACK_OFF = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0)
STEADY_AFTER = 30.0  # seconds of life after which earlier deaths are forgiven
LOG_EXCERPT = 15  # lines


@dataclass
class _Kept:
    program: Program
    process: subprocess.Popen[bytes]
    started: float
    deaths: int = 0
    restart_at: float | None = None


class Supervisor:
    """Starts programs, starts them again when they die, and stops them in the opposite order."""

    def __init__(self, registry: Registry, inbox: SignalInbox) -> None:
        self._registry = registry
        self._inbox = inbox
        self._kept: list[_Kept] = []

    def keep(self, program: Program) -> None:
        """Start a program and from now on start it again whenever it dies.

        Raises:
            OSError: the command can't be run.
        """
        self._kept.append(_Kept(program, self._spawn(program), time.monotonic()))

    def wait_until_ready(
        self, program: Program, ready: Callable[[], bool], seconds: float = 60.0
    ) -> None:
        """Wait until a kept program answers.

        Args:
            program: one that `keep` has started.
            ready: asked again and again whether it answers.
            seconds: how long it may take.

        Raises:
            EmbeddedError: it has died, or the time is over.
            StopRequestedError: a signal asked to stop.
        """
        deadline = time.monotonic() + seconds
        while not ready():
            if self._is_dead(program):
                raise EmbeddedError(f"{program.name} stopped while starting.{_excerpt(program)}")
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"{program.name} does not answer after {seconds:.0f} s.{_excerpt(program)}"
                )
            self.watch(0.05, leave=program)

    def run(self, program: Program) -> int:
        """Run a program to its end while keeping the others alive, and return its exit status.

        Raises:
            OSError: the command can't be run.
            StopRequestedError: a signal asked to stop; the program has been stopped.
        """
        process = self._spawn(program)
        try:
            while process.poll() is None:
                self.watch(1.0)
        finally:
            stop(process, program, self._hurried)
            self._registry.remove(program)
        return process.returncode

    def watch(self, seconds: float, *, leave: Program | None = None) -> None:
        """Wait for something to happen, at most so long, and revive what has died.

        Args:
            seconds: the longest wait.
            leave: a program not to revive.

        Raises:
            StopRequestedError: a signal asked to stop.
        """
        self._inbox.wait(min(seconds, self._next_restart()))
        number = self._inbox.take()
        if number is not None:
            raise StopRequestedError(number)
        self.revive(leave=leave)

    def revive(self, *, leave: Program | None = None) -> None:
        """Start again those programs that have died and whose time has come, except `leave`."""
        now = time.monotonic()
        for kept in self._kept:
            if kept.program is leave:
                continue
            if kept.restart_at is None and kept.process.poll() is not None:
                self._mourn(kept, now)
            if kept.restart_at is not None and kept.restart_at <= now:
                kept.process, kept.started, kept.restart_at = (
                    self._spawn(kept.program),
                    now,
                    None,
                )

    def forget(self, program: Program) -> None:
        """Stop a kept program and keep it no more."""
        for kept in [kept for kept in self._kept if kept.program is program]:
            stop(kept.process, program, self._hurried)
            self._kept.remove(kept)
            self._registry.remove(program)

    def stop_all(self) -> None:
        """Stop what is kept, the last started first. Each further signal cuts a grace short."""
        while self._kept:
            self.forget(self._kept[-1].program)

    def _spawn(self, program: Program) -> subprocess.Popen[bytes]:
        program.prepare()
        process = spawn(program)
        self._registry.add(program, process.pid)
        return process

    def _is_dead(self, program: Program) -> bool:
        return any(
            kept.process.poll() is not None for kept in self._kept if kept.program is program
        )

    def _mourn(self, kept: _Kept, now: float) -> None:
        # Workers of a killed master may still hold its port.
        kill_group(kept.process.pid)
        if now - kept.started > STEADY_AFTER:
            kept.deaths = 0
        pause = BACK_OFF[min(kept.deaths, len(BACK_OFF) - 1)]
        kept.deaths += 1
        kept.restart_at = now + pause
        say(
            f"{kept.program.name} {_ending(kept.process.returncode)}; "
            f"starting it again{f' in {pause:g} s' if pause else ''}."
        )

    def _next_restart(self) -> float:
        times = [kept.restart_at for kept in self._kept if kept.restart_at is not None]
        return min(times) - time.monotonic() if times else float("inf")

    def _hurried(self) -> bool:
        return self._inbox.take() is not None


def _ending(status: int) -> str:
    return f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"


def _excerpt(program: Program) -> str:
    if program.log is None or not program.log.exists():
        return ""
    lines = program.log.read_text(errors="replace").splitlines()[-LOG_EXCERPT:]
    return "\n".join(["", f"The end of {program.log}:", *(f"    {line}" for line in lines)])
