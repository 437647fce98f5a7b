from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from pytest_django import Settings

from rooms import services
from rooms.models import Room, RoomBlock
from tests.factories import PropertyFactory, RoomFactory, stay_in

LIST = "/admin/rooms/roomblock/"
STAY = stay_in(10, nights=3)


@pytest.fixture
def room(transactional_db: None) -> Room:
    return RoomFactory(property=PropertyFactory(timezone="UTC"), total_inventory=3)


@pytest.fixture
def block(room: Room) -> RoomBlock:
    return services.block_nights(room.id, stay=STAY, units=2, reason="Painting")


def filled(block_of: Room, **values: Any) -> dict[str, Any]:
    return {
        "room": block_of.id,
        "start": STAY.check_in.isoformat(),
        "end": STAY.check_out.isoformat(),
        "units": "2",
        "reason": "Painting",
        **values,
    }


def errors_of(answer: Any) -> dict[str, list[str]]:
    return dict(answer.context["adminform"].form.errors)


def free_units(room: Room) -> list[int]:
    nights = room.nights.filter(date__gte=STAY.check_in, date__lt=STAY.check_out)
    return list(nights.order_by("date").values_list("available_count", flat=True))


class TestAdding:
    def test_takes_the_units_out_of_sale(self, staff: Client, room: Room) -> None:
        answer = staff.post(f"{LIST}add/", filled(room))

        assert answer.status_code == 302
        block = RoomBlock.objects.get()
        assert (block.room_id, block.units, block.reason) == (room.id, 2, "Painting")
        assert free_units(room) == [1, 1, 1]
        assert LogEntry.objects.get().object_id == str(block.id)

    def test_shows_in_the_form_which_nights_are_not_free(
        self, staff: Client, room: Room, block: RoomBlock
    ) -> None:
        answer = staff.post(f"{LIST}add/", filled(room))

        assert answer.status_code == 200
        nights = ", ".join(str(night) for night in STAY.dates())
        assert errors_of(answer) == {"__all__": [f"Not enough units are free on: {nights}."]}
        assert free_units(room) == [1, 1, 1]
        assert RoomBlock.objects.get() == block
        assert not LogEntry.objects.exists()

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("room", ""),
            ("start", (STAY.check_in - timedelta(days=20)).isoformat()),
            ("end", STAY.check_in.isoformat()),
            ("end", "9999-12-31"),
            ("end", "never"),
            ("units", "0"),
            ("units", "2147483648"),
            ("reason", ""),
        ],
    )
    def test_refuses_what_is_no_block_at_its_field(
        self, staff: Client, room: Room, field: str, value: str
    ) -> None:
        answer = staff.post(f"{LIST}add/", filled(room, **{field: value}))

        assert answer.status_code == 200
        assert list(errors_of(answer)) == [field]
        assert not RoomBlock.objects.exists()
        assert free_units(room) == [3, 3, 3]


class TestChanging:
    def test_is_not_offered(self, staff: Client, room: Room, block: RoomBlock) -> None:
        page = f"{LIST}{block.id}/change/"

        assert staff.get(page).status_code == 200
        assert staff.post(page, filled(room, units="1")).status_code == 403
        assert RoomBlock.objects.get().units == 2
        assert free_units(room) == [1, 1, 1]


class TestDeleting:
    def test_one_puts_its_units_back_on_sale(
        self, staff: Client, room: Room, block: RoomBlock
    ) -> None:
        answer = staff.post(f"{LIST}{block.id}/delete/", {"post": "yes"})

        assert answer.status_code == 302
        assert not RoomBlock.objects.exists()
        assert free_units(room) == [3, 3, 3]
        assert LogEntry.objects.get().object_id == str(block.id)

    def test_several_puts_all_their_units_back_on_sale(
        self, staff: Client, room: Room, block: RoomBlock
    ) -> None:
        other = services.block_nights(room.id, stay=STAY, units=1, reason="Wedding")

        answer = staff.post(
            LIST,
            {"action": "delete_selected", "_selected_action": [block.id, other.id], "post": "yes"},
        )

        assert answer.status_code == 302
        assert not RoomBlock.objects.exists()
        assert free_units(room) == [3, 3, 3]


@pytest.fixture
def busy_room(room: Room, settings: Settings) -> Any:
    """Somebody else holds the room's nights for longer than anybody waits."""
    settings.TRANSACTION_DEADLINE_SECONDS = 0.1
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT FROM rooms_roomavailability FOR UPDATE")
    yield room
    other.close()


class TestWhileTheRoomIsBusy:
    """A refusal by the clock is a message to staff like any other."""

    MESSAGE = "Too many others are booking this room at this moment. Please try again."

    def test_a_block_is_not_added(self, staff: Client, busy_room: Room) -> None:
        answer = staff.post(f"{LIST}add/", filled(busy_room))

        assert errors_of(answer) == {"__all__": [self.MESSAGE]}
        assert not RoomBlock.objects.exists()

    def test_a_block_is_not_deleted(self, staff: Client, block: RoomBlock, busy_room: Room) -> None:
        answer = staff.post(f"{LIST}{block.id}/delete/", {"post": "yes"}, follow=True)

        assert self.MESSAGE in answer.text
        assert RoomBlock.objects.exists()
        assert not LogEntry.objects.exists()

    def test_several_blocks_are_not_deleted(
        self, staff: Client, block: RoomBlock, busy_room: Room
    ) -> None:
        answer = staff.post(
            LIST,
            {"action": "delete_selected", "_selected_action": [block.id], "post": "yes"},
            follow=True,
        )

        assert self.MESSAGE in answer.text
        assert RoomBlock.objects.exists()
        assert not LogEntry.objects.exists()

    def test_rates_are_not_set(self, staff: Client, busy_room: Room) -> None:
        answer = staff.post(
            f"/admin/rooms/room/{busy_room.id}/nights/",
            {
                "start": STAY.check_in.isoformat(),
                "end": STAY.check_out.isoformat(),
                "weekdays": ["1", "2", "3", "4", "5", "6", "7"],
                "min_stay": "2",
            },
        )

        assert answer.context["form"].errors == {"__all__": [self.MESSAGE]}
        assert not busy_room.nights.filter(min_stay=2).exists()
