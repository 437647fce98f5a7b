"""Delivering the mails that events owe: each at least once, and as good as never twice.

The database knows which mails are owed, and drives every further attempt by `next_attempt_at`. A
message of the broker only says "now", so that one that is lost, late or doubled does no harm.
"""

import logging
import random
import time
import traceback
from collections.abc import Iterable
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from booking_site.ids import new_id
from booking_site.mail import Mail, build_mail
from booking_site.models import DeliveryStatus, EmailDelivery, OutboxEvent
from booking_site.nudge import nudge_relay

logger = logging.getLogger(__name__)

GIVE_UP_AFTER = timedelta(hours=24)
# When a mail whose message did not arrive is asked for again.
LOST_AFTER = timedelta(minutes=10)

_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=1)
# More than fit into a day of pauses: only attempts that end their worker come so far.
_MOST_ATTEMPTS = 60
_SWEEP = 500
_ERROR_LENGTH = 500
_SECONDS_TO_NOTE_SUCCESS = 10


def owes_mail(event: OutboxEvent) -> bool:
    """Tell whether events of this type owe a mail."""
    return event.type in settings.MAIL_BUILDERS


def expect(events: Iterable[OutboxEvent], *, now: datetime) -> None:
    """Note that these events owe a mail, so that it is delivered even if their messages get lost.

    Those that are noted already stay as they are.
    """
    EmailDelivery.objects.bulk_create(
        [_new_delivery(event, now) for event in events], ignore_conflicts=True
    )


def deliver(event_id: UUID, *, now: datetime) -> None:
    """Try once to deliver the mail that the event owes, if it still is owed and nobody is at it.

    A failure is noted and tried again later, first after a minute, then ever more rarely up to
    every hour; after a day the mail is parked for staff. It is parked at once when the mail server
    refuses the address for good.

    Raises OperationalError or InterfaceError while the database is away.
    """
    event = OutboxEvent.objects.filter(id=event_id).first()
    if event is None or not owes_mail(event):
        return
    expect([event], now=now)
    delivery = _take(event, now)
    if delivery is None:
        return
    try:
        mail = build_mail(event)
        if mail is not None:
            _send(delivery, mail)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 - a builder may fail in any way, and is tried again
        _note_failure(delivery, error, now)
    else:
        _note_success(delivery, mail)


def resend_due(*, now: datetime) -> int:
    """Let the relay ask again for mails that are due. Returns how many it is to ask for.

    Due are those that failed and whose pause is over, those whose worker died, and those whose
    message did not come within `LOST_AFTER`.
    """
    with transaction.atomic():
        due = EmailDelivery.objects.filter(
            status=DeliveryStatus.PENDING, next_attempt_at__lte=now
        ).order_by("next_attempt_at")
        ids = list(due.select_for_update(skip_locked=True).values_list("id", flat=True)[:_SWEEP])
        _ask_again(ids, now)
    return len(ids)


def send_again(delivery_ids: Iterable[UUID], *, now: datetime) -> int:
    """Try mails anew that are parked, or wait for their next attempt, for another day.

    Mails that were sent are left alone. Returns how many will be tried.
    """
    with transaction.atomic():
        unsent = EmailDelivery.objects.filter(
            id__in=list(delivery_ids), status__in=(DeliveryStatus.PARKED, DeliveryStatus.PENDING)
        )
        ids = list(unsent.select_for_update().values_list("id", flat=True))
        _ask_again(
            ids,
            now,
            status=DeliveryStatus.PENDING,
            attempts=0,
            give_up_at=now + GIVE_UP_AFTER,
        )
    return len(ids)


def _ask_again(ids: list[UUID], now: datetime, **changes: Any) -> None:
    """Change the deliveries and let the relay publish their events once more, after COMMIT."""
    EmailDelivery.objects.filter(id__in=ids).update(next_attempt_at=now + LOST_AFTER, **changes)
    OutboxEvent.objects.filter(delivery__in=ids).update(published_at=None)
    transaction.on_commit(nudge_relay)


def _new_delivery(event: OutboxEvent, now: datetime) -> EmailDelivery:
    delivery_id = new_id()
    return EmailDelivery(
        id=delivery_id,
        event=event,
        message_id=f"<{delivery_id}@{urlsplit(settings.PUBLIC_URL).hostname}>",
        next_attempt_at=now + LOST_AFTER,
        give_up_at=now + GIVE_UP_AFTER,
    )


