from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from rooms.models import Property, Room, RoomAvailability, RoomBlock
from tests.factories import PropertyFactory
from tests.rooms.conftest import TODAY, NewRoom


@pytest.mark.django_db
def test_a_property_is_found_by_the_key_of_its_location() -> None:
    assert PropertyFactory(location="Zürich").location_key == "zurich"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("timezone", "Mars/Olympus"),
        ("currency", "QQQ"),
        ("country", "Portugal"),
        ("latitude", 90.5),
        ("longitude", -181.0),
        ("cancellation_fee_percent", 101),
    ],
)
def test_a_property_is_refused_with_what_does_not_exist(field: str, value: Any) -> None:
    place = PropertyFactory.build(**{field: value})

    with pytest.raises(ValidationError) as refused:
        place.clean_fields()

    assert list(refused.value.message_dict) == [field]


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"available_count": -1}, "night_never_oversold"),
        ({"available_count": 4}, "night_never_released_twice"),
        ({"total_inventory": 2}, "night_never_released_twice"),
        ({"price": -1}, "night_price_not_negative"),
        ({"min_stay": 0}, "night_min_stay_positive"),
    ],
)
def test_the_database_refuses_impossible_nights(
    new_room: NewRoom, values: dict[str, int], constraint: str
) -> None:
    room = new_room(total_inventory=3)

    with pytest.raises(IntegrityError, match=constraint):
        RoomAvailability.objects.filter(room=room, date=TODAY).update(**values)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"price_per_night": -1}, "room_price_not_negative"),
        ({"capacity": 0}, "room_sleeps_somebody"),
        ({"location": "Porto"}, "room_location_is_the_propertys"),
        ({"location_key": "porto"}, "room_location_is_the_propertys"),
    ],
)
def test_the_database_refuses_impossible_rooms(
    new_room: NewRoom, values: dict[str, Any], constraint: str
) -> None:
    room = new_room()

    with pytest.raises(IntegrityError, match=constraint):
        Room.objects.filter(id=room.id).update(**values)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [({"end": TODAY}, "block_has_nights"), ({"units": 0}, "block_has_units")],
)
def test_the_database_refuses_impossible_blocks(
    new_room: NewRoom, values: dict[str, Any], constraint: str
) -> None:
    room = new_room()
    facts = {"start": TODAY, "end": TODAY.replace(day=20), "units": 1, **values}

    with pytest.raises(IntegrityError, match=constraint):
        RoomBlock.objects.create(room=room, reason="Painting", **facts)

    assert not RoomBlock.objects.exists()


def test_what_is_shown_of_them(new_room: NewRoom) -> None:
    room = new_room(total_inventory=3)
    block = RoomBlock(room=room, start=TODAY, end=TODAY.replace(day=20), units=2)

    assert str(Property.objects.get()) == "Hotel Aurora"
    assert str(room) == "Double room, Hotel Aurora"
    assert str(room.nights.get(date=TODAY)) == "2027-01-15: 3 of 3 free"
    assert str(block) == "2 × Double room, Hotel Aurora, 2027-01-15 to 2027-01-20"
