"""The transactional outbox: events commit with what they tell of.

A use case records its event in its own transaction. The relay (booking_site.relay) hands it to the
broker afterwards, so that neither a broker that is down nor a crash after COMMIT loses an event or
makes one up. Pattern: C. Richardson, "Transactional outbox", microservices.io.
"""

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction

from booking_site.models import OutboxEvent
from booking_site.nudge import nudge_relay


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
