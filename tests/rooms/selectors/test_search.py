from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from rooms import services
from rooms.models import Property, Room
from rooms.selectors.search import FoundRoom, PlaceSummary, RoomSearch, search_rooms
from rooms.selectors.search_sql import Ordering
from rooms.services import NightRate
from rooms.stays import Stay
from tests.factories import PropertyFactory
from tests.rooms.conftest import NOW, TODAY, NewRoom

STAY = Stay.of_nights(TODAY + timedelta(days=10), 3)
DATED = RoomSearch(location="Lisbon", stay=STAY)
UNDATED = RoomSearch(location="Lisbon")

FIRST, SECOND, THIRD = STAY.dates()


@pytest.fixture
def hotel(transactional_db: None) -> Property:
    return PropertyFactory()


@pytest.fixture
def room(hotel: Property, new_room: NewRoom) -> Room:
    return new_room(property=hotel, total_inventory=3)


def found(search: RoomSearch, *, now: datetime = NOW) -> list[FoundRoom]:
    return search_rooms(search, now=now).results


def names(search: RoomSearch, *, now: datetime = NOW) -> list[str]:
    return [room.name for room in found(search, now=now)]


def set_rate(room: Room, night: date, **rate: Any) -> None:
    services.set_rate(room.id, stay=Stay.of_nights(night, 1), rate=NightRate(**rate))


def block(room: Room, night: date, units: int) -> None:
    services.block_nights(room.id, stay=Stay.of_nights(night, 1), units=units, reason="Painting")


class TestWithDates:
    def test_tells_all_that_a_result_list_shows(self, hotel: Property, room: Room) -> None:
        set_rate(room, SECOND, price=Decimal(120))
        block(room, THIRD, 1)

        assert found(replace(DATED, units=2)) == [
            FoundRoom(
                id=room.id,
                name="Double room",
                description="",
                location="Lisbon",
                capacity=2,
                amenities=[],
                currency="EUR",
                price_per_night=Decimal("100.00"),
                total_price=Decimal("640.00"),
                average_price_per_night=Decimal("106.67"),
                from_price=None,
                available_units=2,
                place=PlaceSummary(
                    id=hotel.id,
                    name="Hotel Aurora",
                    slug=hotel.slug,
                    country="PT",
                    timezone="Europe/Lisbon",
                ),
            )
        ]

    def test_needs_the_units_on_every_night(self, room: Room) -> None:
        block(room, SECOND, 2)

        assert [room.available_units for room in found(DATED)] == [1]
        assert found(replace(DATED, units=2)) == []

    def test_does_not_mind_what_is_sold_before_and_after(self, room: Room) -> None:
        block(room, FIRST - timedelta(days=1), 3)
        block(room, STAY.check_out, 3)

        assert [room.available_units for room in found(DATED)] == [3]

    def test_needs_every_night_on_sale(self, room: Room) -> None:
        room.nights.filter(date=SECOND).delete()

        assert found(DATED) == []

    def test_does_not_need_the_night_of_departure_on_sale(self, room: Room) -> None:
        room.nights.filter(date__gte=STAY.check_out).delete()

        assert len(found(DATED)) == 1

    @pytest.mark.parametrize(
        ("night", "rate", "sold"),
        [
            (FIRST, {"min_stay": 3}, True),
            (FIRST, {"min_stay": 4}, False),
            (SECOND, {"min_stay": 4}, True),
            (FIRST, {"closed_to_arrival": True}, False),
            (SECOND, {"closed_to_arrival": True}, True),
            (STAY.check_out, {"closed_to_arrival": True, "min_stay": 4}, True),
            (STAY.check_out, {"closed_to_departure": True}, False),
            (FIRST, {"closed_to_departure": True}, True),
            (THIRD, {"closed_to_departure": True}, True),
        ],
    )
    def test_keeps_the_restrictions_of_the_nights(
        self, room: Room, night: date, rate: dict[str, Any], sold: bool
    ) -> None:
        set_rate(room, night, **rate)

        assert bool(found(DATED)) is sold

    def test_begins_no_stay_before_the_propertys_today(self, new_room: NewRoom) -> None:
        new_room(name="East", property=PropertyFactory(timezone="Pacific/Kiritimati"))
        new_room(name="West", property=PropertyFactory(timezone="Etc/GMT+12"))
        room_of_utc = PropertyFactory(timezone="UTC")
        new_room(name="Middle", property=room_of_utc)
        Room.objects.get(name="East").nights.get_or_create(
            date=TODAY, defaults={"total_inventory": 1, "available_count": 1}
        )
        stay = replace(DATED, stay=Stay.of_nights(TODAY, 1), ordering=Ordering.NAME)

        noon = datetime(2027, 1, 15, 11, tzinfo=UTC)
        assert names(stay, now=noon) == ["Middle", "West"]
        assert names(stay, now=noon + timedelta(days=1)) == ["West"]

    @pytest.mark.parametrize(
        ("bounds", "fits"),
        [
            ({"price_min": Decimal("106.66")}, True),
            ({"price_min": Decimal("106.67")}, False),
            ({"price_max": Decimal("106.67")}, True),
            ({"price_max": Decimal("106.66")}, False),
            ({"price_min": Decimal(100), "price_max": Decimal(107)}, True),
        ],
    )
    def test_bounds_the_average_price_of_one_unit(
        self, room: Room, bounds: dict[str, Decimal], fits: bool
    ) -> None:
        set_rate(room, SECOND, price=Decimal(120))

        assert bool(found(replace(DATED, units=2, **bounds))) is fits

    def test_orders_by_what_the_stay_costs(self, hotel: Property, new_room: NewRoom) -> None:
        dear = new_room(name="Dear today", property=hotel, price_per_night=Decimal(50))
        new_room(name="Flat", property=hotel, price_per_night=Decimal(60))
        set_rate(dear, SECOND, price=Decimal(90))

        assert names(DATED) == ["Flat", "Dear today"]

    def test_amounts_have_the_digits_of_their_currency(self, new_room: NewRoom) -> None:
        new_room(property=PropertyFactory(currency="JPY"), price_per_night=Decimal(9000))

        (room,) = found(DATED)
        assert (str(room.price_per_night), str(room.total_price)) == ("9000", "27000")
        assert str(room.average_price_per_night) == "9000"


