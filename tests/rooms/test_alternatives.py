from datetime import timedelta
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from rooms import services
from rooms.alternatives import Alternative, alternatives
from rooms.models import Room
from rooms.services import NightRate
from rooms.stays import Stay
from tests.factories import PropertyFactory
from tests.rooms.conftest import TODAY, NewRoom

STAY = Stay.of_nights(TODAY + timedelta(days=10), 2)


@pytest.fixture
def room(new_room: NewRoom) -> Room:
    return new_room(total_inventory=2)


def offers(
    room: Room, *, guests: int = 2, units: int = 1, days_gone: int = 0
) -> list[tuple[str, int]]:
    """Return each alternative's room name, and by how many days its stay is shifted."""
    today = TODAY + timedelta(days=days_gone)
    return [
        (offer.room.name, (offer.stay.check_in - STAY.check_in).days)
        for offer in alternatives(room, STAY, guests=guests, units=units, today=today)
    ]


def sell_out(room: Room, first: int, last: int) -> None:
    """Block all units of the nights that are so many days after the stay's first night."""
    nights = Stay(STAY.check_in + timedelta(days=first), STAY.check_in + timedelta(days=last + 1))
    services.block_nights(room.id, stay=nights, units=room.total_inventory, reason="Painting")


def test_the_three_nearest_free_stays_of_the_room_are_offered(room: Room) -> None:
    sell_out(room, 0, 0)

    assert offers(room) == [("Double room", 1), ("Double room", 2), ("Double room", -2)]


def test_restricted_stays_are_not_offered(room: Room) -> None:
    sell_out(room, 0, 0)
    day_after = Stay.of_nights(STAY.check_in + timedelta(days=1), 1)
    services.set_rate(room.id, stay=day_after, rate=NightRate(min_stay=3))

    assert offers(room) == [("Double room", 2), ("Double room", -2), ("Double room", 3)]


def test_nothing_is_offered_before_today(room: Room) -> None:
    sell_out(room, -4, 3)

    assert offers(room, days_gone=5) == [("Double room", 4), ("Double room", 5), ("Double room", 6)]


def test_nothing_further_away_than_a_fortnight_is_offered(room: Room) -> None:
    sell_out(room, -10, 14)

    assert offers(room) == []


def test_other_rooms_of_the_property_are_offered_for_the_same_dates(
    room: Room, new_room: NewRoom
) -> None:
    sell_out(room, -10, 15)
    place = room.property
    new_room(name="Suite", property=place, capacity=4, price_per_night=Decimal(200))
    new_room(name="Family room", property=place, capacity=3, price_per_night=Decimal(150))
    new_room(name="Single room", property=place, capacity=1)
    new_room(name="Closed room", property=place, capacity=4, is_active=False)
    new_room(name="Room elsewhere", property=PropertyFactory(), capacity=4)
    sold_out = new_room(name="Sold-out room", property=place, capacity=4)
    sell_out(sold_out, 1, 1)

    assert offers(room) == [("Family room", 0), ("Suite", 0)]
    assert offers(room, guests=4) == [("Suite", 0)]
    assert offers(room, guests=2, units=2) == []


def test_an_alternative_names_its_price_for_all_units_and_nights(
    room: Room, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    sell_out(room, 0, 0)
    later = STAY.shifted(1)
    night = Stay.of_nights(later.check_in, 1)
    services.set_rate(room.id, stay=night, rate=NightRate(price=Decimal("120.5")))

    with django_assert_num_queries(2):
        offer = alternatives(room, STAY, guests=2, units=2, today=TODAY)[0]

    assert offer == Alternative(room=room, stay=later, total_price=Decimal("441.0"))
    assert offer.as_json() == {
        "room_id": str(room.id),
        "room_name": "Double room",
        "check_in": later.check_in,
        "check_out": later.check_out,
        "total_price": "441.00",
        "currency": "EUR",
    }
