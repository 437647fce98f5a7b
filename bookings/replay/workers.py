"""A concurrent replay: several processes, each with a share of the lines and its own connections.

They don't wait for each other, so they drift apart and book the same nights at the same time.
"""

import multiprocessing
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ProcessPoolExecutor, wait
from queue import Empty, Queue
from uuid import UUID

import django

from bookings.replay.hotels import Progress, RoomIds
from bookings.replay.playing import play, share
from bookings.replay.rows import Event, Row
from bookings.replay.through_services import ServicesPlayer

_EVENTS_PER_REPORT = 20
_SECONDS_BETWEEN_LOOKS = 0.2


def play_in_processes(
    events: Sequence[Event],
    rows: Mapping[int, Row],
    done: Progress,
    *,
    room_ids: RoomIds,
    user_id: UUID,
    workers: int,
    tick: Callable[[int], object],
) -> Counter[str]:
    """Replay the events in so many processes and return how many ended how.

    `tick` is called with the number of events that were played since the last call.
    """
    # A fresh interpreter for each: a fork would share this one's connections to the database.
    spawn = multiprocessing.get_context("spawn")
    with (
        spawn.Manager() as manager,
        ProcessPoolExecutor(workers, mp_context=spawn, initializer=django.setup) as pool,
    ):
        played: Queue[int] = manager.Queue()
        futures = []
        for worker in range(workers):
            own = share(events, worker, workers)
            own_rows = {event.line: rows[event.line] for event in own}
            own_done = _part(done, own_rows)
            futures.append(
                pool.submit(_play_share, own, own_rows, own_done, room_ids, user_id, played)
            )
        _watch(futures, played, tick)
        return sum((future.result() for future in futures), Counter())


def _play_share(
    events: Sequence[Event],
    rows: Mapping[int, Row],
    done: Progress,
    room_ids: RoomIds,
    user_id: UUID,
    played: "Queue[int]",
) -> Counter[str]:
    """Play one process's events."""
    waiting = 0

    def tick() -> None:
        nonlocal waiting
        waiting += 1
        if waiting == _EVENTS_PER_REPORT:
            played.put(waiting)
            waiting = 0

    outcomes = play(events, rows, done, ServicesPlayer(room_ids, user_id), tick)
    played.put(waiting)
    return outcomes


def _watch(
    futures: list[Future[Counter[str]]], played: "Queue[int]", tick: Callable[[int], object]
) -> None:
    """Hand on what the processes report until all are done or one has failed."""
    running = True
    while running:
        finished = wait(futures, timeout=_SECONDS_BETWEEN_LOOKS, return_when=FIRST_EXCEPTION)
        running = bool(finished.not_done) and not any(f.exception() for f in finished.done)
        try:
            while True:
                tick(played.get_nowait())
        except Empty:
            pass


def _part(done: Progress, rows: Mapping[int, Row]) -> Progress:
    return Progress(
        booked={line: booking for line, booking in done.booked.items() if line in rows},
        cancelled={line for line in done.cancelled if line in rows},
    )
