"""Mails as the shell sees them: who builds one for an event, and what it is made of.

The apps build mails, the shell delivers them. `settings.MAIL_BUILDERS` names the builder of every
type of event that owes a mail.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.utils.module_loading import import_string

from booking_site.models import OutboxEvent


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that goes with a mail."""

    filename: str
    content: bytes
    media_type: str


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A mail that is ready to be sent, in the recipient's language, as text and as HTML."""

    recipient: str
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()


MailBuilder = Callable[[OutboxEvent], Mail | None]


def build_mail(event: OutboxEvent) -> Mail | None:
    """Return the mail that the event owes, None if it owes none or nobody is left to read it."""
    path = settings.MAIL_BUILDERS.get(event.type)
    if path is None:
        return None
    builder: MailBuilder = import_string(path)
    return builder(event)
