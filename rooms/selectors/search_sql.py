"""The SQL of the room search: one statement that finds, counts and pages.

Nothing that a client sends is ever part of a statement: values are bound, and the order is picked
from a fixed table. The statements are put together once, when the module is imported.

How they run: `room_location_price` gives the active rooms of a location; for each of them one range
scan of the primary key of `rooms_roomavailability` gives the figures of its nights. The figures are
aggregated inside a LATERAL subquery because PostgreSQL never turns that into a join over the whole
table, whatever its statistics say. `matches` is referred to twice, so it is computed once; the
count comes from there too, and survives a page past the end because the page is LEFT JOINed to it.
"""

from enum import StrEnum

from psycopg.sql import SQL, Composed


class Ordering(StrEnum):
    """The orders that a search can have; equal rooms follow each other by id."""

    PRICE = "price"
    PRICE_DESCENDING = "-price"
    CAPACITY = "capacity"
    CAPACITY_DESCENDING = "-capacity"
    NAME = "name"


_ORDERS = {
    Ordering.PRICE: SQL("price NULLS LAST, id"),
    Ordering.PRICE_DESCENDING: SQL("price DESC NULLS LAST, id"),
    Ordering.CAPACITY: SQL("capacity, id"),
    Ordering.CAPACITY_DESCENDING: SQL("capacity DESC, id"),
    Ordering.NAME: SQL("name, id"),
}

_ROOMS = SQL(
    """
    rooms_room room
    JOIN rooms_property place ON place.id = room.property_id
    """
)

_ROOM_FITS = SQL(
    """
    room.location_key = %(location_key)s
    AND room.is_active
    AND room.capacity * %(units)s >= %(guests)s
    AND room.amenities @> %(amenities)s::varchar[]
    """
)

# `price` is that of one unit for the whole stay. The night of departure is read for its
# restriction only, and need not exist.
_DATED = SQL(
    """
    SELECT room.id, room.name, room.capacity, figures.price, figures.available_units
    FROM {rooms}
    CROSS JOIN LATERAL (
        SELECT
            count(*) FILTER (
                WHERE night.date < %(check_out)s AND night.available_count >= %(units)s
            ) AS free_nights,
            min(night.available_count) FILTER (WHERE night.date < %(check_out)s) AS available_units,
            sum(coalesce(night.price, room.price_per_night))
                FILTER (WHERE night.date < %(check_out)s) AS price,
            bool_or(
                night.date = %(check_in)s
                AND (night.closed_to_arrival OR night.min_stay > %(nights)s)
                OR night.date = %(check_out)s AND night.closed_to_departure
            ) AS restricted
        FROM rooms_roomavailability night
        WHERE night.room_id = room.id AND night.date BETWEEN %(check_in)s AND %(check_out)s
    ) figures
    WHERE {room_fits}
    AND %(check_in)s >= (%(now)s AT TIME ZONE place.timezone)::date
    AND figures.free_nights = %(nights)s
    AND NOT figures.restricted
    AND (%(price_min)s::numeric IS NULL OR figures.price >= %(price_min)s * %(nights)s)
    AND (%(price_max)s::numeric IS NULL OR figures.price <= %(price_max)s * %(nights)s)
    """
).format(rooms=_ROOMS, room_fits=_ROOM_FITS)

# `price` is that of the cheapest night on which the units are free.
_UNDATED = SQL(
    """
    SELECT room.id, room.name, room.capacity, figures.price, NULL::integer AS available_units
    FROM {rooms}
    CROSS JOIN LATERAL (
        SELECT (%(now)s AT TIME ZONE place.timezone)::date AS today
    ) clock
    CROSS JOIN LATERAL (
        SELECT min(coalesce(night.price, room.price_per_night)) AS price
        FROM rooms_roomavailability night
        WHERE night.room_id = room.id
        AND night.date >= clock.today AND night.date < clock.today + %(days_ahead)s
        AND night.available_count >= %(units)s
    ) figures
    WHERE {room_fits}
    AND (%(price_min)s::numeric IS NULL OR figures.price >= %(price_min)s)
    AND (%(price_max)s::numeric IS NULL OR figures.price <= %(price_max)s)
    """
).format(rooms=_ROOMS, room_fits=_ROOM_FITS)

_PAGE_OF = SQL(
    """
    WITH matches AS MATERIALIZED ({matches}),
    page AS (SELECT * FROM matches ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s)
    SELECT
        found.count,
        page.price, page.available_units,
        room.id, room.name, room.description, room.location, room.capacity, room.price_per_night,
        room.amenities, place.currency,
        place.id AS place_id, place.name AS place_name, place.slug AS place_slug,
        place.country AS place_country, place.timezone AS place_timezone
    FROM (SELECT count(*) FROM matches) found
    LEFT JOIN page ON true
    LEFT JOIN rooms_room room ON room.id = page.id
    LEFT JOIN rooms_property place ON place.id = room.property_id
    ORDER BY {order}
    """
)


def _by_ordering(matches: Composed) -> dict[Ordering, str]:
    return {
        ordering: _PAGE_OF.format(matches=matches, order=order).as_string()
        for ordering, order in _ORDERS.items()
    }


# Both bind location_key, guests, units, amenities, price_min, price_max, now, limit and offset.
# A dated search binds check_in, check_out and nights too, an undated one days_ahead.
DATED_SEARCH = _by_ordering(_DATED)
UNDATED_SEARCH = _by_ordering(_UNDATED)
