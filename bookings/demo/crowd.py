"""Stays of other guests: what makes some nights of the demo sold out and others nearly so."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from accounts.models import User
from bookings.demo.catalogue import DemoProperty
from bookings.demo.stays import DAYS_OF_HISTORY, book, sellable
from bookings.models import Booking
from bookings.orders import Wish
from rooms.models import Room, RoomBlock
from rooms.services import block_nights
from rooms.stays import Stay

_LAST_ARRIVAL = DAYS_OF_HISTORY + 45
_MOST_UNITS = 8
_BLOCK_BEGINS = _LAST_ARRIVAL + 30
_BLOCK_NIGHTS = 12
_REASONS = (
    "Renovation of the bathroom",
    "New windows",
    "Kept for a film crew",
    "Repair of the heating",
)


@dataclass(frozen=True, kw_only=True)
class CrowdStay:
    """A party that arrives so many days after the room's first night."""

    day: int
    nights: int
    units: int


def crowd(room_key: str, units: int) -> list[CrowdStay]:
    """Return the stays of other guests in a room, always the same ones, in the order of arrival.

    Waves of guests take all units, all but one or about half; two waves never meet.
    """
    chance = random.Random(room_key)  # noqa: S311 - repeatable, guards no secret
    stays = []
    day = chance.randint(2, 9)
    while day <= _LAST_ARRIVAL:
        nights = chance.randint(2, 4)
        taken = chance.choices([units, max(1, units - 1), -(-units // 2)], weights=[3, 3, 2])[0]
        stays += [
            CrowdStay(day=day, nights=nights, units=party) for party in _parties(taken, chance)
        ]
        # Restrictions may move a stay by a day and let it grow to five nights.
        day += nights + chance.randint(6, 18)
    return stays


def fill(
    demo: DemoProperty, room: Room, index: int, *, first_night: date, guests: list[User]
) -> int:
    """Make the bookings of others that the room still lacks. Returns how many there were.

    The first room of each property is left alone, so that something can always be booked; the last
    one has units out of sale for a while.
    """
    if index == 0:
        return 0
    planned = crowd(f"{demo.slug}/{index}", room.total_inventory)
    missing = planned[Booking.objects.filter(room=room, user__in=guests).count() :]
    if missing and index == len(demo.rooms) - 1:
        _block(demo, room, first_night)
    for number, party in enumerate(missing, start=len(planned) - len(missing)):
        arrival = Stay.of_nights(first_night, 1).shifted(party.day).check_in
        wish = Wish(
            stay=sellable(demo.rates, Stay.of_nights(arrival, party.nights)),
            units=party.units,
            guests=max(party.units, party.units * room.capacity * 3 // 4),
        )
        book(guests[(index + number) % len(guests)], room, wish, first_night=first_night)
    return len(missing)


def _parties(units: int, chance: random.Random) -> Iterator[int]:
    while units > 0:
        party = min(units, chance.randint(-(-units // 3), _MOST_UNITS + units // 3))
        yield party
        units -= party


def _block(demo: DemoProperty, room: Room, first_night: date) -> None:
    if RoomBlock.objects.filter(room=room).exists():
        return
    start = Stay.of_nights(first_night, _BLOCK_NIGHTS).shifted(_BLOCK_BEGINS)
    reason = _REASONS[len(demo.slug) % len(_REASONS)]
    block_nights(room.id, stay=start, units=-(-room.total_inventory // 3), reason=reason)
