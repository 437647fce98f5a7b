"""`manage.py preview_mails` shows every mail there is, and leaves nothing behind."""

from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from booking_site.models import OutboxEvent
from bookings.demo.mails import sample_mails
from bookings.models import Booking
from rooms.models import Property

pytestmark = pytest.mark.django_db


def test_every_kind_of_mail_is_among_the_samples():
    builders = settings.MAIL_BUILDERS
    shown = {name.split("-")[0] for name, _ in sample_mails("en", now=timezone.now())}
    assert {builders[kind] for kind in shown} == set(builders.values())


def test_each_is_written_as_html_and_text_in_every_language(tmp_path):
    call_command("preview_mails", tmp_path / "mails", stdout=StringIO())
    written = {path.name for path in (tmp_path / "mails").iterdir()}
    assert len(written) == 8 * 2 * 2
    assert {f"booking.confirmed.{kind}" for kind in ("en.html", "en.txt", "de.html")} <= written
    letter = (tmp_path / "mails/booking.confirmed.de.txt").read_text()
    assert "bestätigt: Miradouro Palace\n\nGuten Tag Ada Lovelace,\n" in letter


def test_nothing_is_left_behind(tmp_path):
    call_command("preview_mails", tmp_path, stdout=StringIO())
    for model in (User, Property, Booking, OutboxEvent):
        assert not model.objects.exists()
