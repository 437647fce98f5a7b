"""Reading bookings: always those of one user, so that another's does not exist."""

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
