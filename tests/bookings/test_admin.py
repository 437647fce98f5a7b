"""Bookings in the admin: staff find them, read them and cancel them, and nothing else."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookings.models import Booking
from tests.bookings.bookkeeping import book, free_units
from tests.factories import UserFactory, stay_in

pytestmark = pytest.mark.usefixtures("exact_ledger")

LIST = reverse("admin:bookings_booking_changelist")


@pytest.fixture
def staff(client: Client, transactional_db: None) -> Client:
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


def cancel(staff: Client, *bookings: Booking):
    chosen = {"action": "cancel", "_selected_action": [booking.pk for booking in bookings]}
    return staff.post(LIST, chosen, follow=True)


def page_of(booking: Booking) -> str:
    return reverse("admin:bookings_booking_change", args=[booking.id])


def test_a_booking_is_found_by_reference_and_shows_its_nights(staff, guest, room):
    booking = book(guest, room, stay_in(10))
    found = staff.get(LIST, {"q": booking.reference.lower()}).content.decode()
    assert booking.reference in found
    page = staff.get(page_of(booking)).content.decode()
    assert f"{booking.check_in}: 80.00 EUR" in page


def test_the_action_cancels_in_the_name_of_staff(staff, guest, room):
    booking, other = book(guest, room, stay_in(10)), book(guest, room, stay_in(20))
    page = cancel(staff, booking).content.decode()
    assert "1 booking is cancelled." in page
    booking.refresh_from_db()
    assert (booking.status, booking.cancellation_reason) == ("cancelled", "staff")
    assert free_units(room, booking.stay) == [2, 2]
    assert free_units(room, other.stay) == [1, 1]


def test_a_refusal_is_shown_and_the_others_are_cancelled(staff, guest, room, monkeypatch):
    soon, later = book(guest, room, stay_in(1)), book(guest, room, stay_in(10))
    in_a_week = timezone.now() + timedelta(days=7)
    monkeypatch.setattr("bookings.admin.timezone.now", lambda: in_a_week)
    page = cancel(staff, soon, later).content.decode()
    assert "1 booking is cancelled." in page
    assert f"{soon}: The stay of {soon} began on {soon.check_in}." in page
    soon.refresh_from_db()
    assert soon.status == "confirmed"


def test_nothing_else_can_be_done_to_a_booking(staff, guest, room):
    booking = book(guest, room, stay_in(10))
    assert staff.get(reverse("admin:bookings_booking_add")).status_code == 403
    assert staff.post(page_of(booking), {"status": "cancelled"}).status_code == 403
    delete = reverse("admin:bookings_booking_delete", args=[booking.id])
    assert staff.post(delete, {"post": "yes"}).status_code == 403
    booking.refresh_from_db()
    assert booking.status == "confirmed"


def test_who_may_only_look_may_not_cancel(client, guest, room):
    viewer = UserFactory(is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_booking"))
    client.force_login(viewer)
    booking = book(guest, room, stay_in(10))
    assert client.get(page_of(booking)).status_code == 200
    cancel(client, booking)
    booking.refresh_from_db()
    assert booking.status == "confirmed"
