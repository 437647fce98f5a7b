"""The accounts of the demo: two to sign in with, and guests who fill the house."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from accounts.models import User


@dataclass(frozen=True, kw_only=True)
class DemoLogin:
    """An account that everybody may use; `make run` prints it."""

    role: str
    email: str
    password: str


GUEST = DemoLogin(role="guest", email="guest@example.com", password="demo-guest-password")  # noqa: S106
STAFF = DemoLogin(role="staff", email="staff@example.com", password="demo-staff-password")  # noqa: S106

_OTHERS = {
    "ines.almeida@demo.example": "Inês Almeida",
    "jonas.keller@demo.example": "Jonas Keller",
    "haruka.mori@demo.example": "Haruka Mori",
    "thabo.nkosi@demo.example": "Thabo Nkosi",
    "maria.souza@demo.example": "Maria de Souza",
    "noura.alsabah@demo.example": "Noura Al-Sabah",
}


def guest() -> User:
    """Return the guest whom everybody may sign in as. An account that exists stays as it is."""
    return _person(GUEST.email) or User.objects.create_user(
        GUEST.email, GUEST.password, full_name="Ada Guest"
    )


def staff() -> User:
    """Return the member of staff whom everybody may sign in as, likewise."""
    return _person(STAFF.email) or User.objects.create_superuser(
        STAFF.email, STAFF.password, full_name="Grace Staff"
    )


def others() -> list[User]:
    """Return the guests as whom nobody can sign in, in a fixed order."""
    return [
        _person(email) or User.objects.create_user(email, full_name=name)
        for email, name in _OTHERS.items()
    ]


def write_logins(path: Path) -> None:
    """Write the logins where `make run` looks for them, unless they stand there already."""
    text = json.dumps([asdict(GUEST), asdict(STAFF)], indent=2)
    if path.exists() and path.read_text() == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _person(email: str) -> User | None:
    return User.objects.filter(email=email).first()
