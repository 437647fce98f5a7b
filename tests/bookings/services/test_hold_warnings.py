"""The guest of a hold hears once that it is about to end."""

from datetime import timedelta

import pytest

from booking_site.models import OutboxEvent
from bookings.models import Booking, ClockTimestamp
from bookings.services import confirm_booking, warn_expiring_holds
from tests.bookings.bookkeeping import book, let_run_out
from tests.factories import stay_in

pytestmark = pytest.mark.usefixtures("exact_ledger")

AHEAD = timedelta(minutes=5)


@pytest.fixture
def hold(guest, room) -> Booking:
    return book(guest, room, stay_in(10), hold=True)


def ends_in(hold: Booking, left: timedelta) -> None:
    Booking.objects.filter(id=hold.id).update(hold_expires_at=ClockTimestamp() + left)


def warnings() -> int:
    return OutboxEvent.objects.filter(type="booking.hold_expiring").count()


def test_a_hold_that_ends_soon_is_told_once(hold):
    ends_in(hold, timedelta(minutes=4))
    assert [warn_expiring_holds(ahead=AHEAD) for _ in range(2)] == [1, 0]
    assert warnings() == 1
    event = OutboxEvent.objects.get(type="booking.hold_expiring")
    assert event.payload["booking_id"] == str(hold.id)


def test_a_hold_with_time_left_is_not_told(hold):
    ends_in(hold, timedelta(minutes=6))
    assert (warn_expiring_holds(ahead=AHEAD), warnings()) == (0, 0)


def test_a_hold_that_is_over_is_not_told(hold):
    let_run_out(hold)
    assert (warn_expiring_holds(ahead=AHEAD), warnings()) == (0, 0)


def test_a_confirmed_booking_is_not_told(hold, guest):
    ends_in(hold, timedelta(minutes=4))
    confirm_booking(hold.id, user_id=guest.id)
    assert (warn_expiring_holds(ahead=AHEAD), warnings()) == (0, 0)
