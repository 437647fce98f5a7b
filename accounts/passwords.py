"""What a password must be like."""

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError

from accounts.models import User
from booking_site.problems import FieldError, InvalidInput

MAX_PASSWORD_LENGTH = 128


class MaximumLengthValidator:
    """Refuses passwords that no form of ours would take again, and that only cost time to hash."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError if the password is too long."""
        if len(password) > MAX_PASSWORD_LENGTH:
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self) -> str:
        """Return the rule, for people."""
        return f"Your password can have {MAX_PASSWORD_LENGTH} characters at most."


def require_good_password(password: str, *, user: User) -> None:
    """Check a new password by every rule of AUTH_PASSWORD_VALIDATORS, the user's own data included.

    Raises InvalidInput that names each broken rule at the field `password`.
    """
    try:
        password_validation.validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput(
            "This password can't be used: see `errors`.",
            errors=[
                FieldError(
                    field="password",
                    code=(broken.code or "invalid").replace("_", "-"),
                    detail=" ".join(broken.messages),
                )
                for broken in error.error_list
            ],
        ) from error
