"""Which rooms of a location are free: for a stay, or without dates from which price."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from booking_site.money import round_to_minor_unit
from rooms.locations import location_key
from rooms.selectors.search_sql import DATED_SEARCH, UNDATED_SEARCH, Ordering
from rooms.stays import Stay

# How many nights from today on a search without dates looks at for the lowest price.
FROM_PRICE_DAYS = 90


@dataclass(frozen=True, kw_only=True)
class RoomSearch:
    """What somebody looks for.

    `price_min` and `price_max` bound what one unit costs per night: the average of the stay, or
    without a stay the cheapest night. They are compared in each property's own currency.
    """

    location: str
    stay: Stay | None = None
    guests: int = 1
    units: int = 1
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    amenities: tuple[str, ...] = ()
    ordering: Ordering = Ordering.PRICE
    page: int = 1
    page_size: int = 20


@dataclass(frozen=True, kw_only=True)
class PlaceSummary:
    """What a search result says of the room's property."""

    id: UUID
    name: str
    slug: str
    country: str
    timezone: str


@dataclass(frozen=True, kw_only=True)
class FoundRoom:
    """A room that fits a search.

    All amounts are in `currency`, rounded to its digits. Of a search with dates come `total_price`
    (all units, all nights), `average_price_per_night` (one unit) and `available_units` (free on
    every night); of one without dates `from_price` (one unit, the cheapest night of the next
    FROM_PRICE_DAYS on which the units are free). The others are None.
    """

    id: UUID
    name: str
    description: str
    location: str
    capacity: int
    amenities: list[str]
    currency: str
    price_per_night: Decimal
    total_price: Decimal | None
    average_price_per_night: Decimal | None
    from_price: Decimal | None
    available_units: int | None
    place: PlaceSummary


@dataclass(frozen=True, kw_only=True)
class FoundRooms:
    """One page of a search's results, and how many there are on all pages."""

    count: int
    page: int
    page_size: int
    results: list[FoundRoom] = field(default_factory=list)

    @property
    def has_next(self) -> bool:
        """Whether a further page has results."""
        return self.page * self.page_size < self.count


def search_rooms(search: RoomSearch, *, now: datetime) -> FoundRooms:
    """Return the rooms of a location that sleep the guests and, with dates, can be booked for them.

    A room is found for a stay when the units are free on every night, no restriction forbids the
    stay, and it does not begin before today on the property's clock.
    """
    rows = list(_rows(search, now))
    return FoundRooms(
        count=rows[0]["count"],
        page=search.page,
        page_size=search.page_size,
        results=[_found_room(row, search) for row in rows if row["id"] is not None],
    )


def _rows(search: RoomSearch, now: datetime) -> Iterator[dict[str, Any]]:
    """Run the statement. It always gives a row, with `id` None if the page is empty."""
    bound: dict[str, Any] = {
        "location_key": location_key(search.location),
        "guests": search.guests,
        "units": search.units,
        "amenities": list(search.amenities),
        "price_min": search.price_min,
        "price_max": search.price_max,
        "now": now,
        "limit": search.page_size,
        "offset": (search.page - 1) * search.page_size,
    }
    if search.stay is None:
        statement = UNDATED_SEARCH[search.ordering]
        bound |= {"days_ahead": FROM_PRICE_DAYS}
    else:
        statement = DATED_SEARCH[search.ordering]
        bound |= {
            "check_in": search.stay.check_in,
            "check_out": search.stay.check_out,
            "nights": search.stay.nights,
        }
    with connection.cursor() as cursor:
        cursor.execute(statement, bound)
        names = [column.name for column in cursor.description]
        for row in cursor:
            yield dict(zip(names, row, strict=True))


def _found_room(row: Mapping[str, Any], search: RoomSearch) -> FoundRoom:
    currency, price = row["currency"], row["price"]
    total = average = lowest = None
    if search.stay is None:
        lowest = None if price is None else round_to_minor_unit(price, currency)
    else:
        total = round_to_minor_unit(price * search.units, currency)
        average = round_to_minor_unit(price / search.stay.nights, currency)
    return FoundRoom(
        id=row["id"],
        name=row["name"],
        description=row["description"],
        location=row["location"],
        capacity=row["capacity"],
        amenities=row["amenities"],
        currency=currency,
        price_per_night=round_to_minor_unit(row["price_per_night"], currency),
        total_price=total,
        average_price_per_night=average,
        from_price=lowest,
        available_units=row["available_units"],
        place=PlaceSummary(
            id=row["place_id"],
            name=row["place_name"],
            slug=row["place_slug"],
            country=row["place_country"],
            timezone=row["place_timezone"],
        ),
    )
