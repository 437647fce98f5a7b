"""What a stay in a room would cost, and whether it could be booked now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from booking_site.money import round_to_minor_unit
from booking_site.problems import FieldError
from rooms.models import Room
from rooms.nights import Night
from rooms.policies import CancellationTerms, cancellation_terms
from rooms.rates import broken_restrictions, price_nights
from rooms.selectors.catalogue import active_room, nights_between
from rooms.stay_rules import Today, wrong_dates, wrong_party
from rooms.stays import Stay


@dataclass(frozen=True, kw_only=True)
class QuotedNight:
    """What one unit costs on a night, None if the night is not on sale, and whether it is free."""

    date: date
    price: Decimal | None
    available: bool


@dataclass(frozen=True, kw_only=True)
class Quote:
    """An offer that binds nobody: the price is frozen, and the units are taken, by booking.

    Amounts are rounded to the digits of `currency`. `total_price` is for all units and nights,
    `average_price_per_night` for one unit; both are None when a night is not on sale at all.
    `sold_out_nights` lack units, `restrictions` are the rules of the property that the stay breaks;
    the stay can be booked, and `available` is true, when there are neither.
    """

    room_id: UUID
    stay: Stay
    guests: int
    units: int
    currency: str
    nights: list[QuotedNight]
    total_price: Decimal | None
    average_price_per_night: Decimal | None
    sold_out_nights: list[date]
    restrictions: list[FieldError]
    cancellation: CancellationTerms

    @property
    def available(self) -> bool:
        """Whether the stay could be booked at the moment of the quote."""
        return not self.sold_out_nights and not self.restrictions


def quote_stay(room_id: UUID, *, stay: Stay, guests: int, units: int, now: datetime) -> Quote:
    """Return what a stay would cost and what stands against it. Raises NotFound."""
    room = active_room(room_id)
    currency = room.property.currency
    nights = nights_between(room_id, stay.check_in, stay.check_out)
    quoted = _quoted_nights(nights, stay, room, units)
    one_unit = _price_of_one_unit(nights, stay, room)
    total = average = None
    if one_unit is not None:
        total = round_to_minor_unit(one_unit * units, currency)
        average = round_to_minor_unit(one_unit / stay.nights, currency)
    return Quote(
        room_id=room_id,
        stay=stay,
        guests=guests,
        units=units,
        currency=currency,
        nights=quoted,
        total_price=total,
        average_price_per_night=average,
        sold_out_nights=[night.date for night in quoted if not night.available],
        restrictions=[
            *wrong_dates(stay, Today.at(room.property, now)),
            *wrong_party(room, guests=guests, units=units),
            *broken_restrictions(nights, stay),
        ],
        cancellation=cancellation_terms(room.property, stay),
    )


def _prices(nights: Mapping[date, Night], room: Room) -> dict[date, Decimal]:
    priced = price_nights(nights.values(), room.price_per_night)
    return {night.date: night.price for night in priced}


def _quoted_nights(
    nights: Mapping[date, Night], stay: Stay, room: Room, units: int
) -> list[QuotedNight]:
    prices = _prices(nights, room)
    return [
        QuotedNight(
            date=night,
            price=_rounded(prices.get(night), room.property.currency),
            available=night in nights and nights[night].available_count >= units,
        )
        for night in stay.dates()
    ]


def _price_of_one_unit(nights: Mapping[date, Night], stay: Stay, room: Room) -> Decimal | None:
    """Return the exact price of the stay, None if not every night is on sale."""
    prices = _prices(nights, room)
    if not all(night in prices for night in stay.dates()):
        return None
    return sum((prices[night] for night in stay.dates()), Decimal(0))


def _rounded(amount: Decimal | None, currency: str) -> Decimal | None:
    return None if amount is None else round_to_minor_unit(amount, currency)
