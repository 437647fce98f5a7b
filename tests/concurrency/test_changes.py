"""Cancel, modify, confirm and run out: nights are given back once, or kept."""

from datetime import timedelta
from functools import partial

import pytest
from django.db.models.functions import Now

from booking_site.db import Isolation
from bookings.models import Booking, BookingStatus
from bookings.services import expire_holds
from bookings.states import BookingCancelled, HoldExpired
from rooms.inventory import SoldOut
from rooms.stays import Stay
from tests.bookings.bookkeeping import book, free_units, let_run_out
from tests.concurrency.desk import breaks_of, cancel, confirm, modify, room_of
from tests.concurrency.interleavings import Encounter, every_interleaving
from tests.concurrency.locks_off import without_row_locks
from tests.concurrency.races import race
from tests.factories import stay_in

STAY = stay_in(10, nights=2)
LATER = Stay.of_nights(STAY.check_in + timedelta(days=1), 2)
BOTH = Stay(STAY.check_in, LATER.check_out)


def cancelled_twice(guest) -> Encounter:
    # Two units are sold, so that one given back twice would still be a possible count.
    room = room_of(3)
    booking = book(guest, room, STAY)
    book(guest, room, STAY)
    cancel_it = partial(cancel, booking)
    return Encounter(room=room, one=cancel_it, other=cancel_it)


def cancelled_and_moved(guest) -> Encounter:
    room = room_of(3)
    booking = book(guest, room, STAY)
    book(guest, room, BOTH)
    return Encounter(
        room=room,
        one=lambda: cancel(booking),
        other=lambda: modify(booking, check_in=LATER.check_in, check_out=LATER.check_out),
    )


def moved_and_enlarged(guest) -> Encounter:
    room = room_of(4)
    booking = book(guest, room, STAY)
    book(guest, room, BOTH)
    return Encounter(
        room=room,
        one=lambda: modify(booking, check_in=LATER.check_in, check_out=LATER.check_out),
        other=lambda: modify(booking, units=2),
    )


def confirmed_and_run_out(guest) -> Encounter:
    """A hold whose last moment comes while it is being confirmed."""
    room = room_of(3)
    hold = book(guest, room, STAY, hold=True)
    book(guest, room, STAY)

    def run_out() -> int:
        pending = Booking.objects.filter(id=hold.id, status=BookingStatus.PENDING)
        pending.update(hold_expires_at=Now())
        return expire_holds()

    return Encounter(room=room, one=lambda: confirm(hold), other=run_out)


def run_out_twice(guest) -> Encounter:
    room = room_of(3)
    let_run_out(book(guest, room, STAY, hold=True))
    book(guest, room, STAY)
    return Encounter(room=room, one=expire_holds, other=expire_holds)


def run_out_and_wanted(guest) -> Encounter:
    """A hold that ran out is released by the scheduler and by a buyer who needs its unit."""
    room = room_of(2)
    let_run_out(book(guest, room, BOTH, hold=True))
    book(guest, room, STAY)
    return Encounter(room=room, one=expire_holds, other=lambda: book(guest, room, LATER))


