"""`manage.py relay_outbox`: hand the events of the outbox to the broker until told to stop."""

import logging
import signal
import threading
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections
from psycopg_pool import PoolTimeout
from redis.client import PubSub

from booking_site.nudge import relay_subscription, wait_for_nudge
from booking_site.outbox import oldest_unpublished_seconds
from booking_site.relay import (
    BATCH,
    Broker,
    BrokerAwayError,
    publish_batch,
)

logger = logging.getLogger(__name__)

_SWEEP_SECONDS = 1.0
# After failures in a row. None after the first: a kept connection may just have been closed.
_PAUSES_SECONDS = (0.0, 0.5, 1.0, 2.0, 5.0)
_LATE_SECONDS = 60.0
_COMPLAIN_EVERY_SECONDS = 60.0


class Command(BaseCommand):
    """Runs for ever. PostgreSQL, the broker and Redis may be away for any time."""

    help = "Publish the events of the outbox; several may run at once."

    def handle(self, *args: Any, **options: Any) -> None:
        stopped = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stopped.set())
        _Loop(stopped).run(relay_subscription())


class _Loop:
    def __init__(self, stopped: threading.Event) -> None:
        self._stopped = stopped
        self._failures = 0
        self._complain_at = 0.0

    def run(self, subscription: PubSub) -> None:
        with Broker(settings.CELERY_BROKER_URL) as broker:
            while not self._stopped.is_set():
                if not self._publish(broker):
                    continue
                wait_for_nudge(subscription, _SWEEP_SECONDS)

    def _publish(self, broker: Broker) -> bool:
        """Publish a batch and tell whether all is published that there was."""
        close_old_connections()
        try:
            published = publish_batch(broker)
            self._failures = 0
            if published == BATCH:
                return False
            self._complain_if_late()
        except (BrokerAwayError, Error, PoolTimeout) as error:
            self._pause(error)
            return False
        return True

    def _pause(self, error: Exception) -> None:
        pause = _PAUSES_SECONDS[min(self._failures, len(_PAUSES_SECONDS) - 1)]
        self._failures += 1
        if pause:
            logger.warning("Nothing can be published, trying again: %s", error)
        self._stopped.wait(pause)

    def _complain_if_late(self) -> None:
        if time.monotonic() < self._complain_at:
            return
        self._complain_at = time.monotonic() + _COMPLAIN_EVERY_SECONDS
        if (age := oldest_unpublished_seconds()) > _LATE_SECONDS:
            logger.warning("The oldest event has waited %.0f s for its publication.", age)
