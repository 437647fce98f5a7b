"""What the links in mails carry: proof that whoever follows one can read the user's mailbox.

None is stored. Each is signed with SECRET_KEY and bound to what it may change, so that it dies with
it: a password reset when the password or the address changes, a verification when the address does.
They are made when a mail is built, never kept in an event.
"""

from uuid import UUID

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.signing import BadSignature, TimestampSigner
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from accounts import selectors
from accounts.models import User

_SEPARATOR = "."

_password_reset = PasswordResetTokenGenerator()


def password_reset_link_parts(user: User) -> tuple[str, str]:
    """Return `(uid, token)` with which a new password can be set once, within the hour.

    PASSWORD_RESET_TIMEOUT says how long.
    """
    return _uid(user), _password_reset.make_token(user)


def user_for_password_reset(uid: str, token: str) -> User | None:
    """Return the active user whose password this token may set, or None if it may set none."""
    user = _user(uid)
    return user if user is not None and _password_reset.check_token(user, token) else None


def email_verification_token(user: User) -> str:
    """Return a token that proves the user's present address for EMAIL_VERIFICATION_LIFETIME."""
    return _verification_signer(user.email).sign(_uid(user))


def user_for_email_verification(token: str) -> User | None:
    """Return the active user whose present address this token proves, or None."""
    user = _user(token.partition(_SEPARATOR)[0])
    if user is None:
        return None
    try:
        _verification_signer(user.email).unsign(token, max_age=settings.EMAIL_VERIFICATION_LIFETIME)
    except BadSignature:
        return None
    return user


def _verification_signer(email: str) -> TimestampSigner:
    """Sign under the address, so that it is proven without being readable in the link."""
    return TimestampSigner(sep=_SEPARATOR, salt=f"accounts.email_verification:{email}")


def _uid(user: User) -> str:
    return urlsafe_base64_encode(user.id.bytes)


def _user(uid: str) -> User | None:
    try:
        user_id = UUID(bytes=urlsafe_base64_decode(uid))
    except ValueError:
        return None
    return selectors.active_user(user_id)
