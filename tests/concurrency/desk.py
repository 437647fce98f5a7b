"""Short names for what the races do with the engine, and for what they look at afterwards."""

from typing import Any

from django.utils import timezone

from bookings import services
from bookings.ledger import LedgerBreak, check_ledger
from bookings.models import Booking
from bookings.orders import BookingChange
from rooms.models import Room
from tests.factories import RoomFactory


def room_of(units: int, **rest: Any) -> Room:
    """Return a new room with so many units."""
    return RoomFactory(total_inventory=units, capacity=4, **rest)


def cancel(booking: Booking) -> Booking:
    return services.cancel_booking(booking.id, user_id=booking.user_id, now=timezone.now())


def confirm(booking: Booking) -> Booking:
    return services.confirm_booking(booking.id, user_id=booking.user_id)


def modify(booking: Booking, **change: Any) -> Booking:
    return services.modify_booking(
        booking.id, BookingChange(**change), user_id=booking.user_id, now=timezone.now()
    )


def booked_units(room: Room) -> int:
    """Return how many units the room's active bookings have, whatever their nights."""
    return sum(Booking.objects.active().filter(room=room).values_list("units", flat=True))


def breaks_of(room: Room) -> list[LedgerBreak]:
    """Return what does not balance in the room's books."""
    return [found for found in check_ledger().breaks if found.room_id == room.id]
