"""What must be true of the settings, or tokens could be forged."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

MIN_KEY_BYTES = 32


@register(Tags.security)
def check_token_signature(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Refuse a signing key that can be guessed, and any algorithm but the one that we verify."""
    messages: list[CheckMessage] = []
    if len(settings.SIMPLE_JWT["SIGNING_KEY"].encode()) < MIN_KEY_BYTES:
        messages.append(
            Error(
                f"The key that signs tokens is shorter than {MIN_KEY_BYTES} bytes.",
                hint="Set JWT_SIGNING_KEY, or SECRET_KEY, to at least 50 random characters.",
                id="accounts.E001",
            )
        )
    if settings.SIMPLE_JWT["ALGORITHM"] != "HS256":
        messages.append(
            Error(
                "Tokens must be signed with HS256.",
                hint="Leave ALGORITHM of SIMPLE_JWT as it is.",
                id="accounts.E002",
            )
        )
    return messages
