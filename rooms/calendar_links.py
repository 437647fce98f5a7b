"""The secret address of a room's calendar, for staff and for the sites that the room is also on."""

from django.conf import settings
from django.urls import reverse

from booking_site.secret_links import SecretLinks
from rooms.models import Room

ROOM_CALENDARS = SecretLinks("calendar of a room")


def room_calendar_url(room: Room) -> str:
    """Return the address; whoever knows it sees when the room is taken, and nobody's name."""
    token = ROOM_CALENDARS.token(room.calendar_nonce)
    return f"{settings.PUBLIC_URL}{reverse('room-calendar', args=[token])}"
