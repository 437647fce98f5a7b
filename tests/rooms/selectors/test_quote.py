from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from booking_site.problems import NotFound
from rooms import services
from rooms.models import Room
from rooms.policies import CancellationTerms
from rooms.selectors.quote import Quote, QuotedNight, quote_stay
from rooms.services import NightRate
from rooms.stays import Stay
from tests.factories import PropertyFactory
from tests.rooms.conftest import NOW, TODAY, NewRoom

STAY = Stay.of_nights(date(2027, 1, 25), 3)
FIRST, SECOND, THIRD = STAY.dates()


@pytest.fixture
def room(new_room: NewRoom) -> Room:
    return new_room(total_inventory=3)


def quote(room: Room, stay: Stay = STAY, *, guests: int = 1, units: int = 1) -> Quote:
    return quote_stay(room.id, stay=stay, guests=guests, units=units, now=NOW)


def broken(quoted: Quote) -> list[tuple[str, str]]:
    return [(error.field, error.code) for error in quoted.restrictions]


def test_a_quote_names_every_price_and_the_terms(
    room: Room, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    night = Stay.of_nights(SECOND, 1)
    services.set_rate(room.id, stay=night, rate=NightRate(price=Decimal(120)))

    with django_assert_num_queries(2):
        quoted = quote(room, guests=4, units=2)

    assert quoted == Quote(
        room_id=room.id,
        stay=STAY,
        guests=4,
        units=2,
        currency="EUR",
        nights=[
            QuotedNight(date=FIRST, price=Decimal("100.00"), available=True),
            QuotedNight(date=SECOND, price=Decimal("120.00"), available=True),
            QuotedNight(date=THIRD, price=Decimal("100.00"), available=True),
        ],
        total_price=Decimal("640.00"),
        average_price_per_night=Decimal("106.67"),
        sold_out_nights=[],
        restrictions=[],
        cancellation=CancellationTerms(
            free_until=datetime(2027, 1, 23, 15, tzinfo=UTC), fee_percent=100
        ),
    )
    assert quoted.available


def test_nights_that_lack_units_are_named_and_still_priced(room: Room) -> None:
    services.block_nights(room.id, stay=Stay.of_nights(SECOND, 1), units=2, reason="Painting")

    quoted = quote(room, units=2)

    assert quoted.sold_out_nights == [SECOND]
    assert [night.available for night in quoted.nights] == [True, False, True]
    assert quoted.total_price == Decimal("600.00")
    assert not quoted.available
    assert quote(room, units=1).available


def test_a_night_that_is_not_on_sale_has_no_price(room: Room) -> None:
    room.nights.filter(date=SECOND).delete()

    quoted = quote(room)

    assert quoted.nights[1] == QuotedNight(date=SECOND, price=None, available=False)
    assert quoted.sold_out_nights == [SECOND]
    assert quoted.total_price is None
    assert quoted.average_price_per_night is None
    assert not quoted.available


def test_a_stay_for_nothing_costs_nothing(new_room: NewRoom) -> None:
    quoted = quote(new_room(price_per_night=Decimal(0)))

    assert quoted.total_price == Decimal("0.00")
    assert quoted.average_price_per_night == Decimal("0.00")


def test_amounts_have_the_digits_of_the_currency(new_room: NewRoom) -> None:
    room = new_room(property=PropertyFactory(currency="KWD"), price_per_night=Decimal("30.125"))

    quoted = quote(room)

    assert str(quoted.total_price) == "90.375"
    assert str(quoted.nights[0].price) == "30.125"


def test_every_rule_that_the_stay_breaks_is_named(room: Room) -> None:
    rate = NightRate(min_stay=4, closed_to_arrival=True)
    services.set_rate(room.id, stay=Stay.of_nights(FIRST, 1), rate=rate)
    departure = Stay.of_nights(STAY.check_out, 1)
    services.set_rate(room.id, stay=departure, rate=NightRate(closed_to_departure=True))

    quoted = quote(room, guests=3)

    assert broken(quoted) == [
        ("guests", "too-many-guests"),
        ("check_in", "closed-to-arrival"),
        ("check_out", "min-stay"),
        ("check_out", "closed-to-departure"),
    ]
    assert quoted.sold_out_nights == []
    assert not quoted.available


def test_a_stay_before_the_propertys_today_is_told_so(room: Room) -> None:
    quoted = quote(room, Stay.of_nights(TODAY - timedelta(days=1), 2))

    assert broken(quoted) == [("check_in", "in-the-past")]
    assert not quoted.available


def test_a_stay_beyond_the_propertys_horizon_is_told_so(room: Room) -> None:
    quoted = quote(room, Stay.of_nights(TODAY + timedelta(days=59), 2))

    assert broken(quoted) == [("check_out", "beyond-horizon")]
    assert quoted.sold_out_nights == [TODAY + timedelta(days=60)]


def test_a_room_that_is_off_sale_has_no_quote(new_room: NewRoom) -> None:
    with pytest.raises(NotFound, match=r"There is no such room\."):
        quote(new_room(is_active=False))


@pytest.mark.django_db
def test_a_room_that_does_not_exist_has_no_quote() -> None:
    with pytest.raises(NotFound, match=r"There is no such room\."):
        quote_stay(uuid4(), stay=STAY, guests=1, units=1, now=NOW)
