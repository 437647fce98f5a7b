from datetime import time
from decimal import Decimal
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from rooms.models import Room
from tests.factories import PropertyFactory, RoomFactory


@pytest.fixture
def room(transactional_db: None) -> Room:
    place = PropertyFactory(
        description="By the river.",
        address="Rua Augusta 1",
        latitude=38.7,
        longitude=-9.1,
        check_in_time=time(14, 30),
        free_cancellation_days=3,
        cancellation_fee_percent=80,
        contact_email="desk@example.com",
    )
    return RoomFactory(property=place, amenities=["wifi"], price_per_night=Decimal("99.5"))


def test_all_facts_of_a_room_are_told(
    visitor: APIClient, room: Room, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        answer = visitor.get(f"/api/v1/rooms/{room.id}")

    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-cache"
    assert answer.json() == {
        "id": str(room.id),
        "name": "Double room",
        "description": "",
        "location": "Lisbon",
        "capacity": 2,
        "total_inventory": 1,
        "amenities": ["wifi"],
        "price_per_night": "99.50",
        "currency": "EUR",
        "property": {
            "id": str(room.property_id),
            "name": "Hotel Aurora",
            "slug": room.property.slug,
            "description": "By the river.",
            "location": "Lisbon",
            "country": "PT",
            "address": "Rua Augusta 1",
            "latitude": 38.7,
            "longitude": -9.1,
            "timezone": "Europe/Lisbon",
            "check_in_time": "14:30",
            "check_out_time": "11:00",
            "cancellation": {"free_until_days_before_check_in": 3, "fee_percent": 80},
            "contact_email": "desk@example.com",
        },
    }


def test_facts_that_did_not_change_are_not_sent_again(visitor: APIClient, room: Room) -> None:
    url = f"/api/v1/rooms/{room.id}"
    etag = visitor.get(url)["ETag"]

    unchanged = visitor.get(url, headers={"If-None-Match": etag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert unchanged["ETag"] == etag

    room.name = "Family room"
    room.save()
    changed = visitor.get(url, headers={"If-None-Match": etag})
    assert (changed.status_code, changed.json()["name"]) == (200, "Family room")
    assert changed["ETag"] != etag


def test_a_room_off_sale_is_as_unknown_as_one_that_never_was(
    visitor: APIClient, room: Room
) -> None:
    Room.objects.update(is_active=False)

    answers = [visitor.get(f"/api/v1/rooms/{room_id}") for room_id in (room.id, uuid4())]

    for answer in answers:
        assert answer.status_code == 404
        assert answer.json()["type"] == "/problems/not-found"
        assert answer.json()["detail"] == "There is no such room."


@pytest.mark.parametrize("room_id", ["1", "not-a-uuid", "%00", "0" * 32, "../rooms"])
@pytest.mark.parametrize("rest", ["", "/availability", "/quote"])
def test_an_id_that_is_none_is_not_found(visitor: APIClient, room_id: str, rest: str) -> None:
    answer = visitor.get(f"/api/v1/rooms/{room_id}{rest}")

    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/not-found"


def test_nobody_looks_without_a_token(api: APIClient) -> None:
    assert api.get(f"/api/v1/rooms/{uuid4()}").status_code == 401
