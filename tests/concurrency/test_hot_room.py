"""A room with many units that everybody wants: nobody is sent away while there is one left."""

import threading

import pytest

from booking_site.db import Isolation
from bookings.models import Booking
from rooms import inventory
from rooms.inventory import SoldOut
from tests.bookings.bookkeeping import book, free_units
from tests.concurrency.desk import breaks_of, room_of
from tests.concurrency.locks_off import without_locks_and_condition
from tests.concurrency.races import HUNG_SECONDS, Outcome, meeting, race
from tests.factories import stay_in

STAY = stay_in(10, nights=2)
BUYERS = 32


def aborts(outcomes: list[Outcome]) -> int:
    """Return how many transactions were begun in vain by those who succeeded in the end."""
    return sum(outcome.rollbacks for outcome in outcomes)


@pytest.mark.usefixtures("many_connections")
def test_every_buyer_gets_a_unit_and_the_next_one_is_refused(regime, guest):
    room = room_of(BUYERS)
    outcomes = race(*[lambda: book(guest, room, STAY)] * BUYERS)
    assert [outcome.error for outcome in outcomes] == [None] * BUYERS
    assert free_units(room, STAY) == [0, 0]
    assert Booking.objects.count() == BUYERS
    assert breaks_of(room) == []
    with pytest.raises(SoldOut):
        book(guest, room, STAY)


@pytest.mark.usefixtures("many_connections")
def test_more_buyers_than_units_leave_none_unsold(regime, guest):
    room = room_of(12)
    outcomes = race(*[lambda: book(guest, room, STAY)] * BUYERS)
    refusals = [type(outcome.error) for outcome in outcomes if outcome.error is not None]
    assert refusals == [SoldOut] * (BUYERS - 12)
    assert free_units(room, STAY) == [0, 0]
    assert breaks_of(room) == []


@pytest.mark.usefixtures("many_connections")
def test_on_a_stripe_buyers_wait_instead_of_trying_again(guest, settings):
    settings.BOOKING_ISOLATION = Isolation.SERIALIZABLE_STRIPE.value
    room = room_of(BUYERS)
    outcomes = race(*[lambda: book(guest, room, STAY)] * BUYERS)
    assert aborts(outcomes) <= 0.05 * BUYERS
    assert free_units(room, STAY) == [0, 0]


@pytest.mark.usefixtures("many_connections")
def test_control_without_the_stripe_the_same_count_sees_a_storm(guest, settings, monkeypatch):
    settings.BOOKING_ISOLATION = Isolation.SERIALIZABLE.value
    room = room_of(BUYERS)
    _look_before_locking(monkeypatch)
    outcomes = race(*[lambda: book(guest, room, STAY)] * BUYERS)
    assert aborts(outcomes) >= BUYERS - 1
    assert free_units(room, STAY) == [0, 0]


@pytest.mark.usefixtures("many_connections")
def test_control_without_locks_and_condition_sales_are_forgotten(guest, settings, monkeypatch):
    without_locks_and_condition(monkeypatch, settings)
    room = room_of(BUYERS)
    all_have_looked = meeting(BUYERS, at='UPDATE "rooms_roomavailability"')
    outcomes = race(*[lambda: book(guest, room, STAY)] * BUYERS, before=all_have_looked)
    assert [outcome.error for outcome in outcomes] == [None] * BUYERS
    assert free_units(room, STAY) == [BUYERS - 1, BUYERS - 1]
    assert len(breaks_of(room)) == STAY.nights


def _look_before_locking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every buyer have its snapshot before the first one locks a night."""
    lock_nights = inventory.lock_nights
    barrier = threading.Barrier(BUYERS, timeout=HUNG_SECONDS)
    looked = threading.local()

    def look_and_lock(room_id, dates):
        if not hasattr(looked, "once"):
            looked.once = True
            Booking.objects.filter(room_id=room_id).exists()
            barrier.wait()
        return lock_nights(room_id, dates)

    monkeypatch.setattr(inventory, "lock_nights", look_and_lock)
