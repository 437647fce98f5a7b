"""Waking the relay: faster than its next sweep, and never more than a hint.

Over Redis rather than PostgreSQL's NOTIFY, which makes transactions that notify commit one after
another.
"""

import logging
import time
from contextlib import suppress

from django.conf import settings
from redis import Redis
from redis.client import PubSub
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

_CHANNEL = "outbox"
_TIMEOUT_SECONDS = 0.1
# How long nobody tries again after Redis did not answer, so that requests don't wait for it.
_PAUSE_SECONDS = 5.0

_redis = Redis.from_url(
    settings.REDIS_URL,
    socket_timeout=_TIMEOUT_SECONDS,
    socket_connect_timeout=_TIMEOUT_SECONDS,
)
_silent_until = 0.0


def nudge_relay() -> None:
    """Tell the relay that there is something to publish. Costs little and never fails."""
    global _silent_until
    if time.monotonic() < _silent_until:
        return
    try:
        _redis.publish(_CHANNEL, b"")
    except RedisError as error:
        _silent_until = time.monotonic() + _PAUSE_SECONDS
        logger.info("The relay was not nudged, its sweep will do: %s", error)


def relay_subscription() -> PubSub:
    """Return what `wait_for_nudge` listens with; Redis need not be there yet."""
    return PubSub(_redis.connection_pool)


def wait_for_nudge(subscription: PubSub, seconds: float) -> None:
    """Return when the relay is nudged, or else after so many seconds, with or without Redis."""
    end = time.monotonic() + seconds
    with suppress(RedisError):
        subscription.subscribe(_CHANNEL)
        while (left := end - time.monotonic()) > 0:
            if subscription.get_message(ignore_subscribe_messages=True, timeout=left):
                return
    time.sleep(max(0.0, end - time.monotonic()))
