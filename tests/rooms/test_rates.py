from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from rooms.nights import Night
from rooms.rates import NightPrice, StayRestricted, broken_restrictions, price_nights
from rooms.stays import Stay

STAY = Stay(date(2027, 1, 20), date(2027, 1, 22))
FREE = Night(
    date=STAY.check_in,
    available_count=1,
    price=None,
    min_stay=1,
    closed_to_arrival=False,
    closed_to_departure=False,
)
NIGHTS = {
    day: replace(FREE, date=day)
    for day in (date(2027, 1, 20), date(2027, 1, 21), date(2027, 1, 22))
}


def test_a_night_costs_its_own_price_or_else_the_rooms() -> None:
    special = replace(FREE, date=date(2027, 1, 21), price=Decimal(0))

    assert price_nights([FREE, special], Decimal(80)) == [
        NightPrice(date(2027, 1, 20), Decimal(80)),
        NightPrice(date(2027, 1, 21), Decimal(0)),
    ]


def test_nights_without_restrictions_allow_every_stay() -> None:
    assert broken_restrictions(NIGHTS, STAY) == []


@pytest.mark.parametrize(
    ("day", "restriction", "broken"),
    [
        (20, {"closed_to_arrival": True}, [("check_in", "closed-to-arrival")]),
        (20, {"min_stay": 3}, [("check_out", "min-stay")]),
        (20, {"min_stay": 2}, []),
        (22, {"closed_to_departure": True}, [("check_out", "closed-to-departure")]),
        (21, {"closed_to_arrival": True, "closed_to_departure": True, "min_stay": 9}, []),
        (20, {"closed_to_departure": True}, []),
        (22, {"closed_to_arrival": True, "min_stay": 9}, []),
    ],
)
def test_restrictions_bind_arrival_and_departure_only_on_their_own_day(
    day: int, restriction: dict[str, object], broken: list[tuple[str, str]]
) -> None:
    date_of_it = date(2027, 1, day)
    nights = NIGHTS | {date_of_it: replace(NIGHTS[date_of_it], **restriction)}

    errors = broken_restrictions(nights, STAY)

    assert [(error.field, error.code) for error in errors] == broken


def test_all_broken_restrictions_are_named_at_once() -> None:
    nights = NIGHTS | {
        STAY.check_in: replace(FREE, min_stay=3, closed_to_arrival=True),
        STAY.check_out: replace(FREE, date=STAY.check_out, closed_to_departure=True),
    }

    problem = StayRestricted(broken_restrictions(nights, STAY))

    assert [error.code for error in problem.errors] == [
        "closed-to-arrival",
        "min-stay",
        "closed-to-departure",
    ]
    assert problem.detail == (
        "Guests can't arrive on 2027-01-20. Who arrives on 2027-01-20 stays 3 nights or more. "
        "Guests can't leave on 2027-01-22."
    )


def test_a_departure_day_that_is_not_on_sale_forbids_nothing() -> None:
    nights = {day: night for day, night in NIGHTS.items() if day in STAY}

    assert broken_restrictions(nights, STAY) == []
