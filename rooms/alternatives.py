"""What to offer when a stay is sold out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from booking_site.money import round_to_minor_unit
from rooms.inventory import lacking_nights
from rooms.models import Room, RoomAvailability
from rooms.nights import NIGHT_COLUMNS, Night
from rooms.rates import broken_restrictions, price_nights
from rooms.stays import Stay

# How far from the wanted dates it is still an alternative, and how many a guest can take in.
_DAYS_AROUND = 14
_MOST = 3


@dataclass(frozen=True, kw_only=True)
class Alternative:
    """A stay that was free a moment ago, and its price for all units and nights."""

    room: Room
    stay: Stay
    total_price: Decimal

    def as_json(self) -> dict[str, Any]:
        """Return the member of a problem's `alternatives` list."""
        currency = self.room.property.currency
        return {
            "room_id": str(self.room.id),
            "room_name": self.room.name,
            "check_in": self.stay.check_in,
            "check_out": self.stay.check_out,
            "total_price": str(round_to_minor_unit(self.total_price, currency)),
            "currency": currency,
        }


def alternatives(
    room: Room, stay: Stay, *, guests: int, units: int, today: date
) -> list[Alternative]:
    """Return the nearest free stays: the same room on other dates, then other rooms on the same.

    `today` is the property's: nothing is offered before it. `room.property` should be loaded.
    """
    return [
        *_other_dates(room, stay, units, today),
        *_other_rooms(room, stay, guests=guests, units=units),
    ]


def _other_dates(room: Room, stay: Stay, units: int, today: date) -> list[Alternative]:
    around = timedelta(days=_DAYS_AROUND)
    nights = _nights_by_room([room], stay.check_in - around, stay.check_out + around)[room]
    offers = (
        _offer(room, stay.shifted(days), units, nights)
        for distance in range(1, _DAYS_AROUND + 1)
        for days in (distance, -distance)
        if stay.shifted(days).check_in >= today
    )
    return _first(offers)


def _other_rooms(room: Room, stay: Stay, *, guests: int, units: int) -> list[Alternative]:
    neighbours = list(
        Room.objects.filter(property_id=room.property_id, is_active=True)
        .filter(capacity__gte=-(-guests // units))
        .exclude(id=room.id)
        .order_by("price_per_night", "id")
        .select_related("property")
    )
    nights = _nights_by_room(neighbours, stay.check_in, stay.check_out)
    return _first(_offer(neighbour, stay, units, nights[neighbour]) for neighbour in neighbours)


def _nights_by_room(rooms: list[Room], first: date, last: date) -> dict[Room, dict[date, Night]]:
    by_id: dict[UUID, dict[date, Night]] = {room.id: {} for room in rooms}
    rows = RoomAvailability.objects.filter(
        room_id__in=by_id, date__gte=first, date__lte=last
    ).values_list("room_id", *NIGHT_COLUMNS)
    for room_id, *columns in rows:
        night = Night(*columns)
        by_id[room_id][night.date] = night
    return {room: by_id[room.id] for room in rooms}


def _offer(room: Room, stay: Stay, units: int, nights: dict[date, Night]) -> Alternative | None:
    if lacking_nights(nights, stay, units) or broken_restrictions(nights, stay):
        return None
    prices = price_nights((nights[date] for date in stay.dates()), room.price_per_night)
    total = units * sum((price.price for price in prices), Decimal(0))
    return Alternative(room=room, stay=stay, total_price=total)


def _first(offers: Iterator[Alternative | None]) -> list[Alternative]:
    found: list[Alternative] = []
    for offer in offers:
        if len(found) == _MOST:
            break
        if offer is not None:
            found.append(offer)
    return found
