from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from rooms.models import Room
from tests.factories import PropertyFactory, RoomFactory, stay_in


@pytest.fixture
def room(transactional_db: None) -> Room:
    return RoomFactory(property=PropertyFactory(timezone="UTC"), total_inventory=3)


def url(room: Room) -> str:
    return f"/api/v1/rooms/{room.id}/availability"


def utc_today() -> date:
    return datetime.now(UTC).date()


def test_some_nights_from_a_date_on(
    visitor: APIClient, room: Room, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    stay = stay_in(10, nights=2)

    with django_assert_num_queries(2):
        answer = visitor.get(url(room), {"start": stay.check_in.isoformat(), "nights": 2})

    assert answer.status_code == 200
    night = {
        "available_units": 3,
        "price": "100.00",
        "min_stay": 1,
        "closed_to_arrival": False,
        "closed_to_departure": False,
    }
    assert answer.json() == {
        "room_id": str(room.id),
        "currency": "EUR",
        "start": stay.check_in.isoformat(),
        "end": stay.check_out.isoformat(),
        "nights": [{"date": day.isoformat(), **night} for day in stay.dates()],
    }


def test_a_month(visitor: APIClient, room: Room) -> None:
    first = (utc_today().replace(day=1) + timedelta(days=32)).replace(day=1)

    answer = visitor.get(url(room), {"month": f"{first:%Y-%m}"}).json()

    after = (first + timedelta(days=32)).replace(day=1)
    assert (answer["start"], answer["end"]) == (first.isoformat(), after.isoformat())
    assert len(answer["nights"]) == (after - first).days
    assert answer["nights"][0]["date"] == first.isoformat()


def test_by_default_what_is_left_of_the_current_month(visitor: APIClient, room: Room) -> None:
    today = utc_today()

    answer = visitor.get(url(room)).json()

    assert answer["start"] == today.replace(day=1).isoformat()
    assert answer["nights"][0]["date"] == today.isoformat()


def test_a_month_that_passed_has_no_nights(visitor: APIClient, room: Room) -> None:
    answer = visitor.get(url(room), {"month": "0001-01"})

    assert (answer.status_code, answer.json()["nights"]) == (200, [])


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ({"month": "2027-13"}, "month", "invalid"),
        ({"month": "2027-1"}, "month", "invalid"),
        ({"month": "0000-01"}, "month", "invalid"),
        ({"month": "٢٠٢٧-01"}, "month", "invalid"),
        ({"month": "9999-12"}, "month", "beyond-horizon"),
        ({"start": "9999-12-31", "nights": 62}, "start", "beyond-horizon"),
        ({"start": "2027-02-30", "nights": 2}, "start", "invalid"),
        ({"start": "2027-02-01"}, "nights", "required"),
        ({"nights": 3}, "start", "required"),
        ({"start": "2027-02-01", "nights": 63}, "nights", "max-value"),
        ({"start": "2027-02-01", "nights": 0}, "nights", "min-value"),
        ({"month": "2027-02", "start": "2027-02-01", "nights": 2}, "month", "ambiguous"),
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
    with django_assert_num_queries(0):
        answer = visitor.get(f"/api/v1/rooms/{uuid4()}/availability", query)

    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]


def test_a_room_off_sale_has_no_calendar(visitor: APIClient, room: Room) -> None:
    Room.objects.update(is_active=False)

    assert visitor.get(url(room)).status_code == 404


def test_nobody_looks_without_a_token(api: APIClient) -> None:
    assert api.get(f"/api/v1/rooms/{uuid4()}/availability").status_code == 401
