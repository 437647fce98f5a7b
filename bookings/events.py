"""What the outside is told of a booking."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from booking_site import outbox
from booking_site.money import round_to_minor_unit
from bookings.models import Booking, BookingNight


class BookingEvent(StrEnum):
    """The types of the events, as they stand in the outbox."""

    HELD = "booking.held"
    CONFIRMED = "booking.confirmed"
    MODIFIED = "booking.modified"
    CANCELLED = "booking.cancelled"
    HOLD_EXPIRING = "booking.hold_expiring"
    HOLD_EXPIRED = "booking.hold_expired"


def record(event: BookingEvent, booking: Booking, **more: Any) -> None:
    """Record that this happened to the booking, in the transaction in which it did.

    The payload is the booking as it is now, and `more`.
    """
    nights: Iterable[BookingNight] = booking.nights.order_by("date")
    if hasattr(booking, "night_list"):
        nights = booking.night_list
    outbox.record(event, snapshot(booking, nights) | more)


def snapshot(booking: Booking, nights: Iterable[BookingNight]) -> dict[str, Any]:
    """Return what is true of the booking now: amounts as strings, instants in UTC."""

    def amount(value: Any) -> str:
        return str(round_to_minor_unit(value, booking.currency))

    fee = booking.cancellation_fee
    return {
        "booking_id": booking.id,
        "reference": booking.reference,
        "status": booking.status,
        "check_in": booking.check_in,
        "check_out": booking.check_out,
        "units": booking.units,
        "guests": booking.guests,
        "guest_name": booking.guest_name,
        "nights": [{"date": night.date, "price": amount(night.price)} for night in nights],
        "total_price": amount(booking.total_price),
        "currency": booking.currency,
        "hold_expires_at": booking.hold_expires_at,
        "free_cancellation_until": booking.free_cancellation_until,
        "cancellation_fee_percent": booking.cancellation_fee_percent,
        "cancellation_fee": None if fee is None else amount(fee),
        "cancellation_reason": booking.cancellation_reason,
        "updated_at": booking.updated_at,
    }
