"""Events that owe mails, and a mail server."""

from collections.abc import Callable, Iterator

import pytest
from django.db import transaction
from pytest_django import Settings

from booking_site import outbox
from booking_site.models import OutboxEvent
from tests.mail_server import MailServer

BUILDERS = "tests.booking_site.mail_builders"


@pytest.fixture
def mail_server(settings: Settings) -> Iterator[MailServer]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_TIMEOUT = 2
    with MailServer() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture
def happen(settings: Settings) -> Callable[..., OutboxEvent]:
    """Record an event whose mail `builder` builds."""

    def record(builder: str = "greeting", **payload: str) -> OutboxEvent:
        settings.MAIL_BUILDERS = {
            **settings.MAIL_BUILDERS,
            f"test.{builder}": f"{BUILDERS}.{builder}",
        }
        with transaction.atomic():
            return outbox.record(f"test.{builder}", {"to": "ada@example.com", **payload})

    return record
