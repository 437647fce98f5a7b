"""How a use case runs in a transaction of its own, again and again while others get in its way."""

import threading
import time
from uuid import UUID

import pytest
from django.db import (
    DataError,
    IntegrityError,
    OperationalError,
    ProgrammingError,
    connection,
    transaction,
)
from pytest_django import Settings

from booking_site import db
from booking_site.db import STRIPES, Isolation, database_clock, run_serializable, sqlstate
from booking_site.problems import NotFound, Unavailable

pytestmark = pytest.mark.django_db(transaction=True)

ROOM = UUID(int=5)

SERIALIZATION_FAILURE = "40001"
DEADLOCK_DETECTED = "40P01"
LOCK_NOT_AVAILABLE = "55P03"


@pytest.fixture(autouse=True)
def _notebook() -> None:
    """A table to write into, empty at the beginning of each test."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS notebook; CREATE TABLE notebook (note text)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE notebook")


def write(note: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO notebook VALUES (%s)", [note])


def notes() -> list[str]:
    return ask("SELECT note FROM notebook ORDER BY note")


def ask(sql: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [value for (value,) in cursor.fetchall()]


def refuse(state: str) -> None:
    """Let the server refuse a statement with this SQLSTATE."""
    with connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE SQLSTATE '{state}'; END $$")


class Body:
    """A use case that writes a note, and is refused as often as it was told to be."""

    def __init__(self, *states: str) -> None:
        self.states = list(states)
        self.runs = 0

    def __call__(self) -> str:
        self.runs += 1
        write(f"run {self.runs}")
        if self.states:
            refuse(self.states.pop(0))
        return "done"


@pytest.mark.parametrize("state", [SERIALIZATION_FAILURE, DEADLOCK_DETECTED])
def test_a_body_that_got_in_a_conflict_runs_again_from_its_beginning(state):
    body = Body(state, state)
    assert run_serializable(body, room_ids=[ROOM]) == "done"
    assert body.runs == 3
    assert notes() == ["run 3"]


def test_a_conflict_that_shows_at_commit_only_is_tried_again(settings: Settings):
    """Two bodies read what the other writes: each is fine alone, one must see the other."""
    settings.BOOKING_ISOLATION = Isolation.SERIALIZABLE.value
    both_have_read = threading.Barrier(2, timeout=30)
    runs = []

    def body(name: str) -> None:
        runs.append(name)
        seen = len(notes())
        if runs.count(name) == 1:
            both_have_read.wait()
        write(f"{name} saw {seen}")

    def run(name: str) -> None:
        run_serializable(lambda: body(name), room_ids=[])
        connection.close()

    threads = [threading.Thread(target=run, args=(name,)) for name in ("one", "other")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(runs) == 3
    assert sorted(note.split(" ", 1)[1] for note in notes()) == ["saw 0", "saw 1"]


@pytest.mark.parametrize(
    ("state", "error"),
    [
        ("23505", IntegrityError),
        ("22003", DataError),
        ("42501", ProgrammingError),
        ("57014", OperationalError),
        ("53300", OperationalError),
    ],
)
def test_what_is_no_conflict_is_not_tried_again(state, error):
    body = Body(state)
    with pytest.raises(error) as raised:
        run_serializable(body, room_ids=[ROOM])
    assert sqlstate(raised.value) == state
    assert body.runs == 1
    assert notes() == []


def test_a_refusal_is_not_tried_again_and_undoes_what_was_done():
    runs = []

    def body() -> None:
        runs.append("run")
        write("a note")
        raise NotFound("There is no such room.")

    with pytest.raises(NotFound):
        run_serializable(body, room_ids=[ROOM])
    assert runs == ["run"]
    assert notes() == []


def test_a_lock_that_was_waited_for_in_vain_makes_the_service_unavailable():
    body = Body(LOCK_NOT_AVAILABLE)
    with pytest.raises(Unavailable) as refusal:
        run_serializable(body, room_ids=[ROOM])
    assert refusal.value.retry_after == 1
    assert body.runs == 1
    assert notes() == []


def test_conflicts_are_tried_again_until_the_deadline_and_no_longer(settings: Settings):
    settings.TRANSACTION_DEADLINE_SECONDS = 0.5
    body = Body(*[SERIALIZATION_FAILURE] * 1000)
    began = time.monotonic()
    with pytest.raises(Unavailable) as refusal:
        run_serializable(body, room_ids=[ROOM])
    assert time.monotonic() - began < 2
    assert refusal.value.retry_after == 1
    assert isinstance(refusal.value.__cause__, OperationalError)
    assert body.runs > 1
    assert notes() == []


def test_the_number_of_tries_is_not_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(db, "_LONGEST_PAUSE_SECONDS", 0.001)
    body = Body(*[SERIALIZATION_FAILURE] * 60)
    assert run_serializable(body, room_ids=[ROOM]) == "done"
    assert notes() == ["run 61"]


def test_it_refuses_to_run_inside_another_transaction():
    body = Body()
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        run_serializable(body, room_ids=[ROOM])
    assert body.runs == 0


@pytest.mark.parametrize(
    ("regime", "isolation", "stripes"),
    [
        (Isolation.SERIALIZABLE_STRIPE, "serializable", ["booking_stripe_05"]),
        (Isolation.SERIALIZABLE, "serializable", []),
        (Isolation.READ_COMMITTED, "read committed", []),
    ],
)
def test_each_regime_has_its_isolation_and_its_locks(
    settings: Settings, regime, isolation, stripes
):
    settings.BOOKING_ISOLATION = regime.value

    def body() -> tuple[list[str], list[str]]:
        locks = ask(
            "SELECT relation::regclass::text FROM pg_locks "
            "WHERE pid = pg_backend_pid() AND mode = 'ShareRowExclusiveLock'"
        )
        return ask("SHOW transaction_isolation"), locks

    assert run_serializable(body, room_ids=[ROOM]) == ([isolation], stripes)


def test_an_unknown_regime_is_an_error(settings: Settings):
    settings.BOOKING_ISOLATION = "hopeful"
    with pytest.raises(ValueError, match="hopeful"):
        run_serializable(Body(), room_ids=[ROOM])


def test_stripes_of_several_rooms_are_locked_once_each_and_in_order(django_assert_num_queries):
    room_ids = [UUID(int=9), UUID(int=3), UUID(int=9 + STRIPES)]
    with django_assert_num_queries(3) as captured:  # BEGIN and COMMIT are two of them
        run_serializable(lambda: None, room_ids=room_ids)
    (begin,) = (query["sql"] for query in captured if "LOCK TABLE" in query["sql"])
    assert "LOCK TABLE booking_stripe_03, booking_stripe_09 IN" in begin


def test_lock_waits_are_bound_by_what_is_left_of_the_deadline_and_only_here(settings: Settings):
    settings.TRANSACTION_DEADLINE_SECONDS = 3
    usual = ask("SHOW lock_timeout")
    (bound,) = run_serializable(
        lambda: ask("SELECT setting::int FROM pg_settings WHERE name = 'lock_timeout'"),
        room_ids=[ROOM],
    )
    assert 0 < bound <= 3000
    assert ask("SHOW lock_timeout") == usual


def test_the_database_clock_goes_on_while_a_transaction_lasts():
    with transaction.atomic():
        first, second = database_clock(), database_clock()
    assert first < second
    assert first.tzinfo is not None