class TestInEveryInterleaving:
    def test_cancelled_twice_is_released_once(self, regime, guest):
        for met in every_interleaving(lambda: cancelled_twice(guest)):
            assert met.one.result().status == BookingStatus.CANCELLED
            assert met.other.result().status == BookingStatus.CANCELLED
            assert free_units(met.room, STAY) == [2, 2]
            assert breaks_of(met.room) == []

    def test_cancelled_and_moved_ends_cancelled(self, regime, guest):
        for met in every_interleaving(lambda: cancelled_and_moved(guest)):
            assert met.one.result().status == BookingStatus.CANCELLED
            assert met.errors in ([], [BookingCancelled])
            assert free_units(met.room, BOTH) == [2, 2, 2]
            assert breaks_of(met.room) == []

    def test_two_changes_of_one_booking_both_hold(self, regime, guest):
        for met in every_interleaving(lambda: moved_and_enlarged(guest)):
            assert met.errors == []
            booking = Booking.objects.get(id=met.one.result().id)
            assert (booking.stay, booking.units) == (LATER, 2)
            assert free_units(met.room, BOTH) == [3, 1, 1]
            assert breaks_of(met.room) == []

    def test_a_hold_that_runs_out_while_confirmed_is_kept_or_released(self, regime, guest):
        for met in every_interleaving(lambda: confirmed_and_run_out(guest)):
            confirmed = met.one.error is None
            assert met.errors == ([] if confirmed else [HoldExpired])
            assert met.other.result() == (0 if confirmed else 1)
            assert free_units(met.room, STAY) == ([1, 1] if confirmed else [2, 2])
            assert breaks_of(met.room) == []

    def test_a_hold_that_two_schedulers_release_is_released_once(self, regime, guest):
        for met in every_interleaving(lambda: run_out_twice(guest)):
            assert met.one.result() + met.other.result() == 1
            assert free_units(met.room, STAY) == [2, 2]
            assert breaks_of(met.room) == []

    def test_the_buyer_who_needs_a_hold_that_ran_out_gets_its_unit(self, regime, guest):
        for met in every_interleaving(lambda: run_out_and_wanted(guest)):
            if met.errors:
                # Without the stripe a buyer can come while the release is not committed yet: the
                # nights are still taken then, and free for whoever asks next.
                assert regime is not Isolation.SERIALIZABLE_STRIPE
                assert met.errors == [SoldOut]
                book(guest, met.room, LATER)
            assert free_units(met.room, BOTH) == [1, 0, 1]
            assert breaks_of(met.room) == []


def test_a_hold_that_runs_out_while_it_is_enlarged_is_not_given_back_twice(regime, guest):
    """It must not be released as one of those that ran out and lie in the way of its new stay."""
    room = room_of(2)
    hold = book(guest, room, STAY, hold=True)
    book(guest, room, STAY)

    def run_out(_: int, sql: str) -> None:
        if "rooms_roomavailability" in sql and "FOR UPDATE" in sql:
            pending = Booking.objects.filter(id=hold.id, status=BookingStatus.PENDING)
            pending.update(hold_expires_at=Now())

    (outcome,) = race(lambda: modify(hold, units=2), before=run_out)
    assert isinstance(outcome.error, SoldOut)
    assert Booking.objects.get(id=hold.id).units == 1
    assert free_units(room, STAY) == [0, 0]
    assert breaks_of(room) == []


@pytest.mark.parametrize(
    "prepare", [cancelled_twice, cancelled_and_moved, moved_and_enlarged, run_out_twice]
)
def test_control_without_row_locks_some_interleaving_breaks_the_ledger(
    prepare, guest, monkeypatch, settings
):
    without_row_locks(monkeypatch, settings)
    assert any(breaks_of(met.room) for met in every_interleaving(lambda: prepare(guest)))


def test_control_without_row_locks_a_hold_can_be_confirmed_and_released(
    guest, monkeypatch, settings
):
    without_row_locks(monkeypatch, settings)
    met_both = [
        met
        for met in every_interleaving(lambda: confirmed_and_run_out(guest))
        if met.one.error is None and met.other.result() == 1
    ]
    assert met_both
    assert any(breaks_of(met.room) for met in met_both)


@pytest.mark.usefixtures("many_connections")
def test_many_changes_of_one_booking_at_once_leave_the_books_exact(regime, guest):
    room = room_of(6)
    booking = book(guest, room, STAY)
    book(guest, room, BOTH)
    outcomes = race(
        *[lambda: modify(booking, check_in=LATER.check_in, check_out=LATER.check_out)] * 5,
        *[lambda: modify(booking, check_in=STAY.check_in, check_out=STAY.check_out)] * 5,
        *[lambda: modify(booking, units=3)] * 5,
        *[lambda: cancel(booking)] * 3,
    )
    refusals = {type(outcome.error) for outcome in outcomes if outcome.error is not None}
    assert refusals <= {BookingCancelled}
    assert free_units(room, BOTH) == [5, 5, 5]
    assert breaks_of(room) == []
