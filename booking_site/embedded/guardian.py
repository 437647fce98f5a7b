"""Deletes a throwaway stack when the process that made it is gone.

Run as ``python -m booking_site.embedded.guardian DIRECTORY``, with the other end of its standard
input held by that process.
"""

import shutil
import sys
from pathlib import Path

from booking_site.embedded.data_directory import DataDirectory
from booking_site.embedded.registry import Registry


def guard(directory: Path) -> None:
    """Wait for the end of the standard input, then stop what still runs there and delete it."""
    sys.stdin.buffer.read()
    if directory.exists():
        Registry(DataDirectory(directory).processes).stop_leftovers()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    guard(Path(sys.argv[1]))