class TestWithoutDates:
    def test_names_the_cheapest_night_with_a_free_unit(self, room: Room) -> None:
        set_rate(room, SECOND, price=Decimal("70.50"))
        set_rate(room, THIRD, price=Decimal("60.50"))
        block(room, THIRD, 3)

        (result,) = found(UNDATED)

        assert result.from_price == Decimal("70.50")
        assert result.total_price is None
        assert result.average_price_per_night is None
        assert result.available_units is None

    def test_looks_at_nights_where_all_units_are_free(self, room: Room) -> None:
        set_rate(room, SECOND, price=Decimal(70))
        block(room, SECOND, 2)

        assert found(UNDATED)[0].from_price == Decimal(70)
        assert found(replace(UNDATED, units=2))[0].from_price == Decimal(100)

    def test_looks_at_ninety_nights_from_the_propertys_today(
        self, room: Room, settings: Settings
    ) -> None:
        settings.BOOKING_HORIZON_DAYS = 100
        services.extend_horizon(now=NOW)
        set_rate(room, TODAY + timedelta(days=90), price=Decimal(10))
        assert found(UNDATED)[0].from_price == Decimal(100)

        set_rate(room, TODAY + timedelta(days=89), price=Decimal(20))
        assert found(UNDATED)[0].from_price == Decimal(20)

        set_rate(room, TODAY, price=Decimal(5))
        assert found(UNDATED)[0].from_price == Decimal(5)
        assert found(UNDATED, now=NOW + timedelta(days=1))[0].from_price == Decimal(10)

    @pytest.mark.parametrize(
        ("ordering", "order"),
        [
            (Ordering.PRICE, ["Cheap", "Dear", "Full"]),
            (Ordering.PRICE_DESCENDING, ["Dear", "Cheap", "Full"]),
        ],
    )
    def test_rooms_without_a_free_night_come_last(
        self, hotel: Property, new_room: NewRoom, ordering: Ordering, order: list[str]
    ) -> None:
        new_room(name="Full", property=hotel, total_inventory=0)
        new_room(name="Dear", property=hotel, price_per_night=Decimal(90))
        new_room(name="Cheap", property=hotel, price_per_night=Decimal(50))

        results = found(replace(UNDATED, ordering=ordering))

        assert [room.name for room in results] == order
        assert results[-1].from_price is None

    def test_bounds_the_lowest_price(self, room: Room) -> None:
        set_rate(room, SECOND, price=Decimal(70))

        assert found(replace(UNDATED, price_max=Decimal(70)))
        assert found(replace(UNDATED, price_min=Decimal(70)))
        assert not found(replace(UNDATED, price_max=Decimal("69.99")))
        assert not found(replace(UNDATED, price_min=Decimal("70.01")))


