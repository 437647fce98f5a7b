from typing import Any

from django.test import Client

from rooms.models import Property
from tests.factories import PropertyFactory, RoomFactory

LIST = "/admin/rooms/property/"

FORM = {
    "name": "Hotel Aurora",
    "slug": "aurora",
    "location": "Zürich",
    "country": "CH",
    "timezone": "Europe/Zurich",
    "currency": "CHF",
    "check_in_time": "15:00",
    "check_out_time": "11:00",
    "free_cancellation_days": "2",
    "cancellation_fee_percent": "100",
}


def change(place: Property) -> str:
    return f"{LIST}{place.pk}/change/"


def errors_of(answer: Any) -> dict[str, list[str]]:
    return dict(answer.context["adminform"].form.errors)


def test_a_property_is_added(staff: Client) -> None:
    answer = staff.post(f"{LIST}add/", FORM)

    assert answer.status_code == 302
    assert Property.objects.get().location_key == "zurich"


def test_what_does_not_exist_is_refused_at_its_field(staff: Client) -> None:
    answer = staff.post(
        f"{LIST}add/", {**FORM, "timezone": "Mars/Olympus", "currency": "QQQ", "country": "xx"}
    )

    assert answer.status_code == 200
    assert set(errors_of(answer)) == {"timezone", "currency", "country"}
    assert not Property.objects.exists()


def test_moving_a_property_moves_its_rooms(staff: Client) -> None:
    room = RoomFactory()

    answer = staff.post(change(room.property), {**FORM, "currency": "EUR"})

    assert answer.status_code == 302
    room.refresh_from_db()
    assert (room.location, room.location_key) == ("Zürich", "zurich")


def test_the_currency_stays_once_there_are_rooms_priced_in_it(staff: Client) -> None:
    place, empty = RoomFactory().property, PropertyFactory(slug="empty")

    staff.post(change(place), {**FORM, "currency": "JPY"})
    staff.post(change(empty), {**FORM, "slug": "empty", "currency": "JPY"})

    place.refresh_from_db()
    empty.refresh_from_db()
    assert (place.currency, empty.currency) == ("EUR", "JPY")


def test_a_property_with_rooms_is_not_deleted_and_the_page_says_why(staff: Client) -> None:
    room = RoomFactory()

    answer = staff.post(f"{LIST}{room.property_id}/delete/", {"post": "yes"})

    assert answer.status_code == 200
    assert "would require deleting the following protected related objects" in answer.text
    assert "Double room, Hotel Aurora" in answer.text
    assert Property.objects.count() == 1


def test_a_property_without_rooms_is_deleted(staff: Client) -> None:
    place = PropertyFactory()

    answer = staff.post(f"{LIST}{place.pk}/delete/", {"post": "yes"})

    assert answer.status_code == 302
    assert not Property.objects.exists()


def test_properties_are_listed_and_searched(staff: Client) -> None:
    PropertyFactory(name="Hotel Aurora")
    PropertyFactory(name="Pensão Luz")

    assert "Pensão Luz" in staff.get(LIST).text
    assert "Pensão Luz" not in staff.get(LIST, {"q": "aurora"}).text
