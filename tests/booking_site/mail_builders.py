"""Builders of mails for the tests of their delivery."""

from booking_site.mail import Attachment, Mail
from booking_site.models import OutboxEvent


def greeting(event: OutboxEvent) -> Mail:
    return Mail(
        recipient=event.payload["to"],
        subject="Grüße",
        text="Hello",
        html="<p>Hello</p>",
        attachments=(Attachment(filename="a.ics", content=b"BEGIN", media_type="text/calendar"),),
    )


def nobody(event: OutboxEvent) -> None:
    return None


def broken(event: OutboxEvent) -> Mail:
    raise KeyError("a guest's name")
