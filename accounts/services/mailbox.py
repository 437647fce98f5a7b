"""What whoever can read a user's mailbox may do: set a new password, verify the address."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Coalesce

from accounts import events, mailed_tokens
from accounts.events import AccountEvent
from accounts.models import User, normalise_email
from accounts.passwords import require_good_password
from accounts.services import sessions
from booking_site.problems import Problem


class LinkExpired(Problem):
    """The link was used before, is too old, was not ours, or what it was for has changed since."""

    slug: ClassVar[str] = "link-expired"
    title: ClassVar[str] = "This link does not work any more"
    status: ClassVar[int] = 400
    client_action: ClassVar[str] = (
        "Offer to send a new mail. Sending the same request again gives the same answer."
    )


def request_password_reset(*, email: str) -> None:
    """Have a link mailed with which the owner of this address can set a new password.

    Nobody learns whether the address has an account: one that has none, or a deactivated one, is
    looked up and recorded at the same cost (docs/decisions/0003).
    """
    with transaction.atomic(durable=True):
        user = User.objects.filter(email=normalise_email(email), is_active=True).first()
        if user is None:
            events.record(
                AccountEvent.PASSWORD_RESET_UNMATCHED,
                user_id=None,
                language=settings.LANGUAGE_CODE,
            )
        else:
            events.record(
                AccountEvent.PASSWORD_RESET_REQUESTED, user_id=user.id, language=user.language
            )


def reset_password(*, uid: str, token: str, password: str, now: datetime) -> None:
    """Set a new password by the link of a mail, and end all sessions of its user.

    Since the link came by mail, the address is verified too. A link works once: of two that use it
    at the same moment one is refused.

    Raises LinkExpired, and InvalidInput if the password breaks a rule: then the link still works.
    """
    user = mailed_tokens.user_for_password_reset(uid, token)
    if user is None:
        raise _password_link_expired()
    require_good_password(password, user=user)
    # The link is bound to what the account was when it was checked, so it must still be that.
    unchanged = User.objects.filter(
        id=user.id, password=user.password, email=user.email, is_active=True
    )
    user.set_password(password)
    with transaction.atomic(durable=True):
        changed = unchanged.update(
            password=user.password, email_verified_at=Coalesce("email_verified_at", Value(now))
        )
        if not changed:
            raise _password_link_expired()
        sessions.revoke_all_sessions(user, now=now)


def request_email_verification(user: User) -> None:
    """Have a link mailed that verifies the user's address, unless it is verified."""
    if user.email_verified_at is not None:
        return
    with transaction.atomic(durable=True):
        events.record(
            AccountEvent.EMAIL_VERIFICATION_REQUESTED, user_id=user.id, language=user.language
        )


def verify_email(*, token: str, now: datetime) -> None:
    """Verify an address by the link of a mail. One that is verified keeps its first date.

    Raises LinkExpired.
    """
    user = mailed_tokens.user_for_email_verification(token)
    if user is None:
        raise LinkExpired("This link does not verify any address. Ask for a new one.")
    User.objects.filter(id=user.id, email=user.email, email_verified_at=None).update(
        email_verified_at=now
    )


def _password_link_expired() -> LinkExpired:
    return LinkExpired("This link can't set a password any more. Ask for a new one.")
