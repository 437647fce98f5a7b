from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from rooms import services
from rooms.models import Room
from rooms.services import NightRate
from rooms.stays import Stay
from tests.factories import PropertyFactory, RoomFactory, stay_in
from tests.rooms.admin.conftest import StaffWith

STAY = stay_in(10, nights=7)
RATE = {
    "start": STAY.check_in.isoformat(),
    "end": STAY.check_out.isoformat(),
    "weekdays": ["1", "2", "3", "4", "5", "6", "7"],
    "price": "70.50",
    "min_stay": "2",
    "closed_to_arrival": "on",
}


@pytest.fixture
def room(transactional_db: None) -> Room:
    return RoomFactory(property=PropertyFactory(timezone="UTC"), total_inventory=3)


def url(room: Room) -> str:
    return f"/admin/rooms/room/{room.id}/nights/"


def test_a_month_of_nights_is_shown(
    staff: Client, room: Room, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    night = Stay.of_nights(STAY.check_in, 1)
    services.set_rate(room.id, stay=night, rate=NightRate(price=Decimal("70.5")))

    with django_assert_num_queries(4):
        answer = staff.get(url(room), {"month": f"{STAY.check_in:%Y-%m}"})

    assert answer.status_code == 200
    assert f"{STAY.check_in:%a %Y-%m-%d}" in answer.text
    assert "<td>70.50</td>" in answer.text
    assert "<td>100.00 (the room's)</td>" in answer.text


@pytest.mark.parametrize("month", ["", "9999-12", "0001-01", "2027-13", "soon", "\0"])
def test_an_odd_month_is_the_current_one(staff: Client, room: Room, month: str) -> None:
    answer = staff.get(url(room), {"month": month})

    assert answer.context["month"] == stay_in(0).check_in.replace(day=1)


def test_the_room_page_leads_there(staff: Client, room: Room) -> None:
    assert url(room) in staff.get(f"/admin/rooms/room/{room.id}/change/").text


def test_the_rate_of_a_range_is_set(staff: Client, room: Room) -> None:
    answer = staff.post(url(room), RATE, follow=True)

    assert f"Set the rate of 7 nights of {STAY}." in answer.text
    rated = room.nights.filter(
        price=Decimal("70.50"), min_stay=2, closed_to_arrival=True, closed_to_departure=False
    )
    assert set(rated.values_list("date", flat=True)) == set(STAY.dates())
    assert LogEntry.objects.get().change_message == f"Set the rate of 7 nights of {STAY}."


def test_only_the_chosen_weekdays_are_set(staff: Client, room: Room) -> None:
    staff.post(url(room), {**RATE, "weekdays": ["6"]})

    (night,) = room.nights.filter(min_stay=2)
    assert night.date.isoweekday() == 6


def test_without_a_price_the_rooms_own_holds(staff: Client, room: Room) -> None:
    staff.post(url(room), RATE)
    staff.post(url(room), {**RATE, "price": ""})

    assert not room.nights.filter(price__isnull=False).exists()


def test_what_is_free_can_not_be_set(staff: Client, room: Room) -> None:
    staff.post(url(room), {**RATE, "available_count": "9", "total_inventory": "9"})

    assert set(room.nights.values_list("available_count", "total_inventory")) == {(3, 3)}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("start", (STAY.check_in - timedelta(days=20)).isoformat()),
        ("start", "9999-12-31x"),
        ("end", STAY.check_in.isoformat()),
        ("end", "9999-12-31"),
        ("weekdays", ["8"]),
        ("weekdays", []),
        ("price", "-1"),
        ("price", "70.505"),
        ("price", "NaN"),
        ("min_stay", "0"),
        ("min_stay", "31"),
    ],
)
def test_what_is_no_rate_is_refused_at_its_field(
    staff: Client, room: Room, field: str, value: str | list[str]
) -> None:
    answer = staff.post(url(room), {**RATE, field: value})

    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    assert not room.nights.filter(min_stay=2).exists()


def test_who_may_only_look_sets_nothing(staff_with: StaffWith, room: Room) -> None:
    viewer = staff_with("view_room")

    assert "Set the rate" not in viewer.get(url(room)).text
    assert viewer.post(url(room), RATE).status_code == 403
    assert not room.nights.filter(min_stay=2).exists()


def test_who_has_no_permission_sees_nothing(staff_with: StaffWith, room: Room) -> None:
    assert staff_with("view_property").get(url(room)).status_code == 403


def test_an_unknown_room_has_no_nights(staff: Client) -> None:
    assert staff.get(f"/admin/rooms/room/{uuid4()}/nights/").status_code == 404
