import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from booking_site.embedded.processes import Program, kill_group


def start_mark(pid: int) -> str | None:
    """Return when the process of this number started, or None if there is none.

    Numbers are used again after a while and the pair of number and start is not, so that a
    stranger is never taken for a process of ours.
    """
    if sys.platform == "linux":
        try:
            status = Path(f"/proc/{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return None
        # The name in parentheses may itself hold blanks and parentheses.
        state, *fields = status.rpartition(")")[2].split()
        return None if state in "ZX" else fields[18]
    listing = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return listing.stdout.strip() or None


class Registry:
    """The processes of a stack, on disk, for whoever has to clean up after a killed supervisor."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, program: Program, pid: int) -> None:
        """Note that the program runs as this process, instead of as any earlier one."""
        entries = [entry for entry in self._read() if entry["name"] != program.name]
        signals = [int(number) for number in program.stop_signals]
        entries.append(
            {
                "name": program.name,
                "pid": pid,
                "started": start_mark(pid),
                "signals": signals,
                "grace": program.grace,
            }
        )
        self._write(entries)

    def remove(self, program: Program) -> None:
        """Note that the program runs no more."""
        self._write([entry for entry in self._read() if entry["name"] != program.name])

    def stop_leftovers(self) -> bool:
        """Stop the noted processes that still run, the last started first, and forget them all.

        Returns:
            Whether anything was noted, which is so only if the supervisor was killed.
        """
        entries = self._read()
        for entry in reversed(entries):
            if entry["started"] is not None:
                stop_stranger(entry["pid"], entry["started"], entry["signals"], entry["grace"])
        self._write([])
        return bool(entries)

    def _read(self) -> list[dict[str, Any]]:
        try:
            entries = json.loads(self._path.read_text())
        except (FileNotFoundError, ValueError):
            return []
        return entries if isinstance(entries, list) else []

    def _write(self, entries: list[dict[str, Any]]) -> None:
        draft = self._path.with_suffix(".draft")
        draft.write_text(json.dumps(entries))
        draft.replace(self._path)


def stop_stranger(pid: int, started: str, signals: Sequence[int], grace: float) -> None:
    """Stop a process that is no child of this one.

    Args:
        pid: its number.
        started: its `start_mark`, so that nobody else is hit.
        signals: sent one after the other until it is gone; SIGKILL follows by itself.
        grace: seconds that it has after each signal.
    """
    for number in signals:
        if start_mark(pid) != started:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
            os.kill(pid, signal.SIGCONT)  # a suspended process would sleep through it
        if _gone(pid, started, grace):
            return
    kill_group(pid)
    _gone(pid, started, grace)


def _gone(pid: int, started: str, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while start_mark(pid) == started:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
