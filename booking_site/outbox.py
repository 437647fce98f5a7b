"""The transactional outbox: events commit with what they tell of.

A use case records its event in its own transaction. The relay (booking_site.relay) hands it to the
broker afterwards, so that neither a broker that is down nor a crash after COMMIT loses an event or
makes one up. Pattern: C. Richardson, "Transactional outbox", microservices.io.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, Min, OuterRef
from django.utils import timezone

from booking_site.models import DeliveryStatus, EmailDelivery, OutboxEvent
from booking_site.nudge import nudge_relay

# How long events are kept after they were published, with their mails' deliveries.
KEPT = timedelta(days=30)

_CHUNK = 1000
_UNFINISHED = (DeliveryStatus.PENDING, DeliveryStatus.PARKED)


def record(event_type: str, payload: Mapping[str, Any]) -> OutboxEvent:
    """Record an event in the transaction under way; the relay hears of it after COMMIT.

    `payload` must be JSON, dates and decimals aside.

    Raises RuntimeError outside of a transaction: the event could outlive what it tells of.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an event must be recorded in the transaction of what happened")
    event = OutboxEvent.objects.create(type=event_type, payload=dict(payload))
    transaction.on_commit(nudge_relay)
    return event


def purge(*, now: datetime) -> int:
    """Delete the events that were published more than `KEPT` ago. Returns how many those were.

    Those whose mail is still to be sent, or waits for staff, are kept.
    """
    unfinished = EmailDelivery.objects.filter(event=OuterRef("id"), status__in=_UNFINISHED)
    old = OutboxEvent.objects.filter(~Exists(unfinished), published_at__lte=now - KEPT)
    purged = 0
    while ids := list(old.values_list("id", flat=True)[:_CHUNK]):
        OutboxEvent.objects.filter(id__in=ids).delete()
        purged += len(ids)
    return purged


def oldest_unpublished_seconds() -> float:
    """Return for how many seconds the oldest event has waited for the broker; 0 if none waits."""
    waiting = OutboxEvent.objects.filter(published_at__isnull=True)
    oldest = waiting.aggregate(oldest=Min("created_at"))["oldest"]
    return 0.0 if oldest is None else max(0.0, (timezone.now() - oldest).total_seconds())
