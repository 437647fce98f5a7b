from datetime import UTC, date, datetime

import pytest
from pytest_django import Settings

from rooms.stay_rules import Today, wrong_dates, wrong_party
from rooms.stays import Stay
from tests.factories import PropertyFactory, RoomFactory

TODAY = Today(earliest=date(2027, 1, 15), latest=date(2027, 1, 15))


@pytest.fixture(autouse=True)
def limits(settings: Settings) -> None:
    settings.BOOKING_HORIZON_DAYS = 60
    settings.MAX_STAY_NIGHTS = 10
    settings.MAX_BOOKING_UNITS = 5


def test_it_is_one_date_at_a_property_and_up_to_three_on_earth() -> None:
    now = datetime(2027, 1, 15, 11, tzinfo=UTC)

    assert Today.anywhere(now) == Today(earliest=date(2027, 1, 14), latest=date(2027, 1, 16))
    assert Today.at(PropertyFactory.build(timezone="Asia/Tokyo"), now) == TODAY


@pytest.mark.parametrize(
    ("check_in", "check_out", "wrong"),
    [
        (date(2027, 1, 15), date(2027, 1, 25), []),
        (date(2027, 3, 15), date(2027, 3, 16), []),
        (date(2027, 1, 14), date(2027, 1, 16), [("check_in", "in-the-past")]),
        (date(2027, 1, 15), date(2027, 1, 26), [("check_out", "too-long")]),
        (date(2027, 3, 15), date(2027, 3, 17), [("check_out", "beyond-horizon")]),
        (
            date(2000, 1, 1),
            date(9999, 12, 31),
            [
                ("check_in", "in-the-past"),
                ("check_out", "too-long"),
                ("check_out", "beyond-horizon"),
            ],
        ),
    ],
)
def test_a_stay_lies_between_today_and_the_horizon_and_is_not_too_long(
    check_in: date, check_out: date, wrong: list[tuple[str, str]]
) -> None:
    errors = wrong_dates(Stay(check_in, check_out), TODAY)

    assert [(error.field, error.code) for error in errors] == wrong


@pytest.mark.parametrize(
    ("guests", "units", "wrong"),
    [
        (6, 2, []),
        (7, 2, [("guests", "too-many-guests")]),
        (0, 1, [("guests", "out-of-range")]),
        (1, 0, [("units", "out-of-range"), ("guests", "too-many-guests")]),
        (1, 6, [("units", "out-of-range")]),
    ],
)
def test_the_guests_fit_into_the_units(
    guests: int, units: int, wrong: list[tuple[str, str]]
) -> None:
    room = RoomFactory.build(property=PropertyFactory.build(), capacity=3)

    errors = wrong_party(room, guests=guests, units=units)

    assert [(error.field, error.code) for error in errors] == wrong
