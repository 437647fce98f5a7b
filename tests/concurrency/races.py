"""Threads that race on connections of their own, and what became of each."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.db import DatabaseError, connection

from booking_site.db import sqlstate

T = TypeVar("T")

# Far more than any race takes: whoever is not back by then hangs.
HUNG_SECONDS = 60

COMMIT = "COMMIT"
COMMITTED = "after COMMIT"

Hook = Callable[[int, str], None]


@dataclass
class Outcome(Generic[T]):
    """What a thread returned or raised, and what it asked of the database on the way."""

    value: T | None = None
    error: BaseException | None = None
    statements: list[str] = field(default_factory=list)
    refusals: list[str | None] = field(default_factory=list)
    rollbacks: int = 0
    backend_pid: int = 0

    def result(self) -> T:
        """Return the value, or raise what the thread raised."""
        if self.error is not None:
            raise self.error
        return self.value  # type: ignore[return-value]


class Racer(Generic[T]):
    """A thread with a connection of its own.

    `before` is called with the number and the SQL of each statement that it is about to send,
    COMMIT included, and once more after COMMIT. A retry goes on counting.
    """

    def __init__(
        self, call: Callable[[], T], *, start: threading.Event, before: Hook | None = None
    ) -> None:
        self.outcome: Outcome[T] = Outcome()
        self.connected = threading.Event()
        self._call, self._start, self._before = call, start, before
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def is_over(self) -> bool:
        return not self._thread.is_alive()

    def join(self) -> Outcome[T]:
        self._thread.join(HUNG_SECONDS)
        assert self.is_over, f"hangs after {self.outcome.statements[-1:]}"
        return self.outcome

    def _run(self) -> None:
        try:
            connection.ensure_connection()
            self.outcome.backend_pid = connection.connection.info.backend_pid
            self.connected.set()
            self._start.wait(HUNG_SECONDS)
            with connection.execute_wrapper(self._watch), self._ends_watched():
                self.outcome.value = self._call()
        except BaseException as error:  # noqa: BLE001 - the test judges whatever it is
            self.outcome.error = error
        finally:
            self.connected.set()
            connection.close()

    def _watch(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self._note(sql)
        try:
            return execute(sql, params, many, context)
        except DatabaseError as error:
            self.outcome.refusals.append(sqlstate(error))
            raise

    @contextmanager
    def _ends_watched(self) -> Iterator[None]:
        commit, rollback = connection.commit, connection.rollback

        def watched_commit() -> None:
            self._note(COMMIT)
            commit()
            self._note(COMMITTED)

        def watched_rollback() -> None:
            self.outcome.rollbacks += 1
            rollback()

        connection.commit, connection.rollback = watched_commit, watched_rollback
        try:
            yield
        finally:
            connection.commit, connection.rollback = commit, rollback

    def _note(self, sql: str) -> None:
        number = len(self.outcome.statements)
        self.outcome.statements.append(sql)
        if self._before is not None:
            self._before(number, sql)


def race(*calls: Callable[[], T], before: Hook | None = None) -> list[Outcome[T]]:
    """Run every call in a thread of its own, all let go at once when all are connected."""
    start = threading.Event()
    racers = [Racer(call, start=start, before=before) for call in calls]
    for racer in racers:
        racer.connected.wait(HUNG_SECONDS)
    start.set()
    return [racer.join() for racer in racers]


def meeting(parties: int, *, at: str, times: int = 1) -> Hook:
    """Return a hook that lets all threads get there before one goes on.

    Each waits before its first statement that contains `at`, or its first few.
    """
    barrier = threading.Barrier(parties, timeout=HUNG_SECONDS)
    waited = threading.local()

    def before(_: int, sql: str) -> None:
        so_far = getattr(waited, "times", 0)
        if at in sql and so_far < times:
            waited.times = so_far + 1
            barrier.wait()

    return before


@dataclass(frozen=True, kw_only=True)
class Interleaved:
    """What became of two calls of which one was held up while the other came between.

    `waits_at` is the number of the statement at which the other one had to wait, 0 if at none.
    `reached` is False if the first one never had so many statements.
    """

    held_up: Outcome[Any]
    came_between: Outcome[Any]
    waits_at: int
    reached: bool


def interleave(first: Callable[[], Any], second: Callable[[], Any], *, at: int) -> Interleaved:
    """Hold up `first` before its statement number `at` and let `second` go as far as it can.

    That is to its end, or until it waits for a lock that `first` has. Then both finish.
    """
    reached, resume, go = threading.Event(), threading.Event(), threading.Event()
    go.set()

    def stop(number: int, _: str) -> None:
        if number == at:
            reached.set()
            resume.wait(HUNG_SECONDS)

    held_up = Racer(first, start=go, before=stop)
    while not (reached.is_set() or held_up.is_over):
        reached.wait(0.002)
    came_between = Racer(second, start=go)
    while not (came_between.is_over or _waits_for_a_lock(came_between)):
        time.sleep(0.002)
    waits_at = 0 if came_between.is_over else len(came_between.outcome.statements)
    resume.set()
    return Interleaved(
        held_up=held_up.join(),
        came_between=came_between.join(),
        waits_at=waits_at,
        reached=reached.is_set(),
    )


def _waits_for_a_lock(racer: Racer[Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s",
            [racer.outcome.backend_pid],
        )
        row = cursor.fetchone()
    return row is not None and bool(row[0])
