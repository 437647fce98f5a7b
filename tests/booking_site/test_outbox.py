"""Events commit with what they tell of, and are kept as long as anybody may need them."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from booking_site import deliveries, outbox
from booking_site.models import EmailDelivery, OutboxEvent


@pytest.mark.django_db(transaction=True)
def test_an_event_needs_the_transaction_of_what_happened():
    with pytest.raises(RuntimeError):
        outbox.record("test.happened", {})
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_did_not_happen():
    with transaction.atomic():
        outbox.record("test.happened", {})
        transaction.set_rollback(True)
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db
def test_the_age_of_the_oldest_that_waits_is_known(happen):
    assert outbox.oldest_unpublished_seconds() == 0.0
    event = happen()
    OutboxEvent.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    happen()
    assert 300 <= outbox.oldest_unpublished_seconds() < 310
    OutboxEvent.objects.filter(id=event.id).update(published_at=timezone.now())
    assert outbox.oldest_unpublished_seconds() < 10


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("published_days_ago", "status", "kept"),
    [
        (31, "sent", False),
        (31, "not_owed", False),
        (31, None, False),
        (29, "sent", True),
        (31, "pending", True),
        (31, "parked", True),
        (None, None, True),
    ],
)
def test_events_are_kept_a_month_and_as_long_as_their_mail_is_open(
    happen, published_days_ago, status, kept
):
    event, now = happen(), timezone.now()
    if published_days_ago is not None:
        OutboxEvent.objects.update(published_at=now - timedelta(days=published_days_ago))
    if status is not None:
        deliveries.expect([event], now=now)
        EmailDelivery.objects.update(
            status=status,
            next_attempt_at=now if status == "pending" else None,
            sent_at=now if status == "sent" else None,
        )
    assert outbox.purge(now=now) == (not kept)
    assert OutboxEvent.objects.exists() is kept
    assert EmailDelivery.objects.exists() is (kept and status is not None)
