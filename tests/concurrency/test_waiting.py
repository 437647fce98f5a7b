"""Waiting has an end: a busy room or an empty pool is an answer, not a hang."""

import time

import pytest
from django.db import OperationalError, connection
from psycopg_pool import PoolTimeout

from booking_site.db import STRIPES, Isolation
from booking_site.errors import as_problem
from booking_site.problems import Unavailable
from bookings.models import Booking
from tests.bookings.bookkeeping import book, free_units
from tests.concurrency.desk import breaks_of, room_of
from tests.concurrency.pools import pool_of
from tests.concurrency.races import race
from tests.concurrency.sessions import another_session
from tests.factories import stay_in

STAY = stay_in(10, nights=2)


@pytest.fixture
def short_deadline(settings) -> float:
    settings.TRANSACTION_DEADLINE_SECONDS = 0.3
    return 0.3


def test_a_stripe_that_stays_taken_makes_the_service_unavailable(settings, short_deadline, guest):
    settings.BOOKING_ISOLATION = Isolation.SERIALIZABLE_STRIPE.value
    room = room_of(1)
    stripe = f"booking_stripe_{room.id.int % STRIPES:02d}"
    with another_session() as session, session.transaction():
        session.execute(f"LOCK TABLE {stripe} IN SHARE ROW EXCLUSIVE MODE")
        _refused_in_time(guest, room, short_deadline)
    assert book(guest, room, STAY).stay == STAY


def test_a_night_that_stays_locked_makes_the_service_unavailable(regime, short_deadline, guest):
    room = room_of(1)
    with another_session() as session, session.transaction():
        session.execute(
            "SELECT 1 FROM rooms_roomavailability WHERE room_id = %s FOR UPDATE", [room.id]
        )
        _refused_in_time(guest, room, short_deadline)
    assert book(guest, room, STAY).stay == STAY


def test_an_exhausted_pool_is_unavailable_within_two_seconds_and_recovers(guest):
    room = room_of(1)
    with pool_of(1, timeout=2):
        connection.ensure_connection()
        began = time.monotonic()
        (outcome,) = race(lambda: book(guest, room, STAY))
        took = time.monotonic() - began
        assert isinstance(outcome.error, OperationalError)
        assert isinstance(outcome.error.__cause__, PoolTimeout)
        problem = as_problem(outcome.error)
        assert isinstance(problem, Unavailable)
        assert problem.retry_after == 2
        assert 1.9 < took < 4

        connection.close()
        (outcome,) = race(lambda: book(guest, room, STAY))
        assert outcome.result().stay == STAY


def _refused_in_time(guest, room, deadline: float) -> None:
    began = time.monotonic()
    with pytest.raises(Unavailable) as refusal:
        book(guest, room, STAY)
    took = time.monotonic() - began
    assert refusal.value.retry_after == 1
    assert deadline * 0.9 < took < deadline + 2
    assert not Booking.objects.exists()
    assert free_units(room, STAY) == [1, 1]
    assert breaks_of(room) == []
