"""Bookings of the demo: made as of a day that the room itself tells, so that every run agrees.

Days are counted from a room's first night, which `DAYS_OF_HISTORY` before the day on which the demo
was set up. Bookings are made as of that day, or as of arrival if that lies before.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.models import User
from bookings.demo.catalogue import RatePlan
from bookings.demo.rates import rate_of
from bookings.models import Booking
from bookings.orders import BookingOrder, Wish
from bookings.services import book_room
from rooms.models import Room
from rooms.stays import Stay

DAYS_OF_HISTORY = 30


def sellable(plan: RatePlan, stay: Stay) -> Stay:
    """Return the stay, moved and made longer as far as the room's restrictions ask for it."""
    price = plan.step
    while rate_of(plan, price, stay.check_in).closed_to_arrival:
        stay = stay.shifted(1)
    shortest = rate_of(plan, price, stay.check_in).min_stay
    return Stay.of_nights(stay.check_in, max(stay.nights, shortest))


def set_up_on(first_night: date) -> date:
    """Return the day on which the demo was set up."""
    return first_night + timedelta(days=DAYS_OF_HISTORY)


def noon(room: Room, day: date) -> datetime:
    """Return noon of a day at the room's property."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(room.property.timezone))


def book(
    user: User, room: Room, wish: Wish, *, first_night: date, hold: bool = False, note: str = ""
) -> Booking:
    """Book as of the day on which the demo was set up, or as of arrival if that lies before."""
    day = min(set_up_on(first_night), wish.stay.check_in)
    order = BookingOrder(
        user_id=user.id,
        room_id=room.id,
        wish=wish,
        hold=hold,
        guest_name=user.full_name,
        note=note,
    )
    return book_room(order, now=noon(room, day))
