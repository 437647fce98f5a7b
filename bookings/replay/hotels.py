"""The two hotels of the data, one pair for each way to replay, and how far each replay has come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.text import slugify

from bookings.models import Booking, BookingStatus
from bookings.replay.rows import Row
from rooms.models import Property, Room
from rooms.services import add_room

# What the hotels must have had: the most units of each type that guests really stayed in at once.
_UNITS = {
    "City Hotel": {"A": 217, "B": 14, "C": 2, "D": 63, "E": 13, "F": 9, "G": 4},
    "Resort Hotel": {
        "A": 141,
        "B": 1,
        "C": 14,
        "D": 64,
        "E": 37,
        "F": 12,
        "G": 10,
        "H": 5,
        "L": 1,
    },
}
# More than the largest party of the data, whose types say nothing of beds.
_CAPACITY = 60
# Only a booking through the API asks for it: the others bring their own price.
_PRICE = Decimal(100)

TIMEZONE = ZoneInfo("Europe/Lisbon")

RoomIds = Mapping[tuple[str, str], UUID]


class Mode(StrEnum):
    """How to replay. Each has hotels of its own, so that one replay never meets another's."""

    SERIAL = "serial"
    CONCURRENT = "concurrent"
    HTTP = "http"


@dataclass(frozen=True)
class Progress:
    """What a replay has done: bookings by line, and the lines that are cancelled."""

    booked: dict[int, UUID] = field(default_factory=dict)
    cancelled: set[int] = field(default_factory=set)


def prepare(mode: Mode, rows: Sequence[Row], *, now: datetime) -> RoomIds:
    """Return the rooms by hotel and type. Those that are missing are added, as of `now`."""
    ids: dict[tuple[str, str], UUID] = {}
    for hotel, room_type in sorted({(row.hotel, row.room_type) for row in rows}):
        place = _hotel(mode, hotel)
        room = Room.objects.filter(property=place, name=room_type).first()
        if room is None:
            units = _UNITS.get(hotel, {}).get(room_type, 0)
            room = add_room(_room(place, room_type, units), now=now)
        ids[hotel, room_type] = room.id
    return ids


def first_night(mode: Mode) -> date | None:
    """Return the first night that the replay's rooms have, None if there are none yet."""
    rooms = _rooms(mode)
    return rooms.order_by("nights__date").values_list("nights__date", flat=True).first()


def progress(mode: Mode) -> Progress:
    """Read from the bookings what has been done."""
    found = Progress()
    bookings = Booking.objects.filter(room__in=_rooms(mode))
    for booking_id, note, status in bookings.values_list("id", "note", "status").iterator():
        line = int(note.removeprefix("line-"))
        found.booked[line] = booking_id
        if status == BookingStatus.CANCELLED:
            found.cancelled.add(line)
    return found


def room_nights_held(mode: Mode) -> int:
    """Return how many nights all bookings hold that are not cancelled."""
    return Booking.objects.active().filter(room__in=_rooms(mode), nights__isnull=False).count()


def name_of(row: Row) -> str:
    """Return what a row's booking is known by: its note and its idempotency key."""
    return f"line-{row.line}"


def _rooms(mode: Mode) -> QuerySet[Room]:
    return Room.objects.filter(property__slug__startswith=f"replay-{mode}-")


def _hotel(mode: Mode, name: str) -> Property:
    place, _ = Property.objects.get_or_create(
        slug=f"replay-{mode}-{slugify(name)}",
        defaults={
            "name": f"{name} (replay)",
            "location": "Replay",
            "country": "PT",
            "timezone": TIMEZONE.key,
            "currency": "EUR",
        },
    )
    return place


def _room(place: Property, room_type: str, units: int) -> Room:
    return Room(
        property=place,
        name=room_type,
        price_per_night=_PRICE,
        capacity=_CAPACITY,
        total_inventory=units,
    )
