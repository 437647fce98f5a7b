"""A mail is delivered once, tried for a day, and never forgotten."""

from datetime import timedelta

import pytest
from django.utils import timezone

from booking_site import deliveries
from booking_site.models import EmailDelivery, OutboxEvent

pytestmark = pytest.mark.django_db

DAY = timedelta(hours=24)


def the_delivery():
    return EmailDelivery.objects.get()


def test_a_mail_is_sent_with_both_its_forms_and_what_is_attached(happen, mail_server, settings):
    settings.PUBLIC_URL = "https://rooms.example.com:8443"
    deliveries.deliver(happen().id, now=timezone.now())
    (mail,) = mail_server.mails
    delivery = the_delivery()
    assert (delivery.status, delivery.attempts, delivery.last_error) == ("sent", 1, "")
    assert delivery.sent_at is not None
    assert (delivery.recipient, delivery.subject) == ("ada@example.com", "Grüße")
    assert delivery.message_id == mail["Message-ID"] == f"<{delivery.id}@rooms.example.com>"
    assert (mail["To"], mail["Subject"]) == ("ada@example.com", "Grüße")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_body(("plain",)).get_content().strip() == "Hello"
    assert mail.get_body(("html",)).get_content().strip() == "<p>Hello</p>"
    assert [part.get_filename() for part in mail.iter_attachments()] == ["a.ics"]


def test_a_message_that_comes_twice_sends_nothing_twice(happen, mail_server):
    event = happen()
    for _ in range(2):
        deliveries.deliver(event.id, now=timezone.now())
    assert len(mail_server.mails) == 1


def test_while_one_worker_is_at_it_others_stay_away(happen, mail_server):
    event, now = happen(), timezone.now()
    deliveries.expect([event], now=now)
    EmailDelivery.objects.update(leased_until=now + timedelta(seconds=1))
    deliveries.deliver(event.id, now=now)
    assert mail_server.mails == []
    deliveries.deliver(event.id, now=now + timedelta(seconds=1))
    assert len(mail_server.mails) == 1


def test_an_event_that_owes_no_mail_gets_no_delivery(happen, mail_server, settings):
    event = happen()
    settings.MAIL_BUILDERS = {}
    deliveries.deliver(event.id, now=timezone.now())
    assert not EmailDelivery.objects.exists()


def test_a_mail_that_nobody_is_left_to_read_is_not_owed(happen, mail_server):
    deliveries.deliver(happen("nobody").id, now=timezone.now())
    delivery = the_delivery()
    assert (delivery.status, delivery.sent_at, delivery.next_attempt_at) == ("not_owed", None, None)


@pytest.mark.parametrize("stage", ["at_recipient", "at_data"])
def test_a_failure_for_now_is_tried_again_ever_more_rarely(happen, mail_server, stage):
    setattr(mail_server, stage, "451 later")
    event, now = happen(), timezone.now()
    for attempt, minutes in enumerate((1, 2, 4, 8, 16, 32, 60, 60), start=1):
        deliveries.deliver(event.id, now=now)
        delivery = the_delivery()
        assert (delivery.status, delivery.attempts) == ("pending", attempt)
        assert "451 later" in delivery.last_error
        pause = delivery.next_attempt_at - now
        assert timedelta(minutes=minutes) * 0.75 <= pause <= timedelta(minutes=minutes)
    setattr(mail_server, stage, "")
    deliveries.deliver(event.id, now=now)
    assert (the_delivery().status, the_delivery().last_error) == ("sent", "")


def test_after_a_day_of_failures_a_mail_is_parked(happen, mail_server):
    mail_server.at_data = "451 later"
    event, now = happen(), timezone.now()
    deliveries.deliver(event.id, now=now)
    deliveries.deliver(event.id, now=now + DAY)
    delivery = the_delivery()
    assert (delivery.status, delivery.attempts, delivery.next_attempt_at) == ("parked", 2, None)
    deliveries.deliver(event.id, now=now + DAY)
    assert the_delivery().attempts == 2


def test_an_address_that_is_refused_for_good_is_parked_at_once(happen, mail_server):
    mail_server.at_recipient = "550 no such user"
    deliveries.deliver(happen().id, now=timezone.now())
    delivery = the_delivery()
    assert (delivery.status, delivery.attempts) == ("parked", 1)
    assert delivery.last_error == "SMTPRecipientsRefused: 550 no such user"


def test_a_mail_server_that_is_away_is_waited_for(happen, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    deliveries.deliver(happen().id, now=timezone.now())
    assert the_delivery().status == "pending"
    assert the_delivery().last_error.startswith("ConnectionRefusedError")


def test_a_silent_mail_server_is_not_waited_for_long(happen, mail_server, settings):
    settings.EMAIL_TIMEOUT = 0.2
    with mail_server.holding():
        deliveries.deliver(happen().id, now=timezone.now())
    assert the_delivery().status == "pending"


def test_a_builder_that_fails_is_told_by_its_place_and_not_by_the_guests_data(happen, mail_server):
    deliveries.deliver(happen("broken").id, now=timezone.now())
    delivery = the_delivery()
    assert (delivery.status, delivery.attempts) == ("pending", 1)
    assert delivery.last_error.startswith("KeyError in broken, ")
    assert "guest" not in delivery.last_error


def test_a_mail_whose_attempts_end_with_their_worker_is_parked_at_last(happen, mail_server):
    event, now = happen(), timezone.now()
    deliveries.expect([event], now=now)
    EmailDelivery.objects.update(attempts=60)
    deliveries.deliver(event.id, now=now)
    assert (the_delivery().status, mail_server.mails) == ("parked", [])


def published(event):
    return OutboxEvent.objects.get(id=event.id).published_at is not None


def test_the_sweep_asks_again_for_what_is_due_and_only_once(happen, mail_server):
    mail_server.at_data = "451 later"
    event, now = happen(), timezone.now()
    OutboxEvent.objects.update(published_at=now)
    deliveries.deliver(event.id, now=now)
    assert deliveries.resend_due(now=now) == 0
    assert published(event)
    due = the_delivery().next_attempt_at
    assert deliveries.resend_due(now=due) == 1
    assert not published(event)
    assert deliveries.resend_due(now=due) == 0


def test_the_sweep_finds_a_mail_whose_message_got_lost(happen):
    event, now = happen(), timezone.now()
    deliveries.expect([event], now=now)
    OutboxEvent.objects.update(published_at=now)
    assert deliveries.resend_due(now=now + deliveries.LOST_AFTER - timedelta(seconds=1)) == 0
    assert deliveries.resend_due(now=now + deliveries.LOST_AFTER) == 1
    assert not published(event)


def test_staff_can_have_a_parked_mail_tried_for_another_day(happen, mail_server):
    mail_server.at_recipient = "550 no such user"
    event, now = happen(), timezone.now()
    deliveries.deliver(event.id, now=now)
    mail_server.at_recipient = ""
    OutboxEvent.objects.update(published_at=now)
    assert deliveries.send_again([the_delivery().id], now=now + DAY) == 1
    assert not published(event)
    assert the_delivery().give_up_at == now + 2 * DAY
    deliveries.deliver(event.id, now=now + DAY)
    assert (the_delivery().status, len(mail_server.mails)) == ("sent", 1)


def test_a_sent_mail_is_not_sent_again(happen, mail_server):
    event = happen()
    OutboxEvent.objects.update(published_at=timezone.now())
    deliveries.deliver(event.id, now=timezone.now())
    assert deliveries.send_again([the_delivery().id], now=timezone.now()) == 0
    assert (the_delivery().status, published(event)) == ("sent", True)
