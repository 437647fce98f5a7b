import subprocess
from collections.abc import Sequence
from pathlib import Path

from booking_site.embedded.registry import start_mark, stop_stranger


def clear(pid_file: Path, directory: Path, signals: Sequence[int], grace: float) -> None:
    """Deal with the file in which a killed server has left its process number.

    A server that still works in the directory is stopped: who calls this holds the lock on the
    data directory, so nobody else wants it. When the number belongs to a stranger by now, which
    in a container with its small numbers is likely, the file goes, or the server would take the
    stranger for itself and refuse to start.

    Args:
        pid_file: starts with the number.
        directory: where the server works, and nobody else.
        signals: what stops the server, as in `Program`.
        grace: seconds after each signal, as in `Program`.
    """
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return
    started = start_mark(pid)
    if started is None:
        return
    if _works_in(pid, directory):
        stop_stranger(pid, started, signals, grace)
    else:
        pid_file.unlink(missing_ok=True)


def _works_in(pid: int, directory: Path) -> bool:
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cwd").readlink() == directory.resolve()
        except OSError:  # it belongs to somebody else, or is gone
            return False
    listing = subprocess.run(
        ["lsof", "-a", "-p", str(pid), "-d", "cwd", "-Fn"],
        capture_output=True,
        text=True,
        check=False,
    )
    return f"n{directory.resolve()}" in listing.stdout.splitlines()
