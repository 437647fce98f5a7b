"""What clients send and what they get."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from accounts.api.refresh_channel import RefreshTokenIn
from accounts.models import User, normalise_email, validate_one_line
from accounts.passwords import MAX_PASSWORD_LENGTH

_MAX_EMAIL_LENGTH = 254
_MAX_NAME_LENGTH = 150
_MAX_TOKEN_LENGTH = 2048
_MAX_LINK_LENGTH = 255


class NormalisedEmailField(serializers.EmailField):
    """An address in its stored form, so that its length is checked as it will be stored."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=_MAX_EMAIL_LENGTH, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """Return the address trimmed and in lower case."""
        return normalise_email(super().to_internal_value(data))


class PasswordField(serializers.CharField):
    """A password, taken to the letter: spaces at its ends belong to it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=MAX_PASSWORD_LENGTH,
            trim_whitespace=False,
            write_only=True,
            style={"input_type": "password"},
            **kwargs,
        )


class FullNameField(serializers.CharField):
    """A person's name on one line, as that person writes it; empty for none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=_MAX_NAME_LENGTH,
            allow_blank=True,
            validators=[validate_one_line],
            **kwargs,
        )


class LanguageField(serializers.ChoiceField):
    """The language of mails to somebody."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=settings.LANGUAGES, **kwargs)


class RegistrationSerializer(serializers.Serializer[Any]):
    """A new account."""

    email = NormalisedEmailField()
    password = PasswordField()
    full_name = FullNameField(default="")
    language = LanguageField(
        required=False, help_text="Of your mails. If left out, the one that `Accept-Language` asks."
    )


class RegisteredSerializer(serializers.Serializer[Any]):
    """What was sent, in the form in which it is kept. Says nothing of what was there before."""

    email = serializers.EmailField()
    full_name = serializers.CharField(allow_blank=True)


class CredentialsSerializer(serializers.Serializer[Any]):
    """What signs a user in."""

    email = NormalisedEmailField()
    password = PasswordField()
    refresh_token_in = serializers.ChoiceField(
        choices=[channel.value for channel in RefreshTokenIn],
        default=RefreshTokenIn.COOKIE.value,
        help_text="Browsers leave it at `cookie`; other clients ask for `body`.",
    )


class RefreshSerializer(serializers.Serializer[Any]):
    """A refresh token; browsers leave it out and send the cookie."""

    refresh = serializers.CharField(max_length=_MAX_TOKEN_LENGTH, required=False)


class PasswordResetRequestSerializer(serializers.Serializer[Any]):
    """Whose password was forgotten."""

    email = NormalisedEmailField()


class PasswordResetSerializer(serializers.Serializer[Any]):
    """A new password, and the two parts of the mailed link that allow it."""

    uid = serializers.CharField(max_length=_MAX_LINK_LENGTH)
    token = serializers.CharField(max_length=_MAX_LINK_LENGTH)
    password = PasswordField()


class EmailVerificationSerializer(serializers.Serializer[Any]):
    """The last part of the mailed link."""

    token = serializers.CharField(max_length=_MAX_LINK_LENGTH)


class AccessTokenSerializer(serializers.Serializer[Any]):
    """A bearer token."""

    access = serializers.CharField(help_text="Send it as `Authorization: Bearer ...`.")
    token_type = serializers.CharField(default="Bearer")
    expires_in = serializers.IntegerField(help_text="Seconds.")


class TokensSerializer(AccessTokenSerializer):
    """A bearer token and, where it travels in the body, the refresh token."""

    refresh = serializers.CharField(
        required=False, help_text="Good for one use. Absent when it is in the cookie."
    )


class ProfileSerializer(serializers.ModelSerializer[User]):
    """A user's own account."""

    class Meta:
        model = User
        fields = ["id", "email", "full_name", "language", "email_verified_at", "created_at"]
        read_only_fields = fields


class ProfileChangeSerializer(serializers.Serializer[Any]):
    """What a user may change of the own account; what is left out stays as it is."""

    full_name = FullNameField(required=False)
    language = LanguageField(required=False)
