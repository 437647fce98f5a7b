"""Transactions in which nothing is sold twice.

`run_serializable` is how every use case that changes nights runs. Three things follow from how
PostgreSQL works:

- A SERIALIZABLE transaction freezes its snapshot at its first statement that is not transaction
  control, `SET` or `LOCK` (PostgreSQL documentation, "LOCK"). Whoever waits for a row *after* that
  and finds it changed is aborted with 40001, so many buyers of one room would be a storm of
  aborts. Contenders therefore queue on a *stripe*, an empty table that is locked before the
  snapshot exists. A stripe gives throughput only: correctness never depends on it.
- An aborted transaction must run again from its very beginning, so the whole use case is a
  function that is called anew, until a deadline: a bound on the number of tries would turn a busy
  minute into false failures.
- Under SERIALIZABLE nothing may have been read before, so the transaction is durable: an
  accidental outer one is an error.
"""

import random
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, OperationalError, connection, transaction

from booking_site.problems import Unavailable

T = TypeVar("T")

# As many empty tables as `rooms/migrations` creates. Rooms that share one only wait for each other.
STRIPES = 64

_SERIALIZATION_FAILURE = "40001"
_DEADLOCK_DETECTED = "40P01"
_LOCK_NOT_AVAILABLE = "55P03"
_CONFLICTS = {_SERIALIZATION_FAILURE, _DEADLOCK_DETECTED}

_FIRST_PAUSE_SECONDS = 0.005
_LONGEST_PAUSE_SECONDS = 0.25


class Isolation(StrEnum):
    """The regimes under which the engine is correct; only their speed differs."""

    SERIALIZABLE_STRIPE = "serializable+stripe"
    SERIALIZABLE = "serializable"
    READ_COMMITTED = "read committed"


def run_serializable(body: Callable[[], T], *, room_ids: Iterable[UUID]) -> T:
    """Run `body` in a transaction of its own, again and again while others get in its way.

    `body` must leave nothing behind but what it does in the database, since it may run more than
    once. `room_ids` are the rooms whose nights it changes. Returns what `body` returns, after
    COMMIT.

    Raises Unavailable when `TRANSACTION_DEADLINE_SECONDS` pass without success: nothing was done.
    Raises RuntimeError inside another transaction.
    """
    deadline = time.monotonic() + settings.TRANSACTION_DEADLINE_SECONDS
    stripes = sorted({_stripe(room_id) for room_id in room_ids})
    pause = _FIRST_PAUSE_SECONDS
    while True:
        try:
            with transaction.atomic(durable=True):
                _begin(stripes, deadline)
                return body()
        except OperationalError as error:
            state = sqlstate(error)
            if state not in _CONFLICTS | {_LOCK_NOT_AVAILABLE}:
                raise
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
            wait = random.uniform(0, pause)  # noqa: S311 - spreads contenders, guards no secret
            if state == _LOCK_NOT_AVAILABLE or time.monotonic() + wait > deadline:
                raise Unavailable(
                    "Too many others are booking this room at this moment. Please try again.",
                    retry_after=1,
                ) from error
            time.sleep(wait)


def sqlstate(error: DatabaseError) -> str | None:
    """Return PostgreSQL's five-letter code of an error, or None if the server sent none."""
    return getattr(error.__cause__, "sqlstate", None)


def _begin(stripes: Iterable[int], deadline: float) -> None:
    """Open the transaction: isolation, a bound on lock waits, the queue for the rooms."""
    isolation = Isolation(settings.BOOKING_ISOLATION)
    patience = max(1, int((deadline - time.monotonic()) * 1000))
    statements = [f"SET LOCAL lock_timeout = {patience}"]
    if isolation is not Isolation.READ_COMMITTED:
        statements.insert(0, "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
    if isolation is Isolation.SERIALIZABLE_STRIPE:
        tables = ", ".join(f"booking_stripe_{stripe:02d}" for stripe in stripes)
        statements.append(f"LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE")
    with connection.cursor() as cursor:
        cursor.execute("; ".join(statements))


def _stripe(room_id: UUID) -> int:
    """Return the stripe of a room: the low bits of a UUIDv7 are random."""
    return room_id.int % STRIPES


def database_clock() -> datetime:
    """Return the instant (UTC) that the database's clock shows now.

    All processes share this clock, and unlike `now()` it goes on while a transaction waits.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        clock: datetime = cursor.fetchone()[0]
    return clock
