"""The relay: hands events of the outbox to the broker, each at least once.

An event is marked as published only after the broker has confirmed it. Killed in between, the relay
publishes it again; whoever consumes it must not mind (booking_site.deliveries does not).
"""

import logging
from typing import Any, Self

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from kombu.exceptions import KombuError

from booking_site import deliveries
from booking_site.celery import app
from booking_site.models import OutboxEvent
from booking_site.tasks import deliver_mail
from booking_site.topology import DEAD_LETTERS

logger = logging.getLogger(__name__)

BATCH = 100

# No wait for the broker is longer, whether it is away, silent or refuses to take more.
_PATIENCE_SECONDS = 5


class BrokerAwayError(Exception):
    """The broker did not confirm: the event may or may not have reached it."""


class Broker:
    """One connection to the broker, made when it is needed and given up after any failure."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Any = None
        self._producer: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self.close()

    def connect(self) -> None:
        """Connect unless connected, and declare the queue of dead letters.

        Raises BrokerAwayError.
        """
        if self._producer is not None:
            return
        self._connection = app.connection_for_write(
            self._url,
            connect_timeout=_PATIENCE_SECONDS,
            # Nobody would answer heartbeats between two batches; timeouts find a dead peer.
            heartbeat=0,
            transport_options=self._options(),
        )
        try:
            self._connection.connect()
            channel = self._connection.default_channel
            if self._connection.transport.driver_type == "amqp":
                DEAD_LETTERS(channel).declare()
            self._producer = app.amqp.Producer(channel)
        except self._errors() as error:
            self.close()
            raise BrokerAwayError(str(error)) from error

    def publish(self, event: OutboxEvent) -> None:
        """Return when the broker has confirmed the event.

        Raises BrokerAwayError.
        """
        try:
            deliver_mail.apply_async(
                args=[str(event.id)],
                task_id=str(event.id),
                producer=self._producer,
                retry=False,
                mandatory=True,
                timeout=_PATIENCE_SECONDS,
                confirm_timeout=_PATIENCE_SECONDS,
            )
        except self._errors() as error:
            # A confirmation that comes late must not be taken for that of the next event.
            self.close()
            raise BrokerAwayError(str(error)) from error

    def close(self) -> None:
        """Give the connection up without a word to the other side, which may not listen."""
        if self._connection is not None:
            self._connection.collect(socket_timeout=0.1)
        self._connection = self._producer = None

    def _errors(self) -> tuple[type[BaseException], ...]:
        connection = self._connection
        return (
            *connection.connection_errors,
            *connection.channel_errors,
            KombuError,
            OSError,
        )

    def _options(self) -> dict[str, Any]:
        if self._url.startswith("redis"):
            return {
                "socket_timeout": _PATIENCE_SECONDS,
                "socket_connect_timeout": _PATIENCE_SECONDS,
            }
        return {
            "confirm_publish": True,
            "read_timeout": _PATIENCE_SECONDS,
            "write_timeout": _PATIENCE_SECONDS,
        }


def publish_batch(broker: Broker) -> int:
    """Publish the oldest events that wait, in their order, and return how many those were.

    Several relays may do so at once: what one has claimed the others skip.

    Raises BrokerAwayError; the events that were confirmed until then stay published.
    """
    if not OutboxEvent.objects.filter(published_at__isnull=True).exists():
        return 0
    # Before the claim, so that events are not locked while nobody answers.
    broker.connect()
    failure: BrokerAwayError | None = None
    told: list[OutboxEvent] = []
    with transaction.atomic():
        waiting = OutboxEvent.objects.filter(published_at__isnull=True).order_by("created_at", "id")
        for event in waiting.select_for_update(skip_locked=True)[:BATCH]:
            try:
                if deliveries.owes_mail(event):
                    broker.publish(event)
            except BrokerAwayError as error:
                failure = error
                break
            told.append(event)
        owing = [event for event in told if deliveries.owes_mail(event)]
        deliveries.expect(owing, now=timezone.now())
        OutboxEvent.objects.filter(id__in=[event.id for event in told]).update(published_at=Now())
    if failure is not None:
        raise failure
    return len(told)
