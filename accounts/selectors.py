"""What is asked about users."""

from uuid import UUID

from accounts.models import User


def active_user(user_id: UUID) -> User | None:
    """Return the user, or None if there is none or the account was deactivated."""
    return User.objects.filter(id=user_id, is_active=True).first()


def is_active_user(user_id: UUID) -> bool:
    """Return whether the user still exists and has not been deactivated."""
    return User.objects.filter(id=user_id, is_active=True).exists()
