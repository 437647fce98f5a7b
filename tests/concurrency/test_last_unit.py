"""The last unit: one buyer gets it, whoever comes between whom."""

from functools import partial

import pytest

from bookings.models import Booking
from rooms.inventory import SoldOut
from tests.bookings.bookkeeping import book, free_units
from tests.concurrency.desk import booked_units, breaks_of, room_of
from tests.concurrency.interleavings import Encounter, every_interleaving
from tests.concurrency.locks_off import without_locks_and_condition
from tests.concurrency.races import meeting, race
from tests.factories import stay_in

STAY = stay_in(10, nights=2)
BUYERS = 32


@pytest.mark.usefixtures("many_connections")
@pytest.mark.parametrize("round_", range(3))
def test_of_many_buyers_one_gets_it_and_the_others_are_told(regime, guest, round_):
    room = room_of(1)
    outcomes = race(*[lambda: book(guest, room, STAY)] * BUYERS)
    refusals = [outcome.error for outcome in outcomes if outcome.error is not None]
    assert [type(refusal) for refusal in refusals] == [SoldOut] * (BUYERS - 1)
    assert {refusal.nights for refusal in refusals} == {tuple(STAY.dates())}
    (winner,) = (outcome.value for outcome in outcomes if outcome.value is not None)
    assert list(Booking.objects.all()) == [winner]
    assert free_units(room, STAY) == [0, 0]
    assert breaks_of(room) == []


@pytest.mark.usefixtures("many_connections")
def test_control_without_locks_and_condition_all_of_them_get_it(guest, monkeypatch, settings):
    without_locks_and_condition(monkeypatch, settings)
    room = room_of(1)
    all_have_looked = meeting(BUYERS, at='UPDATE "rooms_roomavailability"')
    outcomes = race(*[lambda: book(guest, room, STAY)] * BUYERS, before=all_have_looked)
    assert [outcome.error for outcome in outcomes] == [None] * BUYERS
    assert booked_units(room) == BUYERS
    assert free_units(room, STAY) == [0, 0]
    assert {found.reason for found in breaks_of(room)} == {"does not balance"}


def test_two_buyers_in_every_interleaving(regime, guest):
    for met in every_interleaving(lambda: _two_buyers(guest)):
        assert met.errors == [SoldOut]
        assert booked_units(met.room) == 1
        assert breaks_of(met.room) == []


def test_control_some_interleaving_oversells_without_locks_and_condition(
    guest, monkeypatch, settings
):
    without_locks_and_condition(monkeypatch, settings)
    oversold = [
        met for met in every_interleaving(lambda: _two_buyers(guest)) if booked_units(met.room) == 2
    ]
    assert oversold
    assert all(breaks_of(met.room) for met in oversold)


def _two_buyers(guest) -> Encounter:
    room = room_of(1)
    buy = partial(book, guest, room, STAY)
    return Encounter(room=room, one=buy, other=buy)
