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

# Any number but 0 will do. Outside of its namespace the process stays what it was.
UNPRIVILEGED = 1000


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

    An ordinary user stays who he is. Root becomes the directory's owner if that is somebody else,
    so that a directory which a user has made stays the user's. Otherwise root enters a user
    namespace in which it has an ordinary number: this needs no account and changes no file's
    owner. Where the kernel or the container forbids namespaces, the account "nobody" is left.

    Raises:
        EmbeddedError: the process is root and neither way is open.
    """
    if os.geteuid() != 0:
        return CURRENT_USER
    if directory.exists() and directory.stat().st_uid != 0:
        status = directory.stat()
        return account(status.st_uid, status.st_gid)
    if can_enter_namespace():
        return Identity("root in a user namespace", enter_namespace)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise EmbeddedError(
            "PostgreSQL refuses to run as root, this system forbids user namespaces, and it has "
            "no account 'nobody' to fall back to. Run this as an ordinary user."
        ) from None
    return account(nobody.pw_uid, nobody.pw_gid)


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
    """
    user, group = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    # The kernel lets a group be mapped only by who has given up changing groups.
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{UNPRIVILEGED} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{UNPRIVILEGED} {group} 1")


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
