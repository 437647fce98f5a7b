"""The proof that no night is sold twice.

For every room and night: free units + units of active bookings + blocked units = the night's
inventory, and from today on that is the room's. For every booking: its nights are those of its stay
and add up to its price. One statement reads it all, so that it sees one moment of the database,
even while guests book.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection


@dataclass(frozen=True, slots=True)
class LedgerBreak:
    """One place where the books don't balance; counts are units, None where a row is missing."""

    reason: str
    room_id: UUID
    night: date
    total_inventory: int | None
    available_count: int | None
    booked: int
    blocked: int
    booking_id: UUID | None

    def __str__(self) -> str:
        what = f"room {self.room_id}, night {self.night}: {self.reason}"
        if self.booking_id is not None:
            return f"{what} (booking {self.booking_id})"
        return (
            f"{what} (inventory {self.total_inventory}, free {self.available_count}, "
            f"booked {self.booked}, blocked {self.blocked})"
        )


@dataclass(frozen=True, slots=True)
class LedgerReport:
    """What a check found: how many nights it covered and every break."""

    nights: int
    breaks: list[LedgerBreak]


def check_ledger() -> LedgerReport:
    """Check every room and night and every active booking in one SQL statement."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL)
        rows = cursor.fetchall()
    nights = sum(row[-1] for row in rows)
    breaks = [LedgerBreak(*row[:-1]) for row in rows if row[0] is not None]
    return LedgerReport(nights=nights, breaks=breaks)


_SQL = """
WITH taken AS (
    SELECT room_id, night::date AS date, sum(booked)::int AS booked, sum(blocked)::int AS blocked
    FROM (
        SELECT room_id, generate_series(check_in, check_out - 1, interval '1 day') AS night,
               units AS booked, 0 AS blocked
        FROM bookings_booking WHERE status IN ('pending', 'confirmed')
        UNION ALL
        SELECT room_id, generate_series(start, "end" - 1, interval '1 day'), 0, units
        FROM rooms_roomblock
    ) AS each_night
    GROUP BY room_id, night
), nights AS (
    SELECT room_id, date, room.total_inventory AS room_inventory,
           night.total_inventory, night.available_count,
           coalesce(taken.booked, 0) AS booked, coalesce(taken.blocked, 0) AS blocked,
           date >= (clock_timestamp() AT TIME ZONE property.timezone)::date AS is_to_come
    FROM rooms_roomavailability AS night
    FULL JOIN taken USING (room_id, date)
    JOIN rooms_room AS room ON room.id = room_id
    JOIN rooms_property AS property ON property.id = room.property_id
), priced AS (
    SELECT booking.id, booking.room_id, booking.check_in,
           count(night.date) = booking.check_out - booking.check_in
               AND bool_and(night.date >= booking.check_in AND night.date < booking.check_out)
               AS has_its_nights,
           sum(night.price) * booking.units = booking.total_price AS adds_up
    FROM bookings_booking AS booking
    LEFT JOIN bookings_bookingnight AS night ON night.booking_id = booking.id
    GROUP BY booking.id
)
SELECT CASE
           WHEN total_inventory IS NULL THEN 'taken, but not on sale'
           WHEN available_count < 0 THEN 'oversold'
           WHEN available_count + booked + blocked <> total_inventory THEN 'does not balance'
           ELSE 'inventory differs from the room''s'
       END,
       room_id, date, total_inventory, available_count, booked, blocked, NULL::uuid, 0
FROM nights
WHERE total_inventory IS NULL
   OR available_count < 0
   OR available_count + booked + blocked <> total_inventory
   OR (is_to_come AND total_inventory <> room_inventory)
UNION ALL
SELECT CASE WHEN has_its_nights THEN 'nights do not add up to the price'
            ELSE 'nights are not those of the stay' END,
       room_id, check_in, NULL, NULL, 0, 0, id, 0
FROM priced
WHERE has_its_nights IS NOT TRUE OR adds_up IS NOT TRUE
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, count(*)::int FROM nights
"""
