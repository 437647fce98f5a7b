from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from rooms.models import Room
from rooms.stays import Stay
from tests.factories import PropertyFactory, RoomFactory, stay_in

URL = "/api/v1/rooms"


@pytest.fixture
def room(transactional_db: None) -> Room:
    return RoomFactory(total_inventory=3, amenities=["parking", "wifi"], description="Quiet.")


def dates(stay: Stay) -> dict[str, str]:
    return {"check_in": stay.check_in.isoformat(), "check_out": stay.check_out.isoformat()}


def test_a_search_with_dates_answers_what_can_be_booked(
    visitor: APIClient, room: Room, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    query = {"location": "lisbon", **dates(stay_in(10, nights=3)), "guests": 4, "units": 2}

    with django_assert_num_queries(1):
        answer = visitor.get(URL, query)

    assert answer.status_code == 200
    assert answer.json() == {
        "count": 1,
        "page": 1,
        "page_size": 20,
        "has_next": False,
        "results": [
            {
                "id": str(room.id),
                "name": "Double room",
                "description": "Quiet.",
                "location": "Lisbon",
                "capacity": 2,
                "amenities": ["parking", "wifi"],
                "currency": "EUR",
                "price_per_night": "100.00",
                "total_price": "600.00",
                "average_price_per_night": "100.00",
                "from_price": None,
                "available_units": 3,
                "property": {
                    "id": str(room.property_id),
                    "name": "Hotel Aurora",
                    "slug": room.property.slug,
                    "country": "PT",
                    "timezone": "Europe/Lisbon",
                },
            }
        ],
    }


def test_a_search_without_dates_answers_from_which_price(visitor: APIClient, room: Room) -> None:
    (result,) = visitor.get(URL, {"location": "Lisbon"}).json()["results"]

    assert result["from_price"] == "100.00"
    assert result["total_price"] is None
    assert result["average_price_per_night"] is None
    assert result["available_units"] is None


def test_every_filter_reaches_the_search(visitor: APIClient, transactional_db: None) -> None:
    place = PropertyFactory()
    for number in range(4):
        RoomFactory(
            property=place,
            name=f"Room {number}",
            price_per_night=Decimal(100 + number),
            amenities=["wifi", "pool"] if number else [],
        )
    query = {
        "location": "Lisbon",
        "price_min": "101",
        "price_max": "103.00",
        "amenities": " wifi, pool,",
        "ordering": "-price",
        "page": 2,
        "page_size": 1,
    }

    answer = visitor.get(URL, query).json()

    assert [room["name"] for room in answer.pop("results")] == ["Room 2"]
    assert answer == {"count": 3, "page": 2, "page_size": 1, "has_next": True}


def test_a_page_past_the_end_is_an_empty_answer(visitor: APIClient, room: Room) -> None:
    answer = visitor.get(URL, {"location": "Lisbon", "page": 10_000, "page_size": 100})

    assert answer.status_code == 200
    assert answer.json() == {
        "count": 1,
        "page": 10_000,
        "page_size": 100,
        "has_next": False,
        "results": [],
    }


SOON = dates(stay_in(10))


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ({"location": None}, "location", "required"),
        ({"location": " "}, "location", "blank"),
        ({"location": "L" * 121}, "location", "max-length"),
        ({"location": "Lis\0bon"}, "location", "null-characters-not-allowed"),
        ({"check_in": SOON["check_in"]}, "check_out", "required"),
        ({"check_out": SOON["check_out"]}, "check_in", "required"),
        ({"check_in": "2027-02-30", "check_out": "2027-03-02"}, "check_in", "invalid"),
        ({"check_in": "tomorrow", "check_out": "2027-03-02"}, "check_in", "invalid"),
        (
            {"check_in": SOON["check_out"], "check_out": SOON["check_in"]},
            "check_out",
            "not-after-check-in",
        ),
        (
            {"check_in": SOON["check_in"], "check_out": SOON["check_in"]},
            "check_out",
            "not-after-check-in",
        ),
        (dates(stay_in(-2)), "check_in", "in-the-past"),
        (dates(stay_in(1, nights=31)), "check_out", "too-long"),
        (dates(stay_in(539, nights=5)), "check_out", "beyond-horizon"),
        ({"check_in": "9999-12-30", "check_out": "9999-12-31"}, "check_out", "beyond-horizon"),
        ({"check_in": "0001-01-01", "check_out": "0001-01-02"}, "check_in", "in-the-past"),
        ({"guests": "0"}, "guests", "min-value"),
        ({"guests": "1001"}, "guests", "max-value"),
        ({"guests": "two"}, "guests", "invalid"),
        ({"guests": "1.5"}, "guests", "invalid"),
        ({"guests": "9" * 1001}, "guests", "max-string-length"),
        ({"units": "0"}, "units", "min-value"),
        ({"units": "21"}, "units", "max-value"),
        ({"page": "0"}, "page", "min-value"),
        ({"page": "1000000000"}, "page", "max-value"),
        ({"page_size": "101"}, "page_size", "max-value"),
        ({"page_size": "-1"}, "page_size", "min-value"),
        ({"price_min": "-0.01"}, "price_min", "min-value"),
        ({"price_min": "NaN"}, "price_min", "invalid"),
        ({"price_max": "Infinity"}, "price_max", "invalid"),
        ({"price_max": "1e1000000"}, "price_max", "max-digits"),
        ({"price_max": "1.0001"}, "price_max", "max-decimal-places"),
        ({"price_min": "2", "price_max": "1"}, "price_max", "less-than-price-min"),
        ({"ordering": "id; DROP TABLE rooms_room"}, "ordering", "invalid-choice"),
        ({"amenities": "w" * 1201}, "amenities", "max-length"),
        ({"amenities": "wi\0fi"}, "amenities", "null-characters-not-allowed"),
    ],
)
def test_what_makes_no_sense_is_refused_before_any_query(
    visitor: APIClient,
    django_assert_num_queries: DjangoAssertNumQueries,
    db: None,
    query: dict[str, Any],
    field: str,
    code: str,
) -> None:
    given = {name: value for name, value in {"location": "Lisbon", **query}.items() if value}

    with django_assert_num_queries(0):
        answer = visitor.get(URL, given)

    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/invalid-input"
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]


def test_all_that_is_wrong_with_a_stay_is_named_at_once(visitor: APIClient) -> None:
    answer = visitor.get(
        URL, {"location": "Lisbon", "check_in": "2000-01-01", "check_out": "9999-12-31"}
    )

    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [
        ("check_in", "in-the-past"),
        ("check_out", "too-long"),
        ("check_out", "beyond-horizon"),
    ]


@pytest.mark.parametrize("location", ["%ff", "%ed%a0%80", "%F0%9F%8F%A8", "%27%22%5C", "%C0%80"])
def test_odd_bytes_find_nothing(visitor: APIClient, db: None, location: str) -> None:
    answer = visitor.get(f"{URL}?location=x{location}")

    assert (answer.status_code, answer.json()["count"]) == (200, 0)


def test_empty_parameters_count_as_not_given(visitor: APIClient, room: Room) -> None:
    answer = visitor.get(
        f"{URL}?location=Lisbon&check_in=&check_out=&guests=&price_min=&amenities="
    )

    assert answer.json()["count"] == 1


def test_nobody_searches_without_a_token(api: APIClient) -> None:
    assert api.get(URL, {"location": "Lisbon"}).status_code == 401
