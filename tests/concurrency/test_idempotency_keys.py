"""One key sent many times at once: one booking, one answer."""

from functools import partial

import pytest
from django.utils import timezone

from bookings import idempotency
from bookings.idempotency import Answer, IdempotencyKey, IdempotencyKeyReused
from bookings.models import Booking, IdempotencyRecord
from bookings.services import book_room_once
from tests.bookings.bookkeeping import free_units, order
from tests.concurrency.desk import breaks_of, room_of
from tests.concurrency.interleavings import Encounter, every_interleaving
from tests.concurrency.locks_off import without_row_locks
from tests.concurrency.races import meeting, race
from tests.factories import UserFactory, stay_in

STAY = stay_in(10, nights=2)
TIMES = 50


def book_once(guest, room, *, key="k", asked="this") -> Answer:
    named = IdempotencyKey(user_id=guest.id, key=key, fingerprint=asked)
    return book_room_once(
        order(guest, room, STAY),
        key=named,
        render=lambda booking: {"id": str(booking.id), "reference": booking.reference},
        now=timezone.now(),
    )


@pytest.mark.usefixtures("many_connections")
@pytest.mark.parametrize("units", [1, TIMES], ids=["last unit", "many units"])
def test_fifty_times_at_once_is_one_booking_and_one_answer(regime, guest, units):
    room = room_of(units)
    outcomes = race(*[lambda: book_once(guest, room)] * TIMES)
    answers = [outcome.result() for outcome in outcomes]
    booking = Booking.objects.get()
    body = {"id": str(booking.id), "reference": booking.reference}
    assert [(answer.status, answer.body) for answer in answers] == [(201, body)] * TIMES
    assert sorted(answer.replayed for answer in answers) == [False] + [True] * (TIMES - 1)
    assert free_units(room, STAY) == [units - 1, units - 1]
    assert breaks_of(room) == []


@pytest.mark.usefixtures("many_connections")
def test_control_a_key_that_is_looked_up_and_not_claimed_books_many_times(
    guest, monkeypatch, settings
):
    without_row_locks(monkeypatch, settings)
    monkeypatch.setattr(idempotency, "claim", idempotency.earlier_answer)
    monkeypatch.setattr(idempotency, "keep", lambda key, answer: None)
    room = room_of(TIMES)
    all_have_looked = meeting(TIMES, at='FROM "rooms_roomavailability"')
    outcomes = race(*[lambda: book_once(guest, room)] * TIMES, before=all_have_looked)
    assert [outcome.result().replayed for outcome in outcomes] == [False] * TIMES
    assert Booking.objects.count() == TIMES


def test_one_key_twice_in_every_interleaving(regime, guest):
    def prepare() -> Encounter:
        IdempotencyRecord.objects.all().delete()
        room = room_of(2)
        send = partial(book_once, guest, room)
        return Encounter(room=room, one=send, other=send)

    for met in every_interleaving(prepare):
        one, other = met.one.result(), met.other.result()
        assert one.body == other.body
        assert {one.replayed, other.replayed} == {True, False}
        assert free_units(met.room, STAY) == [1, 1]
        assert breaks_of(met.room) == []


def test_one_key_for_two_requests_serves_one_and_refuses_the_other(regime, guest):
    def prepare() -> Encounter:
        IdempotencyRecord.objects.all().delete()
        room, elsewhere = room_of(2), room_of(2)
        return Encounter(
            room=room,
            one=lambda: book_once(guest, room, asked="this"),
            other=lambda: book_once(guest, elsewhere, asked="something else"),
        )

    for met in every_interleaving(prepare):
        assert met.errors == [IdempotencyKeyReused]
        assert Booking.objects.filter(room=met.room).count() == (met.one.error is None)
        assert breaks_of(met.room) == []


def test_the_same_key_of_another_user_is_another_key(regime, guest):
    stranger = UserFactory(password=None)

    def prepare() -> Encounter:
        IdempotencyRecord.objects.all().delete()
        room = room_of(2)
        return Encounter(
            room=room, one=lambda: book_once(guest, room), other=lambda: book_once(stranger, room)
        )

    for met in every_interleaving(prepare):
        answers = [met.one.result(), met.other.result()]
        assert [answer.replayed for answer in answers] == [False, False]
        assert answers[0].body != answers[1].body
        assert free_units(met.room, STAY) == [0, 0]
