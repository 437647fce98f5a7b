"""How an account comes to be, and how its owner changes it."""

from uuid import uuid4

from django.conf import settings
from django.db import transaction

from accounts import events
from accounts.events import AccountEvent
from accounts.models import User, normalise_email
from accounts.passwords import require_good_password


def register(
    *,
    email: str,
    password: str,
    full_name: str = "",
    language: str = settings.LANGUAGE_CODE,
) -> None:
    """Make an account for this address, unless it already has one: then nothing changes.

    The caller is not told which of the two happened, neither by an answer nor by the time that it
    takes, since that would tell everybody who is a guest here (docs/decisions/0003): both hash the
    password, insert, look up and record one event. The owner of the mailbox learns by e-mail
    either how to verify the address or that there was an account already.

    Raises InvalidInput if the password breaks a rule, before anything is looked up.
    """
    user = User(email=normalise_email(email), full_name=full_name, language=language)
    require_good_password(password, user=user)
    user.set_password(password)
    with transaction.atomic(durable=True):
        User.objects.bulk_create([user], ignore_conflicts=True)
        owner = User.objects.only("id", "language").get(email=user.email)
        is_new = owner.id == user.id
        events.record(
            AccountEvent.REGISTERED if is_new else AccountEvent.REGISTRATION_REPEATED,
            user_id=owner.id,
            language=owner.language,
        )


def change_profile(
    user: User, *, full_name: str | None = None, language: str | None = None
) -> None:
    """Change the user's name and language; None leaves one as it is, an empty name removes it."""
    given = {"full_name": full_name, "language": language}
    changes = {name: value for name, value in given.items() if value is not None}
    for name, value in changes.items():
        setattr(user, name, value)
    user.save(update_fields=changes)


def renew_calendar_link(user: User) -> None:
    """Give the user's calendar another address; the old one leads nowhere from now on."""
    user.calendar_nonce = uuid4()
    user.save(update_fields=["calendar_nonce"])
