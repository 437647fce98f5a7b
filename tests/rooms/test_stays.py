from datetime import date

import pytest

from rooms.stays import Stay

NEW_YEAR = Stay(date(2027, 12, 30), date(2028, 1, 2))


def test_a_stay_has_the_nights_between_its_dates() -> None:
    assert NEW_YEAR.nights == 3
    assert list(NEW_YEAR.dates()) == [date(2027, 12, 30), date(2027, 12, 31), date(2028, 1, 1)]


def test_the_day_of_departure_is_no_night_of_the_stay() -> None:
    assert date(2027, 12, 30) in NEW_YEAR
    assert date(2028, 1, 1) in NEW_YEAR
    assert date(2028, 1, 2) not in NEW_YEAR
    assert date(2027, 12, 29) not in NEW_YEAR


@pytest.mark.parametrize("check_out", [date(2027, 12, 30), date(2027, 12, 29)])
def test_a_stay_without_a_night_is_no_stay(check_out: date) -> None:
    with pytest.raises(ValueError, match="check-out must lie after check-in"):
        Stay(date(2027, 12, 30), check_out)


def test_a_stay_can_be_given_by_its_nights() -> None:
    assert Stay.of_nights(date(2027, 12, 30), 3) == NEW_YEAR


def test_shifting_keeps_the_length() -> None:
    assert NEW_YEAR.shifted(2) == Stay(date(2028, 1, 1), date(2028, 1, 4))
    assert NEW_YEAR.shifted(-1) == Stay(date(2027, 12, 29), date(2028, 1, 1))


def test_stays_are_values() -> None:
    assert {NEW_YEAR, Stay(date(2027, 12, 30), date(2028, 1, 2))} == {NEW_YEAR}
    assert Stay.of_nights(date(2027, 1, 1), 1) < NEW_YEAR
    assert str(NEW_YEAR) == "2027-12-30 to 2028-01-02"
