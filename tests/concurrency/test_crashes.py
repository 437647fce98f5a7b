"""The server ends a connection at any step of a booking: all of it exists, or nothing does."""

from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection

from booking_site.errors import as_problem
from booking_site.problems import Unavailable
from bookings.models import Booking, BookingNight, IdempotencyRecord
from rooms.models import Room
from tests.bookings.bookkeeping import free_units
from tests.concurrency.desk import breaks_of, room_of
from tests.concurrency.locks_off import without_row_locks
from tests.concurrency.races import COMMIT, COMMITTED, Hook, Outcome, race
from tests.concurrency.sessions import end_backend
from tests.concurrency.test_idempotency_keys import book_once
from tests.factories import stay_in

STAY = stay_in(10, nights=2)
STEPS_AT_MOST = 50


def killed_at_every_step(guest) -> Iterator[tuple[Room, Outcome]]:
    """Yield what became of one booking for each of its statements before which its session ends.

    The last but one is COMMIT. At the last it is committed, and only the answer is lost.
    """
    for step in range(STEPS_AT_MOST):
        IdempotencyRecord.objects.all().delete()
        room = room_of(2)
        (outcome,) = race(lambda room=room: book_once(guest, room), before=kill_at(step))
        if outcome.error is None:
            return
        yield room, outcome
    pytest.fail(f"still not booked after {STEPS_AT_MOST} steps")


def kill_at(step: int) -> Hook:
    def before(number: int, sql: str) -> None:
        if number == step:
            end_backend(connection.connection.info.backend_pid)
            if sql == COMMITTED:
                # COMMIT went well and the next thing on the wire is its answer: lose it.
                with connection.wrap_database_errors:
                    connection.connection.execute("SELECT 1")

    return before


def test_nothing_is_half_done_and_the_same_key_then_books_once(regime, guest):
    steps = []
    for room, outcome in killed_at_every_step(guest):
        steps.append(outcome.statements[-1])
        was_committed = steps[-1] == COMMITTED
        assert isinstance(outcome.error, OperationalError)
        assert isinstance(as_problem(outcome.error), Unavailable)
        assert Booking.objects.filter(room=room).count() == was_committed
        assert IdempotencyRecord.objects.count() == was_committed
        assert free_units(room, STAY) == [2 - was_committed] * STAY.nights
        assert breaks_of(room) == []

        answer = book_once(guest, room)
        booking = Booking.objects.get(room=room)
        assert answer.replayed is was_committed
        assert answer.body == {"id": str(booking.id), "reference": booking.reference}
        assert BookingNight.objects.filter(booking=booking).count() == STAY.nights
        assert free_units(room, STAY) == [1] * STAY.nights
        assert breaks_of(room) == []
    assert len(steps) > 6
    assert steps[-2:] == [COMMIT, COMMITTED]


def test_control_without_a_transaction_a_killed_session_leaves_half_a_booking(
    guest, monkeypatch, settings
):
    without_row_locks(monkeypatch, settings)
    monkeypatch.setattr("bookings.services.run_serializable", lambda body, room_ids: body())
    assert any(breaks_of(room) for room, _ in killed_at_every_step(guest))
