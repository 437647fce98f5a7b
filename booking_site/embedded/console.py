import contextlib
import sys


def say(text: str) -> None:
    """Print a line about the course of things, at once.

    A terminal that has been closed is no reason to fail: stopping the servers matters more.
    """
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)


def announce(text: str) -> None:
    """Print what the user has waited for, at once."""
    with contextlib.suppress(OSError):
        print(text, flush=True)
