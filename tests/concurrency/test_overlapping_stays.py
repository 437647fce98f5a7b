"""Stays that overlap, locked from both ends: nobody waits in a circle."""

from datetime import date
from functools import partial

import pytest

from booking_site.db import Isolation, run_serializable
from rooms import inventory
from rooms.inventory import SoldOut
from rooms.stays import Stay
from tests.bookings.bookkeeping import book, free_units, let_run_out
from tests.concurrency.desk import breaks_of, modify, room_of
from tests.concurrency.interleavings import Encounter, every_interleaving
from tests.concurrency.races import Outcome, meeting, race
from tests.factories import stay_in

DEADLOCK = "40P01"

FIRST = stay_in(10, nights=4)
MIDDLE = FIRST.shifted(2)
LAST = FIRST.shifted(4)
ALL = Stay(FIRST.check_in, LAST.check_out)


def refused_by_the_server(outcomes: list[Outcome]) -> list[str | None]:
    """Return the SQLSTATEs that any of them got, whether or not a retry hid it."""
    return [state for outcome in outcomes for state in outcome.refusals]


@pytest.mark.usefixtures("many_connections")
def test_many_overlapping_stays_sell_every_unit_that_fits(regime, guest):
    room = room_of(4)
    buyers = [partial(book, guest, room, stay) for stay in (FIRST, MIDDLE, LAST)] * 8
    outcomes = race(*buyers)
    refusals = {type(outcome.error) for outcome in outcomes if outcome.error is not None}
    assert refusals == {SoldOut}
    assert DEADLOCK not in refused_by_the_server(outcomes)
    assert min(free_units(room, ALL)) == 0
    assert breaks_of(room) == []
    for stay in (FIRST, MIDDLE, LAST):
        with pytest.raises(SoldOut):
            book(guest, room, stay)


def test_two_guests_who_swap_their_dates_both_may(regime, guest):
    """Each gives back what the other takes, so that each wants the other's locks."""

    def prepare() -> Encounter:
        room = room_of(2)
        early, late = book(guest, room, FIRST), book(guest, room, LAST)
        return Encounter(
            room=room,
            one=lambda: modify(early, check_in=LAST.check_in, check_out=LAST.check_out),
            other=lambda: modify(late, check_in=FIRST.check_in, check_out=FIRST.check_out),
        )

    for met in every_interleaving(prepare):
        assert met.errors == []
        assert DEADLOCK not in refused_by_the_server([met.one, met.other])
        assert free_units(met.room, ALL) == [1] * ALL.nights
        assert breaks_of(met.room) == []


def test_two_buyers_who_need_holds_that_reach_into_each_others_nights(regime, guest):
    """The one place where nights are locked out of order: no deadlock may reach a buyer."""

    def prepare() -> Encounter:
        room = room_of(1)
        middle = Stay.of_nights(MIDDLE.check_in, 1).shifted(1)
        let_run_out(book(guest, room, ALL, hold=True))
        return Encounter(
            room=room,
            one=lambda: book(guest, room, Stay(ALL.check_in, middle.check_in)),
            other=lambda: book(guest, room, Stay(middle.check_out, ALL.check_out)),
        )

    for met in every_interleaving(prepare):
        if met.errors:
            # Without the stripe, the second buyer can find the hold being released by the first.
            assert regime is not Isolation.SERIALIZABLE_STRIPE
            assert met.errors == [SoldOut]
        assert breaks_of(met.room) == []


def test_control_nights_locked_from_both_ends_deadlock(guest, settings):
    """The same count sees the deadlock that a retry hides from the two."""
    settings.BOOKING_ISOLATION = Isolation.READ_COMMITTED.value
    room = room_of(1)

    def lock(*dates: date) -> None:
        for night in dates:
            inventory.lock_nights(room.id, [night])

    both_have_one = meeting(2, at="FOR UPDATE", times=2)
    first, last = FIRST.check_in, LAST.check_in
    outcomes = race(
        lambda: run_serializable(lambda: lock(first, last), room_ids=[room.id]),
        lambda: run_serializable(lambda: lock(last, first), room_ids=[room.id]),
        before=both_have_one,
    )
    assert [outcome.error for outcome in outcomes] == [None, None]
    assert refused_by_the_server(outcomes) == [DEADLOCK]
