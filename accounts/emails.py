"""The mails that events of accounts owe.

They greet nobody by name: whoever registers somebody else's address chooses the name, and would
have a text of theirs sent there. The language is the one in which the event was asked for.
"""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from accounts.mailed_tokens import email_verification_token, password_reset_link_parts
from accounts.selectors import active_user
from booking_site import formats
from booking_site.mail import Mail, render_mail
from booking_site.models import OutboxEvent


def email_verification(event: OutboxEvent) -> Mail | None:
    """Return the link that proves the address, None if nobody is there or it is proven already."""
    user = active_user(UUID(event.payload["user_id"]))
    if user is None or user.email_verified_at is not None:
        return None
    with translation.override(event.payload["language"]):
        return render_mail(
            "accounts/email_verification",
            recipient=user.email,
            subject=gettext("Confirm your e-mail address"),
            context={
                "link": f"{settings.PUBLIC_URL}/verify-email/{email_verification_token(user)}",
                "lifetime": formats.duration(settings.EMAIL_VERIFICATION_LIFETIME),
            },
        )


def registration_repeated(event: OutboxEvent) -> Mail | None:
    """Return that the address has an account already. Its links do nothing by themselves."""
    user = active_user(UUID(event.payload["user_id"]))
    if user is None:
        return None
    with translation.override(event.payload["language"]):
        return render_mail(
            "accounts/registration_repeated",
            recipient=user.email,
            subject=gettext("You already have an account"),
            context={
                "sign_in_url": f"{settings.PUBLIC_URL}/login",
                "reset_url": f"{settings.PUBLIC_URL}/reset-password",
            },
        )


def password_reset(event: OutboxEvent) -> Mail | None:
    """Return the link that sets a new password, None for who signs in without one.

    Such an account was given no password on purpose: a mail must not be the way to get one.
    """
    user = active_user(UUID(event.payload["user_id"]))
    if user is None or not user.has_usable_password():
        return None
    uid, token = password_reset_link_parts(user)
    with translation.override(event.payload["language"]):
        return render_mail(
            "accounts/password_reset",
            recipient=user.email,
            subject=gettext("Set a new password"),
            context={
                "link": f"{settings.PUBLIC_URL}/reset-password/{uid}/{token}",
                "lifetime": formats.duration(timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)),
            },
        )
