"""Mails as the shell sees them: who builds one for an event, and what it is made of.

The apps build mails, the shell delivers them. `settings.MAIL_BUILDERS` names the builder of every
type of event that owes a mail.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.module_loading import import_string
from django.utils.text import Truncator
from django.utils.translation import get_language

from booking_site.models import OutboxEvent

_MAX_SUBJECT = 120


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
    """Return the mail that the event owes, None if it owes none or nobody is there to read it."""
    path = settings.MAIL_BUILDERS.get(event.type)
    if path is None:
        return None
    builder: MailBuilder = import_string(path)
    mail = builder(event)
    if mail is None or mail.recipient.rpartition("@")[2] in settings.DOMAINS_WITHOUT_MAILBOXES:
        return None
    return mail


def render_mail(
    template: str,
    *,
    recipient: str,
    subject: str,
    context: Mapping[str, Any],
    attachments: tuple[Attachment, ...] = (),
) -> Mail:
    """Return a mail rendered from `templates/emails/<template>.txt` and `.html`.

    It speaks the language that is active (`translation.override`). The subject is brought into one
    line, so that no name in it can add a header.
    """
    subject = Truncator(one_line(subject)).chars(_MAX_SUBJECT)
    shared = {
        "subject": subject,
        "language": get_language(),
        "site_name": settings.SITE_NAME,
        "site_url": settings.PUBLIC_URL,
    }
    everything = {**context, **shared}
    text = render_to_string(f"emails/{template}.txt", everything)
    return Mail(
        recipient=recipient,
        subject=subject,
        text=re.sub(r"\n{3,}", "\n\n", text).strip() + "\n",
        html=render_to_string(f"emails/{template}.html", everything),
        attachments=attachments,
    )


def one_line(text: str) -> str:
    """Return the text in one line, without control characters."""
    visible = (" " if unicodedata.category(char) == "Cc" else char for char in text)
    return " ".join("".join(visible).split())
