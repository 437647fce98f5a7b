from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.idempotency import IdempotencyKey, IdempotencyKeyReused, fingerprint
from bookings.models import Booking, IdempotencyRecord
from bookings.services import book_room_once, cancel_booking
from rooms.inventory import SoldOut
from rooms.models import Room
from tests.bookings.bookkeeping import book, free_units, order
from tests.factories import UserFactory, stay_in

pytestmark = pytest.mark.usefixtures("exact_ledger")


def shown(booking: Booking) -> dict:
    return {"id": str(booking.id), "status": booking.status}


def key_of(user, name="k-1", asked="this"):
    return IdempotencyKey(user_id=user.id, key=name, fingerprint=fingerprint({"asked": asked}))


def book_once(user, room, stay, key, *, now=None):
    return book_room_once(order(user, room, stay), key=key, render=shown, now=now or timezone.now())


def test_a_retry_gets_the_first_answer_and_books_nothing(guest, room):
    stay = stay_in(10)
    first = book_once(guest, room, stay, key_of(guest))
    again = book_once(guest, room, stay, key_of(guest))
    assert (first.replayed, again.replayed) == (False, True)
    assert (again.status, again.body) == (201, first.body)
    assert free_units(room, stay) == [1, 1]


def test_a_retry_gets_the_first_answer_even_if_the_booking_was_cancelled_since(guest, room):
    stay = stay_in(10)
    first = book_once(guest, room, stay, key_of(guest))
    cancel_booking(first.body["id"], user_id=guest.id, now=timezone.now())
    assert book_once(guest, room, stay, key_of(guest)).body == first.body
    assert free_units(room, stay) == [2, 2]


def test_a_retry_gets_the_first_answer_even_if_the_wish_could_not_be_sold_any_more(guest, room):
    stay = stay_in(0)
    first = book_once(guest, room, stay, key_of(guest))
    Room.objects.update(is_active=False)
    tomorrow = timezone.now() + timedelta(days=1)
    assert book_once(guest, room, stay, key_of(guest), now=tomorrow).body == first.body


def test_a_key_names_one_request_only(guest, room):
    stay = stay_in(10)
    book_once(guest, room, stay, key_of(guest))
    with pytest.raises(IdempotencyKeyReused):
        book_once(guest, room, stay, key_of(guest, asked="something else"))
    assert Booking.objects.count() == 1


def test_keys_of_two_users_have_nothing_to_do_with_each_other(guest, room):
    other = UserFactory()
    for user in (guest, other):
        assert not book_once(user, room, stay_in(10), key_of(user)).replayed
    assert Booking.objects.count() == 2


def test_a_refusal_is_not_kept_so_the_same_key_may_succeed_later(guest, room):
    stay = stay_in(10)
    rival = book(guest, room, stay, units=2)
    with pytest.raises(SoldOut):
        book_once(guest, room, stay, key_of(guest))
    assert not IdempotencyRecord.objects.exists()
    cancel_booking(rival.id, user_id=guest.id, now=timezone.now())
    assert not book_once(guest, room, stay, key_of(guest)).replayed


def test_the_fingerprint_does_not_depend_on_the_order_of_fields():
    assert fingerprint({"a": 1, "b": stay_in(1).check_in}) == fingerprint(
        {"b": stay_in(1).check_in, "a": 1}
    )
