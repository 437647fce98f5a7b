"""The ledger check finds every way in which the books can be wrong, and nothing else.

The engine can't make any of these breaks and the database refuses most, so each is made by hand.
"""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from bookings.ledger import check_ledger
from bookings.models import Booking
from rooms.models import Room
from rooms.services import block_nights
from rooms.stays import Stay
from tests.bookings.bookkeeping import book
from tests.factories import RoomFactory, stay_in

pytestmark = pytest.mark.django_db(transaction=True)

STAY = stay_in(10, nights=2)
FIRST, LAST = STAY.dates()


@pytest.fixture(autouse=True)
def _short_horizon(settings) -> None:
    settings.BOOKING_HORIZON_DAYS = 30


@pytest.fixture
def booking(guest, room: Room) -> Booking:
    """A booking of one of the room's two units; the other one is blocked for a night."""
    made = book(guest, room, STAY)
    block_nights(room.id, stay=Stay.of_nights(FIRST, 1), units=1, reason="painting")
    return made


@pytest.fixture
def unguarded():
    """Drop a constraint for one test, since the database would refuse what the test needs."""
    dropped = []

    def drop(table: str, name: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [name]
            )
            dropped.append((table, name, cursor.fetchone()[0]))
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")

    yield drop
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE rooms_roomavailability")
        for table, name, definition in dropped:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def by_hand(sql: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        assert cursor.rowcount == 1


def found() -> list[tuple]:
    return sorted(
        (found.reason, found.night, found.total_inventory, found.available_count)
        for found in check_ledger().breaks
    )


def test_healthy_books_are_exact_and_every_night_was_looked_at(booking, guest, room):
    other = RoomFactory(property=room.property, total_inventory=3)
    hold = book(guest, other, STAY, hold=True)
    report = check_ledger()
    assert report.breaks == []
    assert report.nights == 60
    assert hold.status == "pending"


def test_no_rooms_are_exact_books(transactional_db):
    assert check_ledger().nights == 0
    assert check_ledger().breaks == []


def test_a_unit_that_is_free_and_sold_does_not_balance(booking, room):
    by_hand(
        "UPDATE rooms_roomavailability SET available_count = 1 WHERE room_id = %s AND date = %s",
        room.id,
        FIRST,
    )
    (broken,) = check_ledger().breaks
    assert (broken.reason, broken.room_id, broken.night) == ("does not balance", room.id, FIRST)
    assert (broken.total_inventory, broken.available_count) == (2, 1)
    assert (broken.booked, broken.blocked, broken.booking_id) == (1, 1, None)


def test_a_unit_that_is_neither_free_nor_sold_does_not_balance(booking, room):
    by_hand(
        "UPDATE rooms_roomavailability SET available_count = 0 WHERE room_id = %s AND date = %s",
        room.id,
        LAST,
    )
    assert found() == [("does not balance", LAST, 2, 0)]


def test_a_booking_cancelled_without_giving_its_nights_back_does_not_balance(booking):
    by_hand(
        "UPDATE bookings_booking SET status = 'cancelled', cancelled_at = now(), "
        "cancellation_fee = 0, cancellation_reason = 'guest' WHERE id = %s",
        booking.id,
    )
    assert found() == [("does not balance", FIRST, 2, 0), ("does not balance", LAST, 2, 1)]


def test_a_block_deleted_without_giving_its_nights_back_does_not_balance(booking):
    by_hand("DELETE FROM rooms_roomblock")
    assert found() == [("does not balance", FIRST, 2, 0)]


def test_a_count_below_zero_is_oversold(booking, room, unguarded):
    unguarded("rooms_roomavailability", "night_never_oversold")
    unguarded("rooms_roomavailability", "rooms_roomavailability_available_count_check")
    by_hand(
        "UPDATE rooms_roomavailability SET available_count = -1 WHERE room_id = %s AND date = %s",
        room.id,
        FIRST,
    )
    assert found() == [("oversold", FIRST, 2, -1)]


def test_a_night_oversold_to_the_last_unit_is_oversold_though_it_balances(
    booking, guest, room, unguarded
):
    unguarded("rooms_roomavailability", "night_never_oversold")
    unguarded("rooms_roomavailability", "rooms_roomavailability_available_count_check")
    by_hand(
        "UPDATE rooms_roomavailability SET available_count = -1 WHERE room_id = %s AND date = %s",
        room.id,
        FIRST,
    )
    by_hand("UPDATE rooms_roomblock SET units = 2")
    assert found() == [("oversold", FIRST, 2, -1)]


def test_a_night_released_twice_does_not_balance(room, unguarded):
    unguarded("rooms_roomavailability", "night_never_released_twice")
    by_hand(
        "UPDATE rooms_roomavailability SET available_count = 3 WHERE room_id = %s AND date = %s",
        room.id,
        FIRST,
    )
    assert found() == [("does not balance", FIRST, 2, 3)]


def test_a_sold_night_that_is_missing_is_found(booking, room):
    by_hand("DELETE FROM rooms_roomavailability WHERE room_id = %s AND date = %s", room.id, LAST)
    (broken,) = check_ledger().breaks
    assert (broken.reason, broken.night) == ("taken, but not on sale", LAST)
    assert (broken.total_inventory, broken.available_count) == (None, None)
    assert (broken.booked, broken.blocked) == (1, 0)


def test_a_night_to_come_with_other_units_than_the_room_is_found(room):
    by_hand(
        "UPDATE rooms_roomavailability SET total_inventory = 3, available_count = 3 "
        "WHERE room_id = %s AND date = %s",
        room.id,
        FIRST,
    )
    assert found() == [("inventory differs from the room's", FIRST, 3, 3)]


def test_a_night_that_is_over_may_have_had_other_units(room):
    by_hand(
        "UPDATE rooms_roomavailability SET total_inventory = 3, available_count = 3, "
        "date = date - 60 WHERE room_id = %s AND date = %s",
        room.id,
        FIRST,
    )
    assert found() == []


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("DELETE FROM {nights} AND date = '{last}'", "nights are not those of the stay"),
        ("DELETE FROM {nights} AND date >= '{first}'", "nights are not those of the stay"),
        (
            "UPDATE {table} SET date = date + 9 WHERE {which} AND date = '{last}'",
            "nights are not those of the stay",
        ),
        (
            "UPDATE {table} SET price = price + 1 WHERE {which} AND date = '{last}'",
            "nights do not add up to the price",
        ),
        (
            "UPDATE bookings_booking SET total_price = total_price - 1 WHERE id = '{booking}'",
            "nights do not add up to the price",
        ),
    ],
    ids=["one missing", "all missing", "another night", "night's price", "total price"],
)
def test_a_booking_whose_nights_or_prices_are_wrong_is_found(booking, room, wrong, reason):
    which = f"booking_id = '{booking.id}'"
    table = "bookings_bookingnight"
    sql = wrong.format(
        nights=f"{table} WHERE {which}",
        table=table,
        which=which,
        first=FIRST,
        last=LAST,
        booking=booking.id,
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)
    (broken,) = check_ledger().breaks
    assert (broken.reason, broken.booking_id, broken.room_id) == (reason, booking.id, room.id)
    assert broken.night == FIRST
    assert str(broken) == f"room {room.id}, night {FIRST}: {reason} (booking {booking.id})"


class TestCommand:
    def test_says_that_the_books_are_exact(self, booking):
        out = StringIO()
        call_command("check_ledger", stdout=out)
        assert out.getvalue() == "The ledger is exact: 30 nights.\n"

    def test_lists_every_break_and_exits_1(self, booking, room):
        by_hand("DELETE FROM rooms_roomblock")
        out = StringIO()
        with pytest.raises(CommandError) as error:
            call_command("check_ledger", stdout=out)
        assert error.value.returncode == 1
        assert str(error.value) == "1 breaks in 30 nights."
        assert out.getvalue() == (
            f"room {room.id}, night {FIRST}: does not balance "
            "(inventory 2, free 0, booked 1, blocked 0)\n"
        )
