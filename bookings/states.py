"""Which changes a booking still allows."""

from datetime import date, datetime
from typing import ClassVar

from booking_site.problems import Problem
from bookings.models import Booking, BookingStatus


class HoldExpired(Problem):
    """The hold ran out before it was confirmed, so its nights are free for others again."""

    slug: ClassVar[str] = "hold-expired"
    title: ClassVar[str] = "The hold ran out"
    status: ClassVar[int] = 409
    client_action: ClassVar[str] = (
        "Tell the user, keep what was typed, and book again: the nights may still be free."
    )


class BookingCancelled(Problem):
    """The booking was cancelled and can't be confirmed or changed any more."""

    slug: ClassVar[str] = "booking-cancelled"
    title: ClassVar[str] = "The booking is cancelled"
    status: ClassVar[int] = 409
    client_action: ClassVar[str] = "Show the booking as cancelled and offer to book again."


class StayHasBegun(Problem):
    """The day of check-in is over at the property, so guests can't change or cancel any more."""

    slug: ClassVar[str] = "stay-has-begun"
    title: ClassVar[str] = "The stay has begun"
    status: ClassVar[int] = 409
    client_action: ClassVar[str] = "Refer the user to the property: its staff can still help."


def require_live(booking: Booking, *, clock: datetime) -> None:
    """Refuse a booking that no longer holds its nights; `clock` is the database's, in UTC.

    Raises HoldExpired or BookingCancelled.
    """
    if booking.has_expired(clock):
        raise HoldExpired(f"The hold of {booking.reference} ran out.")
    if booking.status == BookingStatus.CANCELLED:
        raise BookingCancelled(f"Booking {booking.reference} is cancelled.")


def require_not_begun(booking: Booking, *, today: date) -> None:
    """Refuse a booking whose day of check-in is over; `today` is the property's date.

    Raises StayHasBegun.
    """
    if today > booking.check_in:
        raise StayHasBegun(f"The stay of {booking.reference} began on {booking.check_in}.")
