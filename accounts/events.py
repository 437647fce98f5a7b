"""What the outside is told of accounts."""

from enum import StrEnum
from uuid import UUID

from booking_site import outbox


class AccountEvent(StrEnum):
    """The types of the events, as they stand in the outbox."""

    REGISTERED = "user.registered"
    REGISTRATION_REPEATED = "user.registration_repeated"
    EMAIL_VERIFICATION_REQUESTED = "user.email_verification_requested"
    PASSWORD_RESET_REQUESTED = "user.password_reset_requested"  # noqa: S105 - a name
    # For an address that nobody has. It owes no mail: it is there so that asking costs the same.
    PASSWORD_RESET_UNMATCHED = "user.password_reset_unmatched"  # noqa: S105 - a name


def record(event: AccountEvent, *, user_id: UUID | None, language: str) -> None:
    """Record that this happened to an account, in the transaction in which it did.

    The payload says whose mail it is and in which language, and never what may be done with it:
    tokens are made when the mail is built (accounts.mailed_tokens).
    """
    outbox.record(event, {"user_id": user_id, "language": language})
