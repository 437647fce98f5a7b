"""Calendars that programs follow, each under a secret address.

A calendar program can't sign in, so the address is the key (booking_site.secret_links). A guest's
calendar lists the guest's stays; a room's says when its units are taken, and by nobody in
particular, so that it can be given to other sites on which the room is offered.

An address that was never ours, or is not ours any more, gives the same NotFound.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext, override
from icalendar import Event

from accounts.models import User
from booking_site.problems import NotFound
from booking_site.secret_links import SecretLinks
from bookings.calendars import (
    BookingCalendarEntry,
    all_day_event,
    booking_calendar,
    calendar_file,
)
from bookings.selectors import stays_in_room, stays_of_user
from rooms.calendar_links import ROOM_CALENDARS
from rooms.models import Room
from rooms.stays import Stay

GUEST_CALENDARS = SecretLinks("calendar of a guest")

# Stays that are over stay in the calendar for so long.
_LOOK_BACK = timedelta(days=90)


def guest_calendar_url(user: User) -> str:
    """Return the address of the user's calendar."""
    token = GUEST_CALENDARS.token(user.calendar_nonce)
    return f"{settings.PUBLIC_URL}{reverse('guest-calendar', args=[token])}"


def guest_calendar(token: str, *, now: datetime) -> bytes:
    """Return the active stays of the user with this token as iCalendar, in the user's language.

    Raises NotFound.
    """
    nonce = GUEST_CALENDARS.nonce(token)
    user = nonce and User.objects.filter(calendar_nonce=nonce, is_active=True).first()
    if not user:
        raise _no_such_calendar()
    stays = stays_of_user(user.id, since=(now - _LOOK_BACK).date())
    with override(user.language):
        return booking_calendar(
            map(BookingCalendarEntry.of_booking, stays), method="PUBLISH", name=gettext("My stays")
        )


def room_calendar(token: str, *, now: datetime) -> bytes:
    """Return when the room with this token is booked or blocked as iCalendar, without names.

    Raises NotFound.
    """
    nonce = ROOM_CALENDARS.nonce(token)
    room = nonce and Room.objects.select_related("property").filter(calendar_nonce=nonce).first()
    if not room:
        raise _no_such_calendar()
    return calendar_file(
        _occupation(room, now), method="PUBLISH", name=f"{room.name}, {room.property}"
    )


def _occupation(room: Room, now: datetime) -> Iterator[Event]:
    since = (now - _LOOK_BACK).date()
    for booking in stays_in_room(room.id, since=since):
        yield all_day_event(
            uid=f"booked-{booking.id}",
            stay=booking.stay,
            changed_at=booking.updated_at,
            summary=_taken("Booked", booking.units),
        )
    for block in room.blocks.filter(end__gt=since).order_by("start", "id"):
        yield all_day_event(
            uid=f"blocked-{block.id}",
            stay=Stay(block.start, block.end),
            changed_at=block.created_at,
            summary=_taken("Blocked", block.units),
        )


def _taken(how: str, units: int) -> str:
    return how if units == 1 else f"{how} ({units} units)"


def _no_such_calendar() -> NotFound:
    return NotFound("There is no such calendar.")
