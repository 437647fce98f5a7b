"""What workers do for the shell: send mails, and keep the outbox in order."""

import logging
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from booking_site import deliveries
from booking_site.celery import app
from booking_site.topology import NOTIFICATIONS

logger = logging.getLogger(__name__)


@app.task(
    name="booking_site.deliver_mail",
    queue=NOTIFICATIONS,
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
