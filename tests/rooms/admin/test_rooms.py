from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from rooms import services
from rooms.calendar_links import room_calendar_url
from rooms.models import Property, Room
from tests.factories import PropertyFactory, RoomFactory, stay_in
from tests.rooms.admin.conftest import StaffWith

LIST = "/admin/rooms/room/"

FORM = {
    "name": "Double room",
    "description": "",
    "price_per_night": "100.00",
    "capacity": "2",
    "total_inventory": "3",
    "amenities": "wifi,parking",
    "is_active": "on",
}


@pytest.fixture
def room(transactional_db: None) -> Room:
    return RoomFactory(total_inventory=3)


def change(room: Room) -> str:
    return f"{LIST}{room.id}/change/"


def errors_of(answer: Any) -> dict[str, list[str]]:
    return dict(answer.context["adminform"].form.errors)


class TestAdding:
    def test_puts_the_nights_on_sale(self, staff: Client, settings: Settings) -> None:
        place = PropertyFactory()

        answer = staff.post(f"{LIST}add/", {**FORM, "property": place.pk})

        assert answer.status_code == 302
        room = Room.objects.get()
        assert room.location == "Lisbon"
        assert room.amenities == ["wifi", "parking"]
        assert room.nights.filter(available_count=3).count() == settings.BOOKING_HORIZON_DAYS
        assert LogEntry.objects.get().object_id == str(room.id)

    @pytest.mark.parametrize(
        ("currency", "price", "accepted"),
        [
            ("JPY", "100.50", False),
            ("JPY", "100", True),
            ("EUR", "100.505", False),
            ("EUR", "100.5", True),
        ],
    )
    def test_takes_only_prices_that_the_currency_can_express(
        self, staff: Client, currency: str, price: str, accepted: bool
    ) -> None:
        place = PropertyFactory(currency=currency)

        answer = staff.post(f"{LIST}add/", {**FORM, "property": place.pk, "price_per_night": price})

        assert Room.objects.exists() is accepted
        if not accepted:
            assert errors_of(answer) == {
                "price_per_night": [f"{currency} has fewer digits than that."]
            }

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("property", ""),
            ("price_per_night", "-1"),
            ("price_per_night", "NaN"),
            ("capacity", "0"),
            ("capacity", "32768"),
            ("total_inventory", "-1"),
            ("total_inventory", "2147483648"),
            ("name", ""),
            ("name", "null\0character"),
        ],
    )
    def test_refuses_what_is_no_room_at_its_field(
        self, staff: Client, field: str, value: str
    ) -> None:
        place = PropertyFactory()

        answer = staff.post(f"{LIST}add/", {**FORM, "property": place.pk, field: value})

        assert answer.status_code == 200
        assert list(errors_of(answer)) == [field]
        assert not Room.objects.exists()


class TestChanging:
    def test_changes_facts_without_touching_the_nights(self, staff: Client, room: Room) -> None:
        before = list(room.nights.order_by("date").values())

        answer = staff.post(change(room), {**FORM, "name": "Suite", "price_per_night": "120"})

        assert answer.status_code == 302
        room.refresh_from_db()
        assert (room.name, room.price_per_night) == ("Suite", 120)
        assert list(room.nights.order_by("date").values()) == before

    def test_a_room_can_be_taken_off_sale(self, staff: Client, room: Room) -> None:
        staff.post(change(room), {**FORM, "is_active": ""})

        room.refresh_from_db()
        assert room.is_active is False

    def test_more_units_are_on_sale_at_once(self, staff: Client, room: Room) -> None:
        answer = staff.post(change(room), {**FORM, "name": "Suite", "total_inventory": "5"})

        assert answer.status_code == 302
        room.refresh_from_db()
        assert (room.name, room.total_inventory) == ("Suite", 5)
        assert set(room.nights.values_list("available_count", flat=True)) == {5}

    def test_fewer_units_than_are_taken_are_refused_in_the_form(
        self, staff: Client, room: Room
    ) -> None:
        stay = stay_in(10, nights=1)
        services.block_nights(room.id, stay=stay, units=2, reason="Painting")

        answer = staff.post(change(room), {**FORM, "name": "Suite", "total_inventory": "1"})

        assert answer.status_code == 200
        assert errors_of(answer) == {
            "__all__": [f"More units are taken than would remain on 1 nights: {stay.check_in}."]
        }
        room.refresh_from_db()
        assert (room.name, room.total_inventory) == ("Double room", 3)
        assert room.nights.get(date=stay.check_in).available_count == 1
        assert not LogEntry.objects.exists()

    def test_a_room_stays_where_it_is(self, staff: Client, room: Room) -> None:
        elsewhere = PropertyFactory(location="Porto")

        staff.post(change(room), {**FORM, "property": elsewhere.pk, "location": "Porto"})

        unchanged = Room.objects.select_related("property").get()
        assert unchanged.property != elsewhere
        assert unchanged.location == "Lisbon"

    def test_takes_only_prices_that_the_currency_can_express(
        self, staff: Client, room: Room
    ) -> None:
        answer = staff.post(change(room), {**FORM, "price_per_night": "99.999"})

        assert errors_of(answer) == {"price_per_night": ["EUR has fewer digits than that."]}


class TestDeleting:
    def test_is_not_offered(self, staff: Client, room: Room) -> None:
        selected = {"action": "delete_selected", "_selected_action": str(room.id), "post": "yes"}

        assert staff.post(f"{LIST}{room.id}/delete/", {"post": "yes"}).status_code == 403
        assert "delete_selected" not in staff.post(LIST, selected).text
        assert Room.objects.exists()
        assert room.nights.exists()


class TestPermissions:
    def test_who_may_only_look_changes_nothing(self, staff_with: StaffWith, room: Room) -> None:
        viewer = staff_with("view_room")

        assert viewer.get(change(room)).status_code == 200
        assert viewer.post(change(room), {**FORM, "name": "Suite"}).status_code == 403
        assert viewer.post(f"{LIST}add/", FORM).status_code == 403
        assert Room.objects.get().name == "Double room"

    def test_who_has_no_permission_sees_nothing(self, staff_with: StaffWith, room: Room) -> None:
        assert staff_with().get(change(room)).status_code == 403

    def test_a_form_without_its_token_is_refused(self, staff: Client, room: Room) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = staff.cookies

        assert strict.post(change(room), {**FORM, "name": "Suite"}).status_code == 403
        assert Room.objects.get().name == "Double room"


def test_the_list_reads_its_properties_with_its_rooms(
    staff: Client, room: Room, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    RoomFactory(name="Suite", property=Property.objects.get())

    with django_assert_num_queries(6):
        answer = staff.get(LIST)

    assert "Suite" in answer.text


def test_a_room_shows_its_calendar_and_can_give_it_another_address(staff: Client) -> None:
    room = RoomFactory()
    page = f"{LIST}{room.id}/change/"
    old = room_calendar_url(room)
    assert old in staff.get(page).text
    action = {"action": "renew_calendar_links", "_selected_action": [str(room.id)]}
    answer = staff.post(LIST, action, follow=True)
    assert "1 calendar has a new address" in answer.text
    room.refresh_from_db()
    assert room_calendar_url(room) != old
    assert room_calendar_url(room) in staff.get(page).text


def test_who_may_only_look_can_not_change_the_address(staff_with: StaffWith) -> None:
    room = RoomFactory()
    action = {"action": "renew_calendar_links", "_selected_action": [str(room.id)]}
    staff_with("view_room").post(LIST, action)
    before = room.calendar_nonce
    room.refresh_from_db()
    assert room.calendar_nonce == before
