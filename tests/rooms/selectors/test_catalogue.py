from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from booking_site.problems import NotFound
from rooms import services
from rooms.models import Room
from rooms.selectors.catalogue import (
    CalendarNight,
    FoundLocation,
    active_room,
    calendar,
    find_locations,
    nights_between,
)
from rooms.services import NightRate
from rooms.stays import Stay
from tests.factories import PropertyFactory
from tests.rooms.conftest import TODAY, NewRoom


class TestActiveRoom:
    def test_comes_with_its_property(
        self, new_room: NewRoom, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        room = new_room()

        with django_assert_num_queries(1):
            assert active_room(room.id).property.currency == "EUR"

    def test_is_not_found_once_it_is_off_sale(self, new_room: NewRoom) -> None:
        room = new_room(is_active=False)

        with pytest.raises(NotFound, match=r"There is no such room\."):
            active_room(room.id)

    def test_is_not_found_if_there_is_none(self, transactional_db: None) -> None:
        with pytest.raises(NotFound, match=r"There is no such room\."):
            active_room(uuid4())


class TestCalendar:
    STAY = Stay.of_nights(TODAY + timedelta(days=10), 2)

    def test_shows_each_night_as_it_could_be_booked(
        self, new_room: NewRoom, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        room = new_room(total_inventory=3)
        second = Stay.of_nights(self.STAY.check_in + timedelta(days=1), 1)
        rate = NightRate(
            price=Decimal("70.5"), min_stay=2, closed_to_arrival=True, closed_to_departure=True
        )
        services.set_rate(room.id, stay=second, rate=rate)
        services.block_nights(room.id, stay=second, units=3, reason="Painting")

        with django_assert_num_queries(1):
            nights = calendar(room, self.STAY, today=TODAY)

        assert nights == [
            CalendarNight(
                date=self.STAY.check_in,
                available_units=3,
                price=Decimal("100.00"),
                min_stay=1,
                closed_to_arrival=False,
                closed_to_departure=False,
            ),
            CalendarNight(
                date=second.check_in,
                available_units=0,
                price=Decimal("70.50"),
                min_stay=2,
                closed_to_arrival=True,
                closed_to_departure=True,
            ),
        ]

    def test_leaves_out_the_past_and_what_is_not_on_sale(self, new_room: NewRoom) -> None:
        room = new_room()
        room.nights.filter(date=TODAY + timedelta(days=2)).delete()

        nights = calendar(room, Stay.of_nights(TODAY, 4), today=TODAY + timedelta(days=1))

        assert [night.date - TODAY for night in nights] == [timedelta(days=1), timedelta(days=3)]

    def test_is_empty_without_a_query_when_all_is_past(
        self, new_room: NewRoom, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        room = new_room()

        with django_assert_num_queries(0):
            assert calendar(room, Stay.of_nights(TODAY, 4), today=TODAY + timedelta(days=4)) == []


def test_nights_between_includes_both_dates(new_room: NewRoom) -> None:
    room = new_room()

    nights = nights_between(room.id, TODAY, TODAY + timedelta(days=2))

    assert list(nights) == [TODAY + timedelta(days=days) for days in (0, 1, 2)]


class TestFindLocations:
    @pytest.mark.parametrize(
        ("typed", "found"),
        [
            ("new", ["New York"]),
            ("york", ["New York", "York"]),
            ("  YORK ", ["New York", "York"]),
            ("zür", ["Zürich"]),
            ("zur", ["Zürich"]),
            ("ork", []),
            ("%", []),
            ("_", []),
            ("x\u0301\ud7ff", []),
            ("", ["New York", "York", "Zürich"]),
        ],
    )
    def test_finds_the_beginning_of_any_word(
        self, new_room: NewRoom, typed: str, found: list[str]
    ) -> None:
        new_york = PropertyFactory(location="New York", country="US")
        new_room(property=new_york)
        new_room(property=new_york)
        new_room(property=PropertyFactory(location="York", country="GB"))
        new_room(property=PropertyFactory(location="Zürich", country="CH"))

        assert [place.location for place in find_locations(typed)] == found

    def test_counts_properties_and_rooms_on_sale_and_puts_most_rooms_first(
        self, new_room: NewRoom, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        first, second = PropertyFactory(), PropertyFactory(location="LISBON")
        new_room(property=first)
        new_room(property=first)
        new_room(property=second)
        new_room(property=second, is_active=False)
        new_room(property=PropertyFactory(location="Lisbon", country="US"))

        with django_assert_num_queries(1):
            places = find_locations("lis")

        assert places == [
            FoundLocation(location="LISBON", country="PT", properties=2, rooms=3),
            FoundLocation(location="Lisbon", country="US", properties=1, rooms=1),
        ]

    def test_a_place_without_a_room_on_sale_is_not_found(self, new_room: NewRoom) -> None:
        new_room(is_active=False)
        PropertyFactory(location="Porto")

        assert find_locations("") == []

    def test_ten_are_enough(self, new_room: NewRoom) -> None:
        for number in range(11):
            new_room(property=PropertyFactory(location=f"City {number:02d}"))

        assert [place.location for place in find_locations("city")] == [
            f"City {number:02d}" for number in range(10)
        ]
        assert Room.objects.count() == 11
