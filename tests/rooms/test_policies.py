from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from rooms.policies import CancellationTerms, cancellation_terms, local_today
from rooms.stays import Stay
from tests.factories import PropertyFactory


def test_cancelling_is_free_until_the_hour_of_check_in_some_days_before() -> None:
    place = PropertyFactory.build(
        timezone="America/New_York",
        check_in_time=time(16),
        free_cancellation_days=3,
        cancellation_fee_percent=80,
    )

    terms = cancellation_terms(place, Stay(date(2027, 1, 20), date(2027, 1, 22)))

    assert terms == CancellationTerms(
        free_until=datetime(2027, 1, 17, 21, tzinfo=UTC), fee_percent=80
    )


def test_the_hour_is_that_of_the_day_even_when_the_clocks_change_before_check_in() -> None:
    place = PropertyFactory.build(
        timezone="Europe/Berlin", check_in_time=time(15), free_cancellation_days=1
    )

    summer = cancellation_terms(place, Stay(date(2027, 3, 29), date(2027, 3, 30)))
    winter = cancellation_terms(place, Stay(date(2027, 3, 28), date(2027, 3, 30)))

    assert summer.free_until == datetime(2027, 3, 28, 13, tzinfo=UTC)
    assert winter.free_until == datetime(2027, 3, 27, 14, tzinfo=UTC)


FREE_UNTIL = datetime(2027, 1, 17, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("late_by", "fee"), [(timedelta(0), "0"), (timedelta(microseconds=1), "26.67")]
)
def test_after_that_instant_a_share_of_the_price_is_owed(late_by: timedelta, fee: str) -> None:
    terms = CancellationTerms(free_until=FREE_UNTIL, fee_percent=80)

    assert terms.fee(Decimal("33.34"), "EUR", at=FREE_UNTIL + late_by) == Decimal(fee)


@pytest.mark.parametrize(
    ("zone", "today"),
    [
        ("Pacific/Kiritimati", date(2027, 1, 16)),
        ("UTC", date(2027, 1, 15)),
        ("Etc/GMT+12", date(2027, 1, 14)),
    ],
)
def test_today_is_what_the_propertys_calendar_shows(zone: str, today: date) -> None:
    place = PropertyFactory.build(timezone=zone)

    assert local_today(place, datetime(2027, 1, 15, 11, tzinfo=UTC)) == today
