"""People who may sign in, and the sessions in which they have."""

from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.functions import RandomUUID
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Collate, Lower
from django.utils.crypto import constant_time_compare

from booking_site.ids import new_id

# How long after a rotation the token before it still gets the current one. Two tabs that refresh
# at once are not a theft.
ROTATION_GRACE = timedelta(seconds=10)

# A name goes into the headers of e-mails and into logs, where a line break would be an injection.
validate_one_line = RegexValidator(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029]",
    "Control characters and line breaks are not allowed.",
    code="control_characters",
    inverse_match=True,
)


def normalise_email(email: str) -> str:
    """Return the one form in which an address is stored and looked up: trimmed, lower case."""
    return email.strip().lower()


class UserManager(BaseUserManager["User"]):
    """Makes users, and finds them by address whatever its case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Return a new, saved user. Without a password the user can't sign in with one."""
        user = self.model(email=normalise_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Return a new, saved user who may do everything in the admin."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the user with this address. Raises User.DoesNotExist."""
        return self.get(email=normalise_email(username or ""))


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who can sign in: a guest, or with `is_staff` one who works in the admin."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(unique=True)
    full_name = models.CharField(max_length=150, blank=True, validators=[validate_one_line])
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    email_verified_at = models.DateTimeField(null=True, blank=True)
    language = models.CharField(
        max_length=10,
        choices=settings.LANGUAGES,
        default=settings.LANGUAGE_CODE,
        help_text="The language of mails to this person.",
    )
    # What the address of the user's calendar is derived from (booking_site.secret_links).
    calendar_nonce = models.UUIDField(unique=True, db_default=RandomUUID(), editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        constraints = [
            # ASCII only: what PostgreSQL calls lower case beyond it depends on its locale.
            models.CheckConstraint(
                condition=Q(email=Lower(Collate("email", "C"))),
                name="user_email_is_normalised",
            ),
        ]

    def __str__(self) -> str:
        return self.email

    def clean(self) -> None:
        """Bring the address into its stored form."""
        self.email = normalise_email(self.email)


class Standing(Enum):
    """What a refresh token is worth in its session."""

    CURRENT = auto()
    JUST_ROTATED = auto()
    SPENT = auto()


class LoginSession(models.Model):
    """One sign-in on one device, and the family of refresh tokens that descend from it.

    Of all the tokens that it ever gave out, `current_jti` is the one that may be exchanged, and
    `previous_jti` the one that was exchanged for it at `rotated_at`. The session ends when it is
    revoked, at `expires_at`, or when the user's password is no longer the one whose
    `password_fingerprint` it has.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="login_sessions")
    user_agent = models.CharField(max_length=200, blank=True)
    password_fingerprint = models.CharField(max_length=64)
    current_jti = models.UUIDField(default=uuid4)
    previous_jti = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField()
    rotated_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(db_index=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(previous_jti__isnull=True, rotated_at__isnull=True)
                | Q(previous_jti__isnull=False, rotated_at__isnull=False),
                name="login_session_rotated_at_with_previous_jti",
            ),
        ]

    def __str__(self) -> str:
        return f"Session {self.id}"

    def is_usable(self, *, now: datetime) -> bool:
        """Return whether the session can still give out tokens to its user."""
        return (
            self.revoked_at is None
            and now < self.expires_at
            and self.user.is_active
            and constant_time_compare(self.password_fingerprint, self.user.get_session_auth_hash())
        )

    def standing_of(self, jti: UUID, *, now: datetime) -> Standing:
        """Return what a token of this session's family is worth."""
        if jti == self.current_jti:
            return Standing.CURRENT
        if (
            jti == self.previous_jti
            and self.rotated_at is not None
            and now - self.rotated_at <= ROTATION_GRACE
        ):
            return Standing.JUST_ROTATED
        return Standing.SPENT

    def rotate(self, *, now: datetime) -> None:
        """Put a new token in the place of the current one and let the session live on, unsaved."""
        self.previous_jti, self.current_jti = self.current_jti, uuid4()
        self.rotated_at = self.last_used_at = now
        self.expires_at = session_expiry(created_at=self.created_at, now=now)


def session_expiry(*, created_at: datetime, now: datetime) -> datetime:
    """Return until when a session that is used now lives: idle time and whole life are bounded."""
    return min(now + settings.REFRESH_TOKEN_LIFETIME, created_at + settings.LOGIN_SESSION_LIFETIME)
