"""One night of a room, as it was read: a pure value that reads and writes share."""

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Night:
    """One night: its free units and what binds a stay on it. `price` None: the room's own."""

    date: date
    available_count: int
    price: Decimal | None
    min_stay: int
    closed_to_arrival: bool
    closed_to_departure: bool


# The columns of RoomAvailability that make a Night, in the order of its fields.
NIGHT_COLUMNS = tuple(field.name for field in fields(Night))
