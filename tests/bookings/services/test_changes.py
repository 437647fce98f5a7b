"""Confirm, cancel, modify, expire: what becomes of a booking."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from uuid_utils.compat import uuid7

from booking_site.problems import InvalidInput, NotFound
from bookings.models import Booking, BookingStatus
from bookings.orders import BookingChange
from bookings.services import (
    cancel_booking,
    confirm_booking,
    expire_holds,
    modify_booking,
)
from bookings.states import BookingCancelled, HoldExpired, StayHasBegun
from rooms.inventory import SoldOut
from rooms.models import Property
from rooms.rates import StayRestricted
from rooms.services import NightRate, set_rate
from rooms.stays import Stay
from tests.bookings.bookkeeping import book, free_units, let_run_out
from tests.factories import UserFactory, stay_in


def cancel(booking: Booking, **rest) -> Booking:
    return cancel_booking(booking.id, user_id=booking.user_id, **{"now": timezone.now()} | rest)


def modify(booking: Booking, *, now=None, **change) -> Booking:
    return modify_booking(
        booking.id,
        BookingChange(**change),
        user_id=booking.user_id,
        now=now or timezone.now(),
    )


def stored(booking: Booking) -> dict:
    return Booking.objects.values().get(id=booking.id)


class TestConfirm:
    def test_makes_a_hold_a_booking(self, guest, room):
        hold = book(guest, room, stay_in(10), hold=True)
        confirmed = confirm_booking(hold.id, user_id=guest.id)
        assert (confirmed.status, confirmed.hold_expires_at) == (BookingStatus.CONFIRMED, None)
        assert free_units(room, hold.stay) == [1, 1]

    def test_twice_is_once(self, guest, room):
        hold = book(guest, room, stay_in(10), hold=True)
        confirm_booking(hold.id, user_id=guest.id)
        assert confirm_booking(hold.id, user_id=guest.id).status == BookingStatus.CONFIRMED

    def test_comes_too_late_when_the_hold_ran_out(self, guest, room):
        hold = book(guest, room, stay_in(10), hold=True)
        let_run_out(hold)
        with pytest.raises(HoldExpired):
            confirm_booking(hold.id, user_id=guest.id)
        expire_holds()
        with pytest.raises(HoldExpired):
            confirm_booking(hold.id, user_id=guest.id)

    def test_of_a_cancelled_booking_is_refused(self, guest, room):
        booking = book(guest, room, stay_in(10))
        cancel(booking)
        with pytest.raises(BookingCancelled):
            confirm_booking(booking.id, user_id=guest.id)


class TestCancel:
    def test_puts_the_nights_back_on_sale(self, guest, room):
        booking = book(guest, room, stay_in(10), units=2)
        cancelled = cancel(booking)
        assert cancelled.status == BookingStatus.CANCELLED
        assert cancelled.cancellation_reason == "guest"
        assert free_units(room, booking.stay) == [2, 2]

    def test_twice_is_once(self, guest, room):
        booking = book(guest, room, stay_in(10))
        first = cancel(booking)
        again = cancel(booking, now=timezone.now() + timedelta(days=30))
        assert (again.cancelled_at, again.cancellation_fee) == (
            first.cancelled_at,
            first.cancellation_fee,
        )
        assert free_units(room, booking.stay) == [2, 2]

    def test_is_free_up_to_the_frozen_deadline_and_costs_the_frozen_share_after(self, guest, room):
        Property.objects.update(cancellation_fee_percent=35)
        early, late = (book(guest, room, stay_in(10)) for _ in range(2))
        Property.objects.update(cancellation_fee_percent=90, free_cancellation_days=9)
        deadline = early.free_cancellation_until
        assert cancel(early, now=deadline).cancellation_fee == 0
        fee = cancel(late, now=deadline + timedelta(seconds=1)).cancellation_fee
        assert fee == Decimal("56.00")

    def test_of_a_hold_costs_nothing(self, guest, room):
        hold = book(guest, room, stay_in(0), hold=True)
        assert cancel(hold).cancellation_fee == 0

    def test_is_possible_through_the_day_of_check_in(self, guest, room):
        booking = book(guest, room, stay_in(10))
        next_day = timezone.now() + timedelta(days=11)
        with pytest.raises(StayHasBegun):
            cancel(booking, now=next_day)
        assert free_units(room, booking.stay) == [1, 1]
        assert cancel(booking, now=next_day - timedelta(days=1)).cancellation_fee == 160

    def test_of_anothers_booking_finds_nothing(self, guest, room):
        booking = book(guest, room, stay_in(10))
        before = stored(booking)
        stranger = UserFactory()
        for attempt in (booking.id, uuid7()):
            with pytest.raises(NotFound):
                cancel_booking(attempt, user_id=stranger.id, now=timezone.now())
        assert stored(booking) == before


class TestModify:
    def test_moves_to_new_nights(self, guest, room):
        stay = stay_in(10, nights=3)
        booking = book(guest, room, stay)
        changed = modify(
            booking, check_in=stay.shifted(1).check_in, check_out=stay.shifted(2).check_out
        )
        assert changed.stay == Stay(stay.shifted(1).check_in, stay.shifted(2).check_out)
        assert free_units(room, Stay(stay.check_in, changed.check_out)) == [2, 1, 1, 1, 1]
        assert changed.total_price == Decimal("320.00")

    def test_keeps_the_price_of_nights_that_were_booked_before(self, guest, room):
        stay = stay_in(10, nights=2)
        booking = book(guest, room, stay)
        set_rate(room.id, stay=stay_in(8, nights=10), rate=NightRate(price=Decimal(200)))
        changed = modify(booking, check_out=stay.shifted(1).check_out)
        prices = [night.price for night in changed.nights.order_by("date")]
        assert prices == [80, 80, 200]

    def test_needs_no_units_but_those_it_gives_back(self, guest, room):
        stay = stay_in(10)
        booking = book(guest, room, stay, units=2)
        changed = modify(
            booking, check_in=stay.shifted(1).check_in, check_out=stay.shifted(1).check_out
        )
        assert free_units(room, Stay(stay.check_in, changed.check_out)) == [2, 0, 0]

    def test_keeps_the_old_nights_when_the_new_ones_are_not_free(self, guest, room):
        stay = stay_in(10)
        booking = book(guest, room, stay)
        book(guest, room, stay.shifted(2), units=2)
        before = stored(booking)
        with pytest.raises(SoldOut) as refusal:
            modify(booking, check_out=stay.shifted(1).check_out)
        assert refusal.value.nights == (stay.check_out,)
        assert refusal.value.extra["alternatives"] != []
        assert stored(booking) == before
        assert free_units(room, stay) == [1, 1]

    def test_changes_units_and_guests(self, guest, room):
        booking = book(guest, room, stay_in(10))
        changed = modify(booking, units=2, guests=4)
        assert (changed.units, changed.guests) == (2, 4)
        assert changed.total_price == Decimal("320.00")
        assert free_units(room, booking.stay) == [0, 0]

    def test_of_guests_alone_leaves_nights_and_terms_alone(self, guest, room):
        booking = book(guest, room, stay_in(10))
        Property.objects.update(cancellation_fee_percent=10)
        before = stored(booking)
        modify(booking, guests=2)
        after = stored(booking)
        assert {name for name in before if before[name] != after[name]} == {"guests", "updated_at"}

    def test_does_not_bring_back_a_deadline_that_has_passed(self, guest, room):
        booking = book(guest, room, stay_in(10))
        deadline = booking.free_cancellation_until
        far = stay_in(60)
        changed = modify(
            booking,
            now=deadline + timedelta(hours=1),
            check_in=far.check_in,
            check_out=far.check_out,
        )
        assert changed.free_cancellation_until == deadline

    def test_takes_the_terms_of_the_new_dates_before_the_deadline(self, guest, room):
        booking = book(guest, room, stay_in(10))
        far = stay_in(60)
        changed = modify(booking, check_in=far.check_in, check_out=far.check_out)
        assert changed.free_cancellation_until - booking.free_cancellation_until > timedelta(
            days=49
        )

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"check_in": stay_in(-3).check_in}, "check_in"),
            ({"check_out": stay_in(10).check_in}, "check_out"),
            ({"check_out": stay_in(50).check_in}, "check_out"),
            ({"guests": 3}, "guests"),
        ],
    )
    def test_into_what_can_not_be_sold_is_refused(self, guest, room, change, field):
        booking = book(guest, room, stay_in(10))
        before = stored(booking)
        with pytest.raises(InvalidInput) as refusal:
            modify(booking, **change)
        assert field in [error.field for error in refusal.value.errors]
        assert stored(booking) == before

    def test_into_a_restricted_stay_is_refused(self, guest, room):
        booking = book(guest, room, stay_in(10))
        new = stay_in(20)
        set_rate(room.id, stay=new, rate=NightRate(min_stay=5))
        with pytest.raises(StayRestricted):
            modify(booking, check_in=new.check_in, check_out=new.check_out)
        assert free_units(room, booking.stay) == [1, 1]

    def test_of_what_is_over_is_refused(self, guest, room):
        cancelled, hold, begun = (
            book(guest, room, stay_in(days), hold=held)
            for days, held in ((10, False), (20, True), (30, False))
        )
        cancel(cancelled)
        let_run_out(hold)
        with pytest.raises(BookingCancelled):
            modify(cancelled, guests=2)
        with pytest.raises(HoldExpired):
            modify(hold, guests=2)
        with pytest.raises(StayHasBegun):
            modify(begun, guests=2, now=timezone.now() + timedelta(days=32))


class TestExpireHolds:
    def test_releases_exactly_the_holds_that_ran_out(self, guest, room):
        gone, running = (book(guest, room, stay_in(10), hold=True) for _ in range(2))
        let_run_out(gone)
        assert expire_holds() == 1
        assert expire_holds() == 0
        assert stored(gone)["cancellation_reason"] == "hold_expired"
        assert stored(gone)["cancellation_fee"] == 0
        assert stored(running)["status"] == BookingStatus.PENDING
        assert free_units(room, gone.stay) == [1, 1]
