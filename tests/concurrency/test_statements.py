"""What a booking sends to the database, and in which order: no behaviour shows a lost lock."""

import re

import pytest
from django.db import connection

from booking_site.db import STRIPES, Isolation
from tests.bookings.bookkeeping import book
from tests.concurrency.desk import room_of
from tests.concurrency.races import COMMIT, COMMITTED, race
from tests.factories import stay_in

STAY = stay_in(10, nights=2)

SERIALIZABLE = "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; "
LOCK_TIMEOUT = r"SET LOCAL lock_timeout = \d+"
STRIPE = r"; LOCK TABLE booking_stripe_{:02d} IN SHARE ROW EXCLUSIVE MODE"


@pytest.fixture
def room():
    return room_of(2)


@pytest.fixture
def statements(guest, room) -> list[str]:
    """What a booking sends, from its look at the room to its COMMIT."""
    (outcome,) = race(lambda: book(guest, room, STAY))
    assert outcome.error is None
    return outcome.statements


def test_the_transaction_begins_with_what_must_come_before_its_snapshot(regime, room, statements):
    stripe = STRIPE.format(room.id.int % STRIPES)
    expected = {
        Isolation.SERIALIZABLE_STRIPE: SERIALIZABLE + LOCK_TIMEOUT + stripe,
        Isolation.SERIALIZABLE: SERIALIZABLE + LOCK_TIMEOUT,
        Isolation.READ_COMMITTED: LOCK_TIMEOUT,
    }[regime]
    look_at_the_room, begin, *_ = statements
    assert look_at_the_room.startswith("SELECT")
    assert re.fullmatch(expected, begin)


def test_nights_are_locked_in_the_order_of_their_dates_before_they_are_changed(regime, statements):
    what = [_what(sql) for sql in statements]
    assert what == [
        "look at the room",
        "begin",
        "lock nights in order",
        "take nights where enough are free",
        "insert booking",
        "insert nights",
        "insert event",
        COMMIT,
        COMMITTED,
    ]


def test_there_are_as_many_stripes_as_tables(transactional_db):
    tables = [name for name in connection.introspection.table_names() if "booking_stripe" in name]
    assert tables == [f"booking_stripe_{number:02d}" for number in range(STRIPES)]


def _what(sql: str) -> str:
    shapes = {
        "look at the room": r"SELECT .* FROM rooms_room INNER JOIN rooms_property .*",
        "begin": r"SET .*",
        "lock nights in order": (
            r"SELECT rooms_roomavailability.date AS date, .* FROM rooms_roomavailability "
            r"WHERE .* ORDER BY 1 ASC FOR UPDATE"
        ),
        "take nights where enough are free": (
            r"UPDATE rooms_roomavailability SET available_count = available_count - %\(units\)s "
            r"WHERE .* AND available_count >= %\(units\)s RETURNING date"
        ),
        "insert booking": r"INSERT INTO bookings_booking .*",
        "insert nights": r"INSERT INTO bookings_bookingnight .*",
        "insert event": r"INSERT INTO booking_site_outboxevent .*",
    }
    plain = " ".join(sql.replace('"', "").split())
    return next((name for name, shape in shapes.items() if re.fullmatch(shape, plain)), plain)