def _take(event: OutboxEvent, now: datetime) -> EmailDelivery | None:
    """Lease the event's unfinished delivery, or return None if it is finished or somebody has it.

    The attempt is counted before it is made, since it may be the worker's last.
    """
    lease_end = now + timedelta(seconds=settings.MAIL_TIME_LIMIT_SECONDS * 1.5)
    delivery = EmailDelivery.objects.filter(event=event)
    taken = delivery.filter(
        Q(leased_until__isnull=True) | Q(leased_until__lte=now), status=DeliveryStatus.PENDING
    ).update(leased_until=lease_end, next_attempt_at=lease_end, attempts=F("attempts") + 1)
    if not taken:
        return None
    leased = delivery.get()
    if leased.attempts > _MOST_ATTEMPTS:
        _park(leased, "Every attempt ended with its worker.")
        return None
    return leased


def _send(delivery: EmailDelivery, mail: Mail) -> None:
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        to=[mail.recipient],
        headers={"Message-ID": delivery.message_id, "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(mail.html, "text/html")
    for attachment in mail.attachments:
        message.attach(attachment.filename, attachment.content, attachment.media_type)
    delivery.recipient, delivery.subject = mail.recipient, mail.subject
    message.send()


def _note_success(delivery: EmailDelivery, mail: Mail | None) -> None:
    """Note that nothing is owed any more.

    The mail server has the mail by now: a database that blinks at this moment is waited for, lest
    the mail be sent twice.
    """
    noted = {
        "status": DeliveryStatus.NOT_OWED if mail is None else DeliveryStatus.SENT,
        "sent_at": None if mail is None else Now(),
        "recipient": delivery.recipient,
        "subject": delivery.subject,
        "last_error": "",
        "leased_until": None,
        "next_attempt_at": None,
    }
    end = time.monotonic() + _SECONDS_TO_NOTE_SUCCESS
    while True:
        try:
            EmailDelivery.objects.filter(id=delivery.id).update(**noted)
        except (OperationalError, InterfaceError):
            if time.monotonic() > end or transaction.get_connection().in_atomic_block:
                raise
            transaction.get_connection().close()
            time.sleep(0.5)
        else:
            return


def _note_failure(delivery: EmailDelivery, error: Exception, now: datetime) -> None:
    told = _tell(error)
    logger.warning("The mail of delivery %s was not sent: %s", delivery.id, type(error).__name__)
    if now >= delivery.give_up_at or _refused_for_good(error):
        _park(delivery, told)
        return
    _held(delivery).update(
        recipient=delivery.recipient,
        subject=delivery.subject,
        last_error=told,
        leased_until=None,
        next_attempt_at=now + pause_after(delivery.attempts),
    )


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after so many failed attempts: doubled each time, up to an hour.

    A random part keeps the mails of an outage from coming back all at once.
    """
    doublings = max(0, min(attempts - 1, 10))
    pause = min(_FIRST_PAUSE * 2.0**doublings, _LONGEST_PAUSE)
    return pause * random.uniform(0.75, 1.0)  # noqa: S311 - spreads load, guards no secret


def _park(delivery: EmailDelivery, told: str) -> None:
    _held(delivery).update(
        status=DeliveryStatus.PARKED,
        recipient=delivery.recipient,
        subject=delivery.subject,
        last_error=told,
        leased_until=None,
        next_attempt_at=None,
    )


def _held(delivery: EmailDelivery) -> QuerySet[EmailDelivery]:
    """Return the delivery as long as our lease on it holds."""
    return EmailDelivery.objects.filter(
        id=delivery.id, status=DeliveryStatus.PENDING, leased_until=delivery.leased_until
    )


def _refused_for_good(error: Exception) -> bool:
    return isinstance(error, SMTPRecipientsRefused) and all(
        500 <= code < 600 for code, _ in error.recipients.values()
    )


def _tell(error: Exception) -> str:
    """Say what went wrong: what the mail server said, of our own code only where it failed.

    The text of other exceptions may quote a guest's data.
    """
    name = type(error).__name__
    match error:
        case SMTPRecipientsRefused():
            answers = [f"{code} {_text(said)}" for code, said in error.recipients.values()]
            told = f"{name}: {'; '.join(answers)}"
        case SMTPResponseException():
            told = f"{name}: {error.smtp_code} {_text(error.smtp_error)}"
        case OSError():
            told = f"{name}: {error}"
        case _:
            frame = traceback.extract_tb(error.__traceback__)[-1]
            told = f"{name} in {frame.name}, {frame.filename}:{frame.lineno}"
    return told[:_ERROR_LENGTH]


def _text(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said
