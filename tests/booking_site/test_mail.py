import pytest

from booking_site.mail import build_mail, one_line
from booking_site.models import OutboxEvent


@pytest.fixture(autouse=True)
def _builders(settings):
    settings.MAIL_BUILDERS = {"test.greeting": "tests.booking_site.mail_builders.greeting"}


def greeting_to(address: str) -> OutboxEvent:
    return OutboxEvent(type="test.greeting", payload={"to": address})


def test_an_event_that_owes_a_mail_gets_it_from_its_builder():
    mail = build_mail(greeting_to("ada@example.com"))
    assert mail is not None
    assert mail.recipient == "ada@example.com"


def test_an_event_without_a_builder_owes_none():
    assert build_mail(OutboxEvent(type="test.other", payload={})) is None


def test_made_up_guests_get_none():
    assert build_mail(greeting_to("crowd-7@demo.example")) is None


def test_one_line_lets_no_name_begin_a_header():
    assert one_line("Hotel\r\nBcc: all@example.com\x00\t ") == "Hotel Bcc: all@example.com"
