"""What workers do for the shell: send mails, and keep the outbox in order."""

import logging
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from booking_site import deliveries, outbox
from booking_site.celery import app
from booking_site.jobs import job

logger = logging.getLogger(__name__)


@app.task(
    name="booking_site.deliver_mail",
    soft_time_limit=settings.MAIL_TIME_LIMIT_SECONDS,
    time_limit=settings.MAIL_TIME_LIMIT_SECONDS * 1.25,
)
def deliver_mail(event_id: str) -> None:
    """Deliver the mail that the event owes, once.

    While the database is away the message is of no use, and it is not needed either: the sweep
    finds in the database what is unfinished.
    """
    try:
        deliveries.deliver(UUID(event_id), now=timezone.now())
    except (OperationalError, InterfaceError) as error:
        logger.warning("The sweep will see to the mail of event %s: %s", event_id, error)


@job("booking_site.resend_due_mails")
def resend_due_mails(now: datetime) -> str:
    """Ask again for mails that failed, were interrupted or whose message got lost."""
    return f"{deliveries.resend_due(now=now)} mails are tried again"


@job("booking_site.purge_outbox")
def purge_outbox(now: datetime) -> str:
    """Forget what was told long ago."""
    return f"{outbox.purge(now=now)} events were deleted"
