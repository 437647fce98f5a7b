"""What happens to a booking is told: once, with what was true then, or not at all."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from booking_site.models import OutboxEvent
from bookings.orders import BookingChange
from bookings.services import cancel_booking, confirm_booking, expire_holds, modify_booking
from rooms.inventory import SoldOut
from rooms.services import NightRate, set_rate
from tests.bookings.bookkeeping import book, let_run_out
from tests.factories import stay_in

pytestmark = pytest.mark.usefixtures("exact_ledger")


def told() -> list[str]:
    return list(OutboxEvent.objects.order_by("id").values_list("type", flat=True))


def modify(booking, **change):
    return modify_booking(
        booking.id, BookingChange(**change), user_id=booking.user_id, now=timezone.now()
    )


def test_a_booking_is_told_with_its_nights_and_terms(guest, room):
    booking = book(guest, room, stay_in(10), guests=2, guest_name="Ada")
    event = OutboxEvent.objects.get()
    assert event.type == "booking.confirmed"
    assert event.published_at is None
    deadline = booking.free_cancellation_until.isoformat().replace("+00:00", "Z")
    assert event.payload == {
        "booking_id": str(booking.id),
        "reference": booking.reference,
        "status": "confirmed",
        "check_in": str(booking.check_in),
        "check_out": str(booking.check_out),
        "units": 1,
        "guests": 2,
        "guest_name": "Ada",
        "nights": [{"date": str(night), "price": "80.00"} for night in booking.stay.dates()],
        "total_price": "160.00",
        "currency": "EUR",
        "hold_expires_at": None,
        "free_cancellation_until": deadline,
        "cancellation_fee_percent": 100,
        "cancellation_fee": None,
        "cancellation_reason": "",
        "updated_at": DjangoJSONEncoder().default(booking.updated_at),
    }


def test_a_hold_is_told_when_it_is_made_and_when_it_is_confirmed(guest, room):
    hold = book(guest, room, stay_in(10), hold=True)
    confirm_booking(hold.id, user_id=guest.id)
    confirm_booking(hold.id, user_id=guest.id)
    assert told() == ["booking.held", "booking.confirmed"]


def test_a_hold_that_ran_out_is_told_once(guest, room):
    let_run_out(book(guest, room, stay_in(10), hold=True))
    expire_holds()
    expire_holds()
    assert told() == ["booking.held", "booking.hold_expired"]


def test_a_cancellation_is_told_once_with_its_fee(guest, room):
    booking = book(guest, room, stay_in(1))
    for _ in range(2):
        cancel_booking(booking.id, user_id=guest.id, now=timezone.now())
    assert told() == ["booking.confirmed", "booking.cancelled"]
    payload = OutboxEvent.objects.get(type="booking.cancelled").payload
    assert (payload["cancellation_fee"], payload["cancellation_reason"]) == ("160.00", "guest")


def test_a_change_is_told_with_what_was_before(guest, room):
    stay = stay_in(10)
    booking = book(guest, room, stay)
    set_rate(room.id, stay=stay_in(8, nights=10), rate=NightRate(price=Decimal(90)))
    modify(booking, check_out=stay.check_out + timedelta(days=1))
    payload = OutboxEvent.objects.get(type="booking.modified").payload
    assert payload["total_price"] == "250.00"
    assert [night["price"] for night in payload["nights"]] == ["80.00", "80.00", "90.00"]
    assert payload["before"]["total_price"] == "160.00"
    assert payload["before"]["check_out"] == str(stay.check_out)


def test_a_change_of_nothing_is_not_told(guest, room):
    booking = book(guest, room, stay_in(10))
    modify(booking, guests=booking.guests, check_in=booking.check_in)
    assert told() == ["booking.confirmed"]


def test_what_was_refused_is_not_told(guest, room):
    booking = book(guest, room, stay_in(10), units=2)
    with pytest.raises(SoldOut):
        book(guest, room, stay_in(10))
    with pytest.raises(SoldOut):
        modify(booking, units=3, guests=3)
    assert told() == ["booking.confirmed"]
