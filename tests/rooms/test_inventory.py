from collections.abc import Callable
from datetime import date, timedelta
from typing import TypeVar

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from booking_site.db import run_serializable
from rooms import inventory
from rooms.inventory import SoldOut
from rooms.models import Room, RoomAvailability
from rooms.stays import Stay
from tests.rooms.conftest import TODAY, NewRoom

T = TypeVar("T")

STAY = Stay.of_nights(TODAY + timedelta(days=10), 3)
FIRST, SECOND, THIRD = STAY.dates()


@pytest.fixture
def room(new_room: NewRoom) -> Room:
    return new_room(total_inventory=3)


def in_transaction(room: Room, body: Callable[[], T]) -> T:
    return run_serializable(body, room_ids=[room.id])


def free_units(room: Room, *dates: date) -> list[int]:
    """Return what is free on these dates."""
    counts = dict(room.nights.values_list("date", "available_count"))
    return [counts[night] for night in dates]


def set_night(room: Room, night: date, **values: object) -> None:
    RoomAvailability.objects.filter(room=room, date=night).update(**values)


def test_locked_nights_come_as_they_are_without_those_not_on_sale(room: Room) -> None:
    RoomAvailability.objects.filter(room=room, date=SECOND).delete()
    set_night(room, THIRD, price=70, min_stay=2, closed_to_arrival=True, closed_to_departure=True)

    nights = in_transaction(room, lambda: inventory.lock_nights(room.id, STAY.dates()))

    assert list(nights) == [FIRST, THIRD]
    assert nights[FIRST] == inventory.Night(FIRST, 3, None, 1, False, False)
    assert nights[THIRD] == inventory.Night(THIRD, 3, 70, 2, True, True)


def test_nights_are_locked_in_the_order_of_their_dates(room: Room) -> None:
    with CaptureQueriesContext(connection) as queries:
        in_transaction(room, lambda: inventory.lock_nights(room.id, [THIRD, FIRST]))

    (select,) = [query["sql"] for query in queries if "SELECT" in query["sql"]]
    assert select.startswith('SELECT "rooms_roomavailability"."date"')
    assert select.endswith("ORDER BY 1 ASC FOR UPDATE")


def test_nights_lack_units_when_too_few_are_free_or_they_are_not_on_sale(room: Room) -> None:
    set_night(room, FIRST, available_count=1)
    RoomAvailability.objects.filter(room=room, date=THIRD).delete()
    nights = in_transaction(room, lambda: inventory.lock_nights(room.id, STAY.dates()))

    assert inventory.lacking_nights(nights, STAY, 1) == [THIRD]
    assert inventory.lacking_nights(nights, STAY, 2) == [FIRST, THIRD]
    assert inventory.lacking_nights(nights, STAY, 4) == [FIRST, SECOND, THIRD]


def test_taking_nights_leaves_the_neighbouring_ones_alone(room: Room) -> None:
    in_transaction(room, lambda: inventory.take_nights(room.id, STAY, 2))

    before, after = FIRST - timedelta(days=1), STAY.check_out
    assert free_units(room, before, FIRST, SECOND, THIRD, after) == [3, 1, 1, 1, 3]


def test_every_night_is_taken_or_none(room: Room) -> None:
    set_night(room, SECOND, available_count=1)

    with pytest.raises(SoldOut) as refused:
        in_transaction(room, lambda: inventory.take_nights(room.id, STAY, 2))

    assert refused.value.nights == (SECOND,)
    assert refused.value.detail == f"Not enough units are free on: {SECOND}."
    assert refused.value.extra == {"sold_out_nights": [SECOND], "alternatives": []}
    assert free_units(room, FIRST, SECOND, THIRD) == [3, 1, 3]


def test_a_night_that_is_not_on_sale_can_not_be_taken(room: Room) -> None:
    RoomAvailability.objects.filter(room=room, date=THIRD).delete()

    with pytest.raises(SoldOut) as refused:
        in_transaction(room, lambda: inventory.take_nights(room.id, STAY, 1))

    assert refused.value.nights == (THIRD,)
    assert free_units(room, FIRST, SECOND) == [3, 3]


def test_the_last_units_can_be_taken(room: Room) -> None:
    in_transaction(room, lambda: inventory.take_nights(room.id, STAY, 3))

    assert free_units(room, FIRST, SECOND, THIRD) == [0, 0, 0]


def test_given_back_nights_are_free_again(room: Room) -> None:
    in_transaction(room, lambda: inventory.take_nights(room.id, STAY, 2))

    in_transaction(room, lambda: inventory.give_back_nights(room.id, STAY, 2))

    assert free_units(room, FIRST, SECOND, THIRD) == [3, 3, 3]


def test_the_database_refuses_to_give_back_what_was_not_taken(room: Room) -> None:
    set_night(room, FIRST, available_count=2)

    with pytest.raises(IntegrityError, match="night_never_released_twice"):
        in_transaction(room, lambda: inventory.give_back_nights(room.id, STAY, 1))

    assert free_units(room, FIRST, SECOND, THIRD) == [2, 3, 3]


def test_giving_back_a_night_that_does_not_exist_is_a_fault(room: Room) -> None:
    in_transaction(room, lambda: inventory.take_nights(room.id, STAY, 1))
    RoomAvailability.objects.filter(room=room, date=SECOND).delete()

    with pytest.raises(RuntimeError, match=f"room {room.id} has 2 of 3 nights of {STAY}"):
        in_transaction(room, lambda: inventory.give_back_nights(room.id, STAY, 1))

    assert free_units(room, FIRST, THIRD) == [2, 2]


def test_opening_nights_adds_those_that_are_missing_and_touches_no_other(room: Room) -> None:
    last = TODAY + timedelta(days=59)
    set_night(room, last, available_count=1, price=70)

    opened = in_transaction(room, lambda: inventory.open_nights(room.id, Stay.of_nights(last, 3)))

    assert opened == 2
    assert list(
        room.nights.filter(date__gte=last)
        .order_by("date")
        .values_list("date", "available_count", "total_inventory", "price")
    ) == [
        (last, 1, 3, 70),
        (last + timedelta(days=1), 3, 3, None),
        (last + timedelta(days=2), 3, 3, None),
    ]


def test_resizing_keeps_what_is_taken(room: Room) -> None:
    in_transaction(room, lambda: inventory.take_nights(room.id, STAY, 2))

    too_small = in_transaction(
        room, lambda: inventory.resize_nights(room.id, first_night=FIRST, total_inventory=5)
    )

    before = FIRST - timedelta(days=1)
    assert too_small == []
    assert free_units(room, before, FIRST, SECOND, THIRD, STAY.check_out) == [3, 3, 3, 3, 5]
    assert room.nights.get(date=before).total_inventory == 3
    assert room.nights.get(date=FIRST).total_inventory == 5


def test_a_size_that_what_is_taken_does_not_fit_into_changes_nothing(room: Room) -> None:
    in_transaction(room, lambda: inventory.take_nights(room.id, STAY, 2))

    too_small = in_transaction(
        room, lambda: inventory.resize_nights(room.id, first_night=SECOND, total_inventory=1)
    )

    assert too_small == [SECOND, THIRD]
    assert free_units(room, FIRST, SECOND, THIRD, STAY.check_out) == [1, 1, 1, 3]
    assert set(room.nights.values_list("total_inventory", flat=True)) == {3}
