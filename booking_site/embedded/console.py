import contextlib
import sys


def say(text: str = "") -> None:
    """Print for the user, at once.

    A terminal that has been closed is no reason to fail: stopping the servers matters more.
    """
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)
