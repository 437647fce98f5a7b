from contextlib import closing
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries, Settings

from booking_site.db import run_serializable
from rooms import inventory, services
from rooms.inventory import SoldOut
from rooms.models import Room, RoomAvailability, RoomBlock
from rooms.services import InventoryInUse, NightRate
from rooms.stays import Stay
from tests.factories import PropertyFactory, RoomFactory
from tests.rooms.conftest import NOW, TODAY, NewRoom

STAY = Stay.of_nights(TODAY + timedelta(days=10), 3)


@pytest.fixture
def room(new_room: NewRoom) -> Room:
    return new_room(total_inventory=3)


def free_units(room: Room, stay: Stay = STAY) -> list[int]:
    """Return what is free on each night of a stay."""
    nights = room.nights.filter(date__gte=stay.check_in, date__lt=stay.check_out)
    return list(nights.order_by("date").values_list("available_count", flat=True))


def take(room: Room, stay: Stay, units: int) -> None:
    run_serializable(lambda: inventory.take_nights(room.id, stay, units), room_ids=[room.id])


class TestAddRoom:
    def test_puts_the_nights_from_the_propertys_today_to_the_horizon_on_sale(
        self, new_room: NewRoom
    ) -> None:
        room = new_room(property=PropertyFactory(timezone="Pacific/Kiritimati"), total_inventory=4)

        nights = list(room.nights.order_by("date").values_list("date", flat=True))
        assert nights == list(Stay.of_nights(date(2027, 1, 16), 60).dates())
        assert free_units(room) == [4, 4, 4]

    def test_gives_the_room_the_propertys_location(self, new_room: NewRoom) -> None:
        room = new_room(property=PropertyFactory(location="Zürich"))

        room.refresh_from_db()
        assert (room.location, room.location_key) == ("Zürich", "zurich")

    def test_refuses_to_run_inside_another_transaction(self, transactional_db: None) -> None:
        room = RoomFactory.build(property=PropertyFactory())

        with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
            services.add_room(room, now=NOW)

        assert not Room.objects.exists()


class TestLocation:
    def test_of_a_room_follows_its_property(self, room: Room) -> None:
        room.property.location = "São Paulo"
        room.property.save()

        room.refresh_from_db()
        assert (room.location, room.location_key) == ("São Paulo", "sao paulo")


