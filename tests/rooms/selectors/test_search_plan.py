"""The search's plan on a table of a realistic size, so that no change makes it read everything."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from rooms.selectors.search import RoomSearch, search_rooms
from rooms.selectors.search_sql import Ordering
from rooms.stays import Stay
from tests.rooms.conftest import NOW, TODAY

SEARCHES = {
    "dated": RoomSearch(location="City 3", stay=Stay.of_nights(TODAY + timedelta(days=20), 3)),
    "a month": RoomSearch(location="City 3", stay=Stay.of_nights(TODAY + timedelta(days=5), 30)),
    "undated": RoomSearch(location="City 3"),
    "filtered": RoomSearch(
        location="City 3",
        stay=Stay.of_nights(TODAY + timedelta(days=20), 3),
        guests=2,
        units=2,
        amenities=("wifi",),
        ordering=Ordering.NAME,
        page=2,
    ),
}


@pytest.fixture
def many_rooms(transactional_db: None) -> None:
    """2,400 rooms in twenty cities, with 45 nights each: 108,000 nights."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO rooms_property (
                id, name, slug, description, location, location_key, country, address, timezone,
                currency, check_in_time, check_out_time, free_cancellation_days,
                cancellation_fee_percent, contact_email, created_at
            )
            SELECT gen_random_uuid(), 'Hotel ' || n, 'hotel-' || n, '', 'City ' || n %% 20,
                'city ' || n %% 20, 'PT', '', 'Europe/Lisbon', 'EUR', '15:00', '11:00', 2, 100, '',
                now()
            FROM generate_series(1, 100) n;

            INSERT INTO rooms_room (
                id, property_id, name, description, price_per_night, location, location_key,
                capacity, total_inventory, amenities, is_active, created_at
            )
            SELECT gen_random_uuid(), place.id, 'Room ' || n, repeat('A quiet room. ', 40), 50 + n,
                place.location,
                place.location_key, 1 + n %% 4, 5, '{wifi}', true, now()
            FROM rooms_property place, generate_series(1, 24) n;

            INSERT INTO rooms_roomavailability (
                room_id, date, total_inventory, available_count, min_stay, closed_to_arrival,
                closed_to_departure
            )
            SELECT room.id, night::date, 5, 5, 1, false, false
            FROM rooms_room room,
                generate_series(%s::date, %s::date + 44, interval '1 day') night;

            ANALYZE rooms_property, rooms_room, rooms_roomavailability
            """,
            [TODAY, TODAY],
        )


@pytest.mark.parametrize("search", SEARCHES.values(), ids=SEARCHES)
def test_only_the_locations_rooms_and_their_nights_are_read(
    many_rooms: None, search: RoomSearch
) -> None:
    plan = plan_of(search)
    read_whole = {node["Relation Name"] for node in plan if node["Node Type"] == "Seq Scan"}
    by_index = {node["Index Name"]: node["Index Cond"] for node in plan if "Index Name" in node}

    assert read_whole <= {"rooms_property"}
    assert "location_key" in by_index["room_location_price"]
    assert "room_id" in by_index["rooms_roomavailability_pkey"]
    assert "date" in by_index["rooms_roomavailability_pkey"]


def plan_of(search: RoomSearch) -> list[dict[str, Any]]:
    """Return all nodes of the plan of the one statement that the search runs."""
    plans: list[Any] = []

    def explain(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        with connection.connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
            plans.append(cursor.fetchone()[0][0]["Plan"])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        assert search_rooms(search, now=NOW).count > 0
    (plan,) = plans
    return list(_nodes(plan))


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", []):
        yield from _nodes(child)
