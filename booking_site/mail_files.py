"""Mails as files: for machines without a mail server, one `.eml` a mail in `MAIL_DIR`."""

import re
from collections.abc import Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage as ParsedMail
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from booking_site.ids import new_id


class EmailBackend(BaseEmailBackend):
    """Writes each mail to a file that any mail program opens.

    The file is named after the Message-ID: a mail that is sent again replaces itself.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the mails, each at once or not at all, and return how many those were."""
        directory = Path(settings.MAIL_DIR)
        # Mails hold links that sign somebody in: they are their owner's alone.
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        for mail in email_messages:
            path = path_of(mail.extra_headers.get("Message-ID", str(new_id())))
            draft = path.with_suffix(f".{new_id()}")
            draft.write_bytes(mail.message().as_bytes(linesep="\r\n"))
            draft.replace(path)
        return len(email_messages)


def path_of(message_id: str) -> Path:
    """Return where the mail with this Message-ID is, if it was written to a file."""
    local_part = message_id.strip("<>").partition("@")[0]
    return Path(settings.MAIL_DIR) / f"{re.sub('[^A-Za-z0-9-]', '-', local_part)}.eml"


def read(message_id: str) -> ParsedMail | None:
    """Return the mail with this Message-ID, or None if there is no file of it."""
    try:
        content = path_of(message_id).read_bytes()
    except FileNotFoundError:
        return None
    return message_from_bytes(content, policy=policy.default)
