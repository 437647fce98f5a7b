"""How the tests of bookings book, and look at what became of it."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from bookings.models import Booking
from bookings.orders import BookingOrder, Wish
from bookings.services import book_room
from rooms.models import Room, RoomAvailability
from rooms.stays import Stay


def order(
    user: User, room: Room, stay: Stay, *, guests: int = 1, units: int = 1, **rest: Any
) -> BookingOrder:
    wish = Wish(stay=stay, guests=guests, units=units)
    return BookingOrder(user_id=user.id, room_id=room.id, wish=wish, **rest)


def book(user: User, room: Room, stay: Stay, **rest: Any) -> Booking:
    return book_room(order(user, room, stay, **rest), now=timezone.now())


def free_units(room: Room, stay: Stay) -> list[int]:
    nights = RoomAvailability.objects.filter(
        room=room, date__gte=stay.check_in, date__lt=stay.check_out
    )
    return list(nights.order_by("date").values_list("available_count", flat=True))


def let_run_out(hold: Booking) -> None:
    """Put the end of a hold a second into the past of the database's clock."""
    ended = timezone.now() - timedelta(seconds=1)
    Booking.objects.filter(id=hold.id).update(hold_expires_at=ended)
