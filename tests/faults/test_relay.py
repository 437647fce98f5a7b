"""The relay publishes every event at least once and in order, and waits for no broker long."""

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.utils import timezone
from redis import Redis

from booking_site import outbox, relay
from booking_site.embedded.ports import LOOPBACK
from booking_site.models import EmailDelivery, OutboxEvent
from booking_site.relay import Broker, BrokerAwayError, publish_batch
from booking_site.topology import NOTIFICATIONS

pytestmark = pytest.mark.django_db(transaction=True)

OWED = "booking.confirmed"


def happen(count: int, event_type: str = OWED) -> list[str]:
    """Record events and return their ids in their order."""
    with transaction.atomic():
        return [str(outbox.record(event_type, {}).id) for _ in range(count)]


def unpublished() -> int:
    return OutboxEvent.objects.filter(published_at=None).count()


def waiting_in(valkey_url: str) -> list[str]:
    """Return the ids of the events that lie in the queue, the oldest first."""
    with Redis.from_url(valkey_url) as redis:
        messages = redis.lrange(f"celery:{NOTIFICATIONS}", 0, -1)
    return [json.loads(message)["headers"]["id"] for message in reversed(messages)]


@pytest.fixture
def broker(valkey_url: str) -> Iterator[Broker]:
    with Broker(valkey_url) as broker:
        yield broker


@pytest.fixture(params=["amqp", "redis"])
def silent_broker(request, monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    """A broker that takes connections and never says a word."""
    monkeypatch.setattr(relay, "_PATIENCE_SECONDS", 0.5)
    with socket.create_server((LOOPBACK, 0)) as server:
        url = f"{request.param}://{LOOPBACK}:{server.getsockname()[1]}//"
        with Broker(url) as broker:
            yield broker


def test_events_are_published_once_in_their_order(broker, valkey_url):
    ids = happen(3)
    assert [publish_batch(broker) for _ in range(2)] == [3, 0]
    assert waiting_in(valkey_url) == ids
    assert unpublished() == 0
    assert EmailDelivery.objects.filter(status="pending", attempts=0).count() == 3


def test_an_event_that_owes_no_mail_is_told_to_nobody(broker, valkey_url):
    happen(1, "booking.held")
    (mailed,) = happen(1)
    assert publish_batch(broker) == 2
    assert waiting_in(valkey_url) == [mailed]
    assert EmailDelivery.objects.count() == 1


def test_a_batch_is_bounded_and_takes_few_statements(broker, django_assert_num_queries):
    happen(relay.BATCH + 1)
    with django_assert_num_queries(6):  # is there any?, BEGIN, claim, expect, mark, COMMIT
        assert publish_batch(broker) == relay.BATCH
    assert unpublished() == 1
    assert publish_batch(broker) == 1


def test_what_was_rolled_back_is_not_published(broker):
    with transaction.atomic():
        outbox.record(OWED, {})
        transaction.set_rollback(True)
    assert publish_batch(broker) == 0


def test_two_relays_share_the_work(valkey_url):
    ids = happen(3 * relay.BATCH)

    def publish_all(_: int) -> int:
        try:
            with Broker(valkey_url) as broker:
                return sum(iter(lambda: publish_batch(broker), 0))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(publish_all, range(2))) == len(ids)
    assert sorted(waiting_in(valkey_url)) == ids


def test_a_relay_killed_before_it_marked_publishes_again(broker, valkey_url):
    (event,) = happen(1)
    publish_batch(broker)
    OutboxEvent.objects.update(published_at=None)
    publish_batch(broker)
    assert waiting_in(valkey_url) == [event, event]
    assert EmailDelivery.objects.count() == 1


def test_a_silent_broker_is_not_waited_for_long(silent_broker):
    happen(2)
    began = time.monotonic()
    with pytest.raises(BrokerAwayError):
        publish_batch(silent_broker)
    assert time.monotonic() - began < 5
    assert unpublished() == 2


def test_a_broker_that_is_away_is_asked_again(valkey_url):
    happen(1)
    with Broker("amqp://guest:guest@127.0.0.1:1//") as away, pytest.raises(BrokerAwayError):
        publish_batch(away)
    with Broker(valkey_url) as there:
        assert publish_batch(there) == 1


def test_a_broker_that_falls_silent_frees_the_events_that_were_claimed(rabbitmq, monkeypatch):
    monkeypatch.setattr(relay, "_PATIENCE_SECONDS", 1)
    with Broker(rabbitmq.url) as broker:
        happen(1)
        assert publish_batch(broker) == 1
        happen(2)
        with rabbitmq.frozen(), pytest.raises(BrokerAwayError):
            publish_batch(broker)
        assert unpublished() == 2
        with transaction.atomic():
            claimable = OutboxEvent.objects.filter(published_at=None)
            assert len(claimable.select_for_update(nowait=True)) == 2
        assert publish_batch(broker) == 2


def test_a_message_that_no_queue_takes_is_not_taken_for_published(rabbitmq):
    with Broker(rabbitmq.url) as broker:
        happen(1)
        publish_batch(broker)
        with rabbitmq.connection() as other:
            other.default_channel.queue_delete(NOTIFICATIONS)
        happen(1)
        with pytest.raises(BrokerAwayError):
            publish_batch(broker)
        assert unpublished() == 1
        assert publish_batch(broker) == 1
    assert EmailDelivery.objects.filter(next_attempt_at__gt=timezone.now()).count() == 2