@pytest.mark.parametrize("search", [DATED, UNDATED], ids=["dated", "undated"])
class TestEitherWay:
    @pytest.mark.parametrize("location", ["lisbon", "  LISBON ", "Lisbôn"])
    def test_spelling_does_not_matter(self, room: Room, search: RoomSearch, location: str) -> None:
        assert names(replace(search, location=location)) == ["Double room"]

    @pytest.mark.parametrize("location", ["Lisb", "Lisbon%", "%", "Porto", "' OR true --", "\\"])
    def test_only_the_very_place_is_searched(
        self, room: Room, search: RoomSearch, location: str
    ) -> None:
        assert names(replace(search, location=location)) == []

    @pytest.mark.parametrize(
        ("guests", "units", "fits"),
        [(2, 1, True), (3, 1, False), (3, 2, True), (6, 3, True), (7, 3, False)],
    )
    def test_the_guests_fit_into_the_units(
        self, room: Room, search: RoomSearch, guests: int, units: int, fits: bool
    ) -> None:
        assert bool(found(replace(search, guests=guests, units=units))) is fits

    @pytest.mark.parametrize(
        ("wanted", "fits"),
        [
            (("wifi",), True),
            (("wifi", "parking"), True),
            (("wifi", "pool"), False),
            (("Wifi",), False),
            (("wifi,parking",), False),
        ],
    )
    def test_all_amenities_are_there(
        self, new_room: NewRoom, search: RoomSearch, wanted: tuple[str, ...], fits: bool
    ) -> None:
        new_room(amenities=["wifi", "parking", "balcony"])

        assert bool(found(replace(search, amenities=wanted))) is fits

    def test_a_room_that_was_taken_off_sale_is_not_found(
        self, room: Room, search: RoomSearch
    ) -> None:
        Room.objects.update(is_active=False)

        assert found(search) == []

    @pytest.mark.parametrize(
        ("ordering", "order"),
        [
            (Ordering.PRICE, ["B", "C", "A"]),
            (Ordering.PRICE_DESCENDING, ["A", "B", "C"]),
            (Ordering.CAPACITY, ["A", "B", "C"]),
            (Ordering.CAPACITY_DESCENDING, ["C", "A", "B"]),
            (Ordering.NAME, ["A", "B", "C"]),
        ],
    )
    def test_rooms_have_the_wanted_order_and_equal_ones_that_of_their_ids(
        self, new_room: NewRoom, search: RoomSearch, ordering: Ordering, order: list[str]
    ) -> None:
        new_room(name="A", price_per_night=Decimal(90), capacity=2)
        new_room(name="B", price_per_night=Decimal(50), capacity=2)
        new_room(name="C", price_per_night=Decimal(50), capacity=3)

        assert names(replace(search, ordering=ordering)) == order

    def test_pages_follow_each_other_without_gap_or_overlap(
        self, hotel: Property, new_room: NewRoom, search: RoomSearch
    ) -> None:
        for number in range(5):
            new_room(name=f"Room {number}", property=hotel)
        pages = [
            search_rooms(replace(search, page=page, page_size=2), now=NOW) for page in (1, 2, 3)
        ]

        assert [[room.name for room in page.results] for page in pages] == [
            ["Room 0", "Room 1"],
            ["Room 2", "Room 3"],
            ["Room 4"],
        ]
        assert [(page.count, page.has_next) for page in pages] == [(5, True), (5, True), (5, False)]

    def test_a_page_past_the_end_is_empty_and_still_knows_the_count(
        self, room: Room, search: RoomSearch
    ) -> None:
        page = search_rooms(replace(search, page=9_999), now=NOW)

        assert (page.count, page.results, page.has_next) == (1, [], False)

    def test_nothing_is_found_where_nothing_is(
        self, transactional_db: None, search: RoomSearch
    ) -> None:
        page = search_rooms(search, now=NOW)

        assert (page.count, page.results, page.has_next) == (0, [], False)

    def test_one_statement_does_it_all(
        self, room: Room, search: RoomSearch, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_num_queries(1):
            search_rooms(replace(search, amenities=(), price_max=Decimal(500)), now=NOW)


def test_a_sold_out_room_is_found_again_once_a_night_is_given_back(room: Room) -> None:
    taken = services.block_nights(room.id, stay=STAY, units=3, reason="Wedding")
    assert found(DATED) == []

    services.lift_block(taken.id)

    assert [room.available_units for room in found(DATED)] == [3]
