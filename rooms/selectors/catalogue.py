"""What there is: rooms, the nights of a room, the places that have rooms."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Min, Q

from booking_site.money import round_to_minor_unit
from booking_site.problems import NotFound
from rooms.locations import location_key
from rooms.models import Property, Room, RoomAvailability
from rooms.nights import NIGHT_COLUMNS, Night
from rooms.stays import Stay

MAX_LOCATIONS = 10


@dataclass(frozen=True, kw_only=True)
class CalendarNight:
    """One night of a room on sale. `price` is that of one unit, rounded, in the room's currency."""

    date: date
    available_units: int
    price: Decimal
    min_stay: int
    closed_to_arrival: bool
    closed_to_departure: bool


@dataclass(frozen=True, kw_only=True)
class FoundLocation:
    """A place where rooms can be searched, and how much there is."""

    location: str
    country: str
    properties: int
    rooms: int


def active_room(room_id: UUID) -> Room:
    """Return a room that is on sale, with its property. Raises NotFound."""
    room = Room.objects.select_related("property").filter(id=room_id, is_active=True).first()
    if room is None:
        raise NotFound("There is no such room.")
    return room


def nights_between(room_id: UUID, first: date, last: date) -> dict[date, Night]:
    """Return the room's nights from `first` to `last`, both included, by their dates.

    They are read without a lock: a moment later they may be sold. Dates that are not on sale are
    missing.
    """
    rows = (
        RoomAvailability.objects.filter(room_id=room_id, date__gte=first, date__lte=last)
        .order_by("date")
        .values_list(*NIGHT_COLUMNS)
    )
    return {row[0]: Night(*row) for row in rows}


def calendar(room: Room, stay: Stay, *, today: date) -> list[CalendarNight]:
    """Return the nights of a range that are on sale, in order, without those before `today`."""
    nights: Mapping[date, Night] = (
        nights_between(room.id, max(stay.check_in, today), stay.check_out)
        if today < stay.check_out
        else {}
    )
    return [
        CalendarNight(
            date=night.date,
            available_units=night.available_count,
            price=round_to_minor_unit(
                room.price_per_night if night.price is None else night.price,
                room.property.currency,
            ),
            min_stay=night.min_stay,
            closed_to_arrival=night.closed_to_arrival,
            closed_to_departure=night.closed_to_departure,
        )
        for night in nights.values()
        if night.date in stay
    ]


def find_locations(start_of_word: str) -> list[FoundLocation]:
    """Return the places of which a word begins so, those with most rooms first.

    Case and accents don't matter. The empty string finds the places with most rooms. At most
    MAX_LOCATIONS are returned, and none without a room on sale.
    """
    key = location_key(start_of_word)
    places = (
        Property.objects.filter(
            Q(location_key__startswith=key) | Q(location_key__contains=f" {key}"),
            rooms__is_active=True,
        )
        .values("location_key", "country")
        .annotate(
            spelling=Min("location"),
            properties=Count("id", distinct=True),
            room_count=Count("rooms"),
        )
        .order_by("-room_count", "location_key", "country")
    )
    return [
        FoundLocation(
            location=place["spelling"],
            country=place["country"],
            properties=place["properties"],
            rooms=place["room_count"],
        )
        for place in places[:MAX_LOCATIONS]
    ]
