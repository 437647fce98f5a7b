"""What nights cost and which stays they allow."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from booking_site.problems import FieldError, Problem
from rooms.nights import Night
from rooms.stays import Stay


class StayRestricted(Problem):
    """The nights are free, but the property does not sell this stay.

    A night may ask for a minimum stay of those who arrive on it, or be closed to arrival or
    departure.
    """

    slug: ClassVar[str] = "stay-restricted"
    title: ClassVar[str] = "The property does not sell this stay"
    status: ClassVar[int] = 422
    client_action: ClassVar[str] = (
        "Show each entry of `errors` at its date field and let the user choose other dates: "
        "the room's availability calendar has the restrictions of every night."
    )

    def __init__(self, broken: Iterable[FieldError]) -> None:
        errors = list(broken)
        super().__init__(" ".join(error.detail for error in errors), errors=errors)


@dataclass(frozen=True, slots=True)
class NightPrice:
    """What one unit costs on one night, in the property's currency."""

    date: date
    price: Decimal


def price_nights(nights: Iterable[Night], room_price: Decimal) -> list[NightPrice]:
    """Return the price of each night: its own, or else the room's."""
    return [
        NightPrice(night.date, room_price if night.price is None else night.price)
        for night in nights
    ]


def broken_restrictions(nights: Mapping[date, Night], stay: Stay) -> list[FieldError]:
    """Return what forbids the stay, nothing if it may be sold.

    `nights` should hold the night of arrival and, as far as it is on sale, that of departure.
    """
    broken = []
    arrival = nights.get(stay.check_in)
    if arrival is not None and arrival.closed_to_arrival:
        broken.append(
            FieldError(
                field="check_in",
                code="closed-to-arrival",
                detail=f"Guests can't arrive on {stay.check_in}.",
            )
        )
    if arrival is not None and stay.nights < arrival.min_stay:
        broken.append(
            FieldError(
                field="check_out",
                code="min-stay",
                detail=f"Who arrives on {stay.check_in} stays {arrival.min_stay} nights or more.",
            )
        )
    departure = nights.get(stay.check_out)
    if departure is not None and departure.closed_to_departure:
        broken.append(
            FieldError(
                field="check_out",
                code="closed-to-departure",
                detail=f"Guests can't leave on {stay.check_out}.",
            )
        )
    return broken
