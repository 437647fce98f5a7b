"""Bookings go on and no mail is lost, whatever dies between the outbox and the mail server."""

import os
import signal
import time

from django.db import transaction
from django.utils import timezone
from kombu import Producer

from booking_site import deliveries, outbox
from booking_site.models import EmailDelivery, OutboxEvent
from booking_site.topology import DEAD_NOTIFICATIONS, NOTIFICATIONS
from tests.booking_site.embedded.stacks import eventually
from tests.faults.product import child_of, kill


def test_a_killed_broker_and_killed_relays_lose_nothing(on_rabbitmq, rabbitmq, book_some):
    on_rabbitmq.start_worker()
    relays = [on_rabbitmq.start_relay() for _ in range(2)]
    book_some(10)
    on_rabbitmq.wait_for_all_mails()

    rabbitmq.kill()
    book_some(30)
    time.sleep(2)
    assert OutboxEvent.objects.filter(published_at=None).count() == 30
    assert all(relay.poll() is None for relay in relays)
    kill(relays[0])
    rabbitmq.start()
    eventually(lambda: OutboxEvent.objects.filter(published_at=None).count() < 30)
    kill(relays[1])
    on_rabbitmq.start_relay()
    book_some(10)
    on_rabbitmq.wait_for_all_mails()

    assert EmailDelivery.objects.count() == 50
    on_rabbitmq.assert_every_mail_arrived()


def test_workers_killed_while_the_mail_server_answers_lose_nothing(on_rabbitmq, book_some):
    on_rabbitmq.start_relay()
    worker = on_rabbitmq.start_worker()
    held = on_rabbitmq.mail_server.held

    with on_rabbitmq.mail_server.holding():
        book_some(1)
        assert held.acquire(timeout=60)
        os.kill(child_of(worker), signal.SIGKILL)
        book_some(1)
        assert held.acquire(timeout=60)
        kill(worker)
    on_rabbitmq.start_worker()
    book_some(5)
    on_rabbitmq.wait_for_all_mails()

    assert EmailDelivery.objects.count() == 7
    # The server had taken both when their workers died, who did not live to hear it.
    on_rabbitmq.assert_every_mail_arrived(duplicates=2)


def test_messages_that_nobody_can_use_end_among_the_dead_letters(on_rabbitmq, rabbitmq, book_some):
    on_rabbitmq.start_relay()
    on_rabbitmq.start_worker()
    eventually(lambda: _exists(rabbitmq, DEAD_NOTIFICATIONS))
    with rabbitmq.connection() as connection:
        producer = Producer(connection)
        unreadable = {"body": b"{", "content_type": "application/json"}
        pickled = {"body": b"cos\n", "content_type": "application/x-python-serialize"}
        for message in (unreadable, pickled):
            producer.publish(routing_key=NOTIFICATIONS, content_encoding="utf-8", **message)
        headers = {"task": "no.such.task", "id": "1", "lang": "py"}
        producer.publish([[], {}, {}], routing_key=NOTIFICATIONS, headers=headers)
    with transaction.atomic():
        deadly = outbox.record("test.deadly", {})
    book_some(5)

    eventually(lambda: EmailDelivery.objects.filter(status="sent").count() == 5, seconds=90)
    eventually(lambda: rabbitmq.waiting_in(DEAD_NOTIFICATIONS) == 3)
    # What ends its workers is not handed out at once, but after its lease, and parked at last.
    delivery = EmailDelivery.objects.get(event=deadly)
    assert (delivery.status, delivery.attempts) == ("pending", 1)
    EmailDelivery.objects.filter(id=delivery.id).update(attempts=60)
    eventually(lambda: deliveries.resend_due(now=timezone.now()) == 1)
    eventually(lambda: EmailDelivery.objects.get(event=deadly).status == "parked")


def test_on_valkey_too_nothing_is_lost(on_valkey, book_some):
    relay, worker = on_valkey.start_relay(), on_valkey.start_worker()
    with on_valkey.mail_server.holding():
        book_some(5)
        assert on_valkey.mail_server.held.acquire(timeout=60)
        kill(worker)
        kill(relay)
    on_valkey.start_worker()
    book_some(5)
    on_valkey.start_relay(REDIS_URL="redis://127.0.0.1:1/0", CELERY_BROKER_URL=on_valkey.broker_url)
    # What the killed worker had taken comes back too late for a test: the sweep is faster.
    EmailDelivery.objects.filter(attempts=0).update(next_attempt_at=timezone.now())
    on_valkey.wait_for_all_mails()
    assert EmailDelivery.objects.count() == 10
    on_valkey.assert_every_mail_arrived(duplicates=1)


def test_a_relay_ends_cleanly_when_told_to_even_without_a_broker(on_valkey, book_some, tmp_path):
    book_some(1)
    relay = on_valkey.start_relay(CELERY_BROKER_URL="amqp://guest:guest@127.0.0.1:1//")
    log = tmp_path / "relay0.log"
    eventually(lambda: "Nothing can be published" in log.read_text())
    relay.send_signal(signal.SIGTERM)
    assert relay.wait(10) == 0
    assert OutboxEvent.objects.filter(published_at=None).count() == 1


def _exists(rabbitmq, queue):
    try:
        return rabbitmq.waiting_in(queue) >= 0
    except Exception:  # noqa: BLE001 - a channel error without a class of its own
        return False
