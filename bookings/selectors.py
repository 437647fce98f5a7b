"""Reading bookings: those of one user, so that another's does not exist, or those of one room."""

from datetime import date
from uuid import UUID

from booking_site.problems import NotFound
from bookings.models import Booking, BookingQuerySet


def bookings_of(user_id: UUID) -> BookingQuerySet:
    """Return the user's bookings with room and property, for lists."""
    return Booking.objects.of(user_id).select_related("room__property")


def booking_of(user_id: UUID, booking_id: UUID) -> Booking:
    """Return one of the user's bookings with all that is shown of it, nights in order.

    Raises NotFound if there is none, or if it is somebody else's.
    """
    booking = bookings_of(user_id).filter(id=booking_id).first()
    if booking is None:
        raise NotFound("You have no such booking.")
    booking.night_list = list(booking.nights.order_by("date"))
    return booking


def stays_of_user(user_id: UUID, *, since: date) -> BookingQuerySet:
    """Return the user's active bookings that end after `since`, with their rooms, in order."""
    return _in_order(bookings_of(user_id), since)


def stays_in_room(room_id: UUID, *, since: date) -> BookingQuerySet:
    """Return the active bookings of a room that end after `since`, in order."""
    return _in_order(Booking.objects.filter(room_id=room_id), since)


def _in_order(bookings: BookingQuerySet, since: date) -> BookingQuerySet:
    return bookings.active().filter(check_out__gt=since).order_by("check_in", "id")
