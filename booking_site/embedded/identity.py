import ctypes
import os
import pwd
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from booking_site.embedded.errors import EmbeddedError

CLONE_NEWUSER = 0x10000000
OVERFLOW = 65534  # what the numbers of all others look like inside of a namespace


@dataclass(frozen=True)
class Identity:
    """As whom a server runs; PostgreSQL refuses to run as root.

    Attributes:
        name: for messages.
        enter: called in the child between fork and exec.
        owner: the account that must own the server's files, None when they can stay as they are.
    """

    name: str
    enter: Callable[[], None]
    owner: tuple[int, int] | None = None


def _stay() -> None:
    pass


CURRENT_USER = Identity("the current user", _stay)


def unprivileged(directory: Path) -> Identity:
    """Return an identity under which PostgreSQL agrees to work in `directory`.

    It wants to be an account, and not root. An ordinary user stays who he is. Root becomes the
    directory's owner if that is somebody else, so that what a user has made stays the user's.
    Otherwise root enters a user namespace in which it has another number: this changes no file's
    owner. So does a user without an account, as in some containers. Where the kernel or the
    container forbids namespaces, root is left with the account "nobody".

    Raises:
        EmbeddedError: no way is open.
    """
    if os.geteuid() != 0 and _has_account(os.geteuid()):
        return CURRENT_USER
    if os.geteuid() == 0 and directory.exists() and directory.stat().st_uid != 0:
        status = directory.stat()
        return account(status.st_uid, status.st_gid)
    if can_enter_namespace():
        return Identity("this user in a namespace", enter_namespace)
    if os.geteuid() == 0 and _has_account("nobody"):
        nobody = pwd.getpwnam("nobody")
        return account(nobody.pw_uid, nobody.pw_gid)
    raise EmbeddedError(
        "PostgreSQL refuses to run as root or as a user without an account, and this system "
        "forbids user namespaces. Run this as an ordinary user, or set DATABASE_URL."
    )


def _has_account(user: int | str) -> bool:
    try:
        pwd.getpwnam(user) if isinstance(user, str) else pwd.getpwuid(user)
    except KeyError:
        return False
    return True


def account(user: int, group: int) -> Identity:
    """Return the identity of an account, for a process that is root."""

    def become() -> None:
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)

    return Identity(f"the account {user}", become, (user, group))


def enter_namespace() -> None:
    """Make this process an ordinary user in its own eyes.

    Raises:
        OSError: the kernel refuses.
        ValueError: there is no account but root's.
    """
    # PostgreSQL looks its user up. Which one that is has no effect outside of the namespace.
    alias = min(entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid not in {0, OVERFLOW})
    user, group = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    # The kernel lets a group be mapped only by who has given up changing groups.
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{alias} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{alias} {group} 1")


@cache
def can_enter_namespace() -> bool:
    """Tell whether a child of this process can enter a user namespace, by trying it."""
    if sys.platform != "linux":
        return False
    try:
        subprocess.run(["/bin/sh", "-c", ":"], preexec_fn=enter_namespace, check=True)
    except (subprocess.SubprocessError, OSError):
        return False
    return True
