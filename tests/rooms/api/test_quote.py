from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from rooms import services
from rooms.models import Room
from rooms.services import NightRate
from rooms.stays import Stay
from tests.factories import PropertyFactory, RoomFactory, stay_in


@pytest.fixture
def room(transactional_db: None) -> Room:
    return RoomFactory(property=PropertyFactory(timezone="UTC"), total_inventory=3)


def ask(client: APIClient, room: Room, stay: Stay, **party: int) -> Any:
    dates = {"check_in": stay.check_in.isoformat(), "check_out": stay.check_out.isoformat()}
    return client.get(f"/api/v1/rooms/{room.id}/quote", {**dates, **party})


def test_a_quote_names_prices_and_terms(
    visitor: APIClient, room: Room, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    stay = stay_in(10)

    with django_assert_num_queries(2):
        answer = ask(visitor, room, stay, guests=4, units=2)

    assert answer.status_code == 200
    assert answer.json() == {
        "room_id": str(room.id),
        "check_in": stay.check_in.isoformat(),
        "check_out": stay.check_out.isoformat(),
        "guests": 4,
        "units": 2,
        "currency": "EUR",
        "nights": [
            {"date": night.isoformat(), "price": "100.00", "available": True}
            for night in stay.dates()
        ],
        "total_price": "400.00",
        "average_price_per_night": "100.00",
        "available": True,
        "sold_out_nights": [],
        "restrictions": [],
        "cancellation": {
            "free_until": f"{stay.check_in - timedelta(days=2)}T15:00:00Z",
            "fee_percent": 100,
        },
    }


def test_a_quote_tells_what_stands_against_the_stay(visitor: APIClient, room: Room) -> None:
    stay = stay_in(10)
    arrival = Stay.of_nights(stay.check_in, 1)
    services.set_rate(room.id, stay=arrival, rate=NightRate(min_stay=3))
    services.block_nights(room.id, stay=arrival, units=3, reason="Painting")

    answer = ask(visitor, room, stay).json()

    assert answer["available"] is False
    assert answer["sold_out_nights"] == [stay.check_in.isoformat()]
    assert [night["available"] for night in answer["nights"]] == [False, True]
    assert answer["restrictions"] == [
        {
            "field": "check_out",
            "code": "min-stay",
            "detail": f"Who arrives on {stay.check_in} stays 3 nights or more.",
        }
    ]


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        (
            {"check_in": None, "check_out": None},
            [("check_in", "required"), ("check_out", "required")],
        ),
        ({"check_out": "2000-01-01"}, [("check_out", "not-after-check-in")]),
        ({"check_in": "2000-01-01"}, [("check_in", "in-the-past"), ("check_out", "too-long")]),
        ({"guests": "0"}, [("guests", "min-value")]),
        ({"units": "21"}, [("units", "max-value")]),
    ],
)
def test_what_makes_no_sense_is_refused_before_any_query(
    visitor: APIClient,
    django_assert_num_queries: DjangoAssertNumQueries,
    db: None,
    query: dict[str, str | None],
    wrong: list[tuple[str, str]],
) -> None:
    stay = stay_in(10)
    asked = {
        "check_in": stay.check_in.isoformat(),
        "check_out": stay.check_out.isoformat(),
        **query,
    }

    with django_assert_num_queries(0):
        answer = visitor.get(
            f"/api/v1/rooms/{uuid4()}/quote",
            {name: value for name, value in asked.items() if value is not None},
        )

    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == wrong


def test_a_room_off_sale_has_no_quote(visitor: APIClient, room: Room) -> None:
    Room.objects.update(is_active=False)

    assert ask(visitor, room, stay_in(10)).status_code == 404


def test_nobody_asks_without_a_token(api: APIClient, db: None) -> None:
    assert api.get(f"/api/v1/rooms/{uuid4()}/quote").status_code == 401
