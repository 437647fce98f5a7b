"""The only code that changes how many units of a night are free.

Every function here must run inside `booking_site.db.run_serializable`. Nights are always locked in
the order of their dates, so that two stays that overlap can wait for each other but never
deadlock.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import ClassVar
from uuid import UUID

from django.db import connection
from django.db.models import F

from booking_site.problems import Problem
from rooms.models import RoomAvailability
from rooms.nights import NIGHT_COLUMNS, Night
from rooms.stays import Stay


class SoldOut(Problem):
    """Somebody else has the last unit of one of the nights.

    `sold_out_nights` lists the nights that lack units, `alternatives` the nearest stays of the
    same length that were free a moment ago.
    """

    slug: ClassVar[str] = "sold-out"
    title: ClassVar[str] = "Not enough units are free on every night"
    status: ClassVar[int] = 409
    client_action: ClassVar[str] = (
        "Name the nights in `sold_out_nights` to the user, keep what was typed, and offer the "
        "stays in `alternatives`. Nothing was booked."
    )

    def __init__(self, nights: Sequence[date]) -> None:
        self.nights = tuple(nights)
        named = ", ".join(night.isoformat() for night in nights)
        super().__init__(
            f"Not enough units are free on: {named}.",
            extra={"sold_out_nights": list(nights), "alternatives": []},
        )


def lock_nights(room_id: UUID, dates: Iterable[date]) -> dict[date, Night]:
    """Lock the room's nights of these dates, in their order, and return them as they are.

    Dates that were never opened for sale are missing from the answer.
    """
    rows = (
        RoomAvailability.objects.select_for_update()
        .filter(room_id=room_id, date__in=list(dates))
        .order_by("date")
        .values_list(*NIGHT_COLUMNS)
    )
    return {row[0]: Night(*row) for row in rows}


def lacking_nights(nights: Mapping[date, Night], stay: Stay, units: int) -> list[date]:
    """Return the stay's dates, in order, on which fewer than `units` are free."""
    return [
        date for date in stay.dates() if date not in nights or nights[date].available_count < units
    ]


def take_nights(room_id: UUID, stay: Stay, units: int) -> None:
    """Take `units` out of every night of the stay, or of none.

    The nights must have been locked before. Raises SoldOut when a night has fewer units free or
    is not for sale: the condition stands in the UPDATE itself and is the last word, whatever was
    read before.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE rooms_roomavailability SET available_count = available_count - %(units)s
            WHERE room_id = %(room_id)s AND date >= %(check_in)s AND date < %(check_out)s
            AND available_count >= %(units)s
            RETURNING date
            """,
            {
                "room_id": room_id,
                "check_in": stay.check_in,
                "check_out": stay.check_out,
                "units": units,
            },
        )
        taken = {night for (night,) in cursor}
    if lacking := [night for night in stay.dates() if night not in taken]:
        raise SoldOut(lacking)


def give_back_nights(room_id: UUID, stay: Stay, units: int) -> None:
    """Put `units` back into every night of the stay.

    The nights must have been locked before. Raises RuntimeError if a night is missing: it was sold,
    so it must exist. The database refuses to put back more than the night's inventory.
    """
    changed = RoomAvailability.objects.filter(
        room_id=room_id, date__gte=stay.check_in, date__lt=stay.check_out
    ).update(available_count=F("available_count") + units)
    if changed != stay.nights:
        raise RuntimeError(f"room {room_id} has {changed} of {stay.nights} nights of {stay}")


def open_nights(room_id: UUID, stay: Stay) -> int:
    """Put the nights of a range on sale that are not yet, with all units of the room free.

    Returns how many nights were added. Nights that exist stay as they are. The room is locked, so
    that its number of units can't change until the new nights are committed.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO rooms_roomavailability (
                room_id, date, total_inventory, available_count,
                min_stay, closed_to_arrival, closed_to_departure
            )
            SELECT room.id, night::date, room.total_inventory, room.total_inventory, 1, false, false
            FROM rooms_room room, generate_series(%s::date, %s::date - 1, interval '1 day') night
            WHERE room.id = %s
            FOR SHARE OF room
            ON CONFLICT (room_id, date) DO NOTHING
            """,
            [stay.check_in, stay.check_out, room_id],
        )
        return int(cursor.rowcount)


def resize_nights(room_id: UUID, *, first_night: date, total_inventory: int) -> list[date]:
    """Let every night from `first_night` on have this many units, if all that is taken still fits.

    What is sold or blocked stays so; the difference is added to or taken from what is free. Returns
    the nights, in order, on which more than `total_inventory` units are taken: if there are any,
    nothing was changed.
    """
    nights = RoomAvailability.objects.filter(room_id=room_id, date__gte=first_night)
    taken = (
        nights.select_for_update()
        .order_by("date")
        .values_list("date", F("total_inventory") - F("available_count"))
    )
    too_small = [night for night, units in taken if units > total_inventory]
    if not too_small:
        nights.update(
            available_count=total_inventory - F("total_inventory") + F("available_count"),
            total_inventory=total_inventory,
        )
    return too_small