class TestExtendHorizon:
    def test_opens_the_nights_of_the_days_that_passed(self, room: Room, new_room: NewRoom) -> None:
        other = new_room()
        before = room.nights.count()

        opened = services.extend_horizon(now=NOW + timedelta(days=2))

        assert opened == 4
        assert room.nights.count() == before + 2
        assert other.nights.latest("date").date == TODAY + timedelta(days=61)

    def test_has_nothing_to_do_twice_on_one_day(
        self, room: Room, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_num_queries(2):
            assert services.extend_horizon(now=NOW) == 0

    def test_leaves_sold_nights_as_they_are(self, room: Room) -> None:
        take(room, STAY, 2)

        services.extend_horizon(now=NOW + timedelta(days=1))

        assert free_units(room) == [1, 1, 1]


class TestSetTotalInventory:
    def test_changes_the_room_and_its_nights_from_today_on(self, room: Room) -> None:
        take(room, STAY, 2)
        tomorrow = NOW + timedelta(days=1)

        services.set_total_inventory(room.id, total_inventory=2, now=tomorrow)

        room.refresh_from_db()
        assert room.total_inventory == 2
        assert free_units(room) == [0, 0, 0]
        assert free_units(room, Stay.of_nights(TODAY, 2)) == [3, 2]

    def test_refuses_fewer_units_than_are_taken(self, room: Room) -> None:
        take(room, STAY, 2)

        with pytest.raises(InventoryInUse) as refused:
            services.set_total_inventory(room.id, total_inventory=1, now=NOW)

        room.refresh_from_db()
        assert room.total_inventory == 3
        assert free_units(room) == [1, 1, 1]
        assert refused.value.extra == {"nights_in_use": list(STAY.dates())}
        assert refused.value.detail == (
            "More units are taken than would remain on 3 nights: "
            "2027-01-25, 2027-01-26, 2027-01-27."
        )

    def test_a_refusal_names_ten_nights_at_most(self, room: Room) -> None:
        take(room, Stay.of_nights(TODAY, 12), 1)

        with pytest.raises(InventoryInUse) as refused:
            services.set_total_inventory(room.id, total_inventory=0, now=NOW)

        assert len(refused.value.nights) == 12
        assert refused.value.detail.count("2027-") == 10

    def test_nights_that_passed_bind_nobody(self, room: Room) -> None:
        take(room, Stay.of_nights(TODAY, 1), 3)

        services.set_total_inventory(room.id, total_inventory=1, now=NOW + timedelta(days=1))

        room.refresh_from_db()
        assert room.total_inventory == 1
        assert room.nights.get(date=TODAY).total_inventory == 3

    def test_an_unknown_room_is_told(self, room: Room) -> None:
        with pytest.raises(Room.DoesNotExist):
            services.set_total_inventory(room.property_id, total_inventory=1, now=NOW)


class TestSetRate:
    RATE = NightRate(
        price=Decimal("70.50"), min_stay=2, closed_to_arrival=True, closed_to_departure=True
    )

    def test_sets_price_and_restrictions_of_the_nights_and_nothing_else(self, room: Room) -> None:
        take(room, STAY, 1)

        assert services.set_rate(room.id, stay=STAY, rate=self.RATE) == 3

        rated = room.nights.filter(
            price=Decimal("70.50"), min_stay=2, closed_to_arrival=True, closed_to_departure=True
        )
        assert set(rated.values_list("date", flat=True)) == set(STAY.dates())
        assert free_units(room) == [2, 2, 2]

    def test_binds_only_the_weekdays_that_were_chosen(self, room: Room) -> None:
        fortnight = Stay.of_nights(date(2027, 1, 18), 14)

        changed = services.set_rate(room.id, stay=fortnight, rate=self.RATE, weekdays=[5, 7])

        assert changed == 4
        assert list(
            room.nights.filter(min_stay=2).order_by("date").values_list("date", flat=True)
        ) == [date(2027, 1, 22), date(2027, 1, 24), date(2027, 1, 29), date(2027, 1, 31)]

    def test_can_return_to_the_rooms_own_price(self, room: Room) -> None:
        services.set_rate(room.id, stay=STAY, rate=self.RATE)

        services.set_rate(room.id, stay=STAY, rate=NightRate())

        assert not room.nights.filter(price__isnull=False).exists()
        assert not room.nights.filter(min_stay=2).exists()


class TestBlockNights:
    def test_takes_units_out_of_sale(self, room: Room) -> None:
        block = services.block_nights(room.id, stay=STAY, units=2, reason="Painting")

        assert free_units(room) == [1, 1, 1]
        stored = RoomBlock.objects.get()
        assert stored == block
        assert (stored.room_id, stored.start, stored.end) == (
            room.id,
            STAY.check_in,
            STAY.check_out,
        )
        assert (stored.units, stored.reason) == (2, "Painting")

    def test_refuses_what_is_not_free(self, room: Room) -> None:
        take(room, Stay.of_nights(STAY.check_in, 1), 2)

        with pytest.raises(SoldOut) as refused:
            services.block_nights(room.id, stay=STAY, units=2, reason="Painting")

        assert refused.value.nights == (STAY.check_in,)
        assert free_units(room) == [1, 3, 3]
        assert not RoomBlock.objects.exists()


class TestLiftBlock:
    def test_puts_the_units_back_on_sale(self, room: Room) -> None:
        block = services.block_nights(room.id, stay=STAY, units=2, reason="Painting")

        services.lift_block(block.id)

        assert free_units(room) == [3, 3, 3]
        assert not RoomBlock.objects.exists()

    def test_twice_is_the_same_as_once(self, room: Room) -> None:
        block = services.block_nights(room.id, stay=STAY, units=2, reason="Painting")
        services.block_nights(room.id, stay=STAY, units=1, reason="Wedding")

        services.lift_block(block.id)
        services.lift_block(block.id)

        assert free_units(room) == [2, 2, 2]
        assert RoomBlock.objects.get().reason == "Wedding"


def test_a_block_that_somebody_else_lifts_in_the_meantime_is_lifted_once(room: Room) -> None:
    block = services.block_nights(room.id, stay=STAY, units=2, reason="Painting")
    somebody_else = connection.copy()

    def lift_it_first(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "LOCK TABLE" in sql:
            with somebody_else.cursor() as cursor:
                cursor.execute("DELETE FROM rooms_roomblock")
                cursor.execute("UPDATE rooms_roomavailability SET available_count = 3")
        return execute(sql, params, many, context)

    with closing(somebody_else), connection.execute_wrapper(lift_it_first):
        services.lift_block(block.id)

    assert free_units(room) == [3, 3, 3]
    assert not RoomBlock.objects.exists()


def test_a_horizon_that_shrank_keeps_the_nights_that_were_opened(
    room: Room, settings: Settings
) -> None:
    settings.BOOKING_HORIZON_DAYS = 30

    assert services.extend_horizon(now=NOW) == 0
    assert RoomAvailability.objects.filter(room=room).count() == 60
