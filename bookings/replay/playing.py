"""Going through the events in order, each exactly once over all runs."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol
from uuid import UUID

from bookings.replay.hotels import Progress
from bookings.replay.rows import Event, Row

ACCEPTED = "accepted"
CANCELLED = "cancelled"
SOLD_OUT = "sold out"
NOTHING_TO_CANCEL = "nothing to cancel"
DONE_BEFORE = "done before"


class RefusedError(Exception):
    """A booking was refused, for a reason that its message names."""


class Player(Protocol):
    """Does to the platform what the data says."""

    def book(self, row: Row) -> UUID:
        """Book, once however often it is called, and return the booking's id.

        Raises RefusedError.
        """

    def cancel(self, row: Row, booking_id: UUID) -> None:
        """Cancel a booking; one that is cancelled stays as it is."""


def play(
    events: Sequence[Event],
    rows: Mapping[int, Row],
    done: Progress,
    player: Player,
    tick: Callable[[], object],
) -> Counter[str]:
    """Replay the events that are not done yet, and call `tick` after each.

    Returns how many events ended how: `accepted`, `cancelled`, or why they were not.
    """
    outcomes: Counter[str] = Counter()
    for event in events:
        outcomes[_play(event, rows[event.line], done, player)] += 1
        tick()
    return outcomes


def position(events: Sequence[Event], done: Progress) -> int:
    """Return how many of the events a serial replay has behind it.

    All up to the last one that left a trace: one that left none before it was refused. Those after
    it may have been refused too, and will be again, since nothing has changed since.
    """
    return max(
        (index + 1 for index, event in enumerate(events) if _left_trace(event, done)), default=0
    )


def share(events: Sequence[Event], worker: int, workers: int) -> list[Event]:
    """Return the events of one of several workers: a line's cancellation follows its booking."""
    return [event for event in events if event.line % workers == worker]


def _play(event: Event, row: Row, done: Progress, player: Player) -> str:
    if _left_trace(event, done):
        return DONE_BEFORE
    if event.is_cancellation:
        if event.line not in done.booked:
            return NOTHING_TO_CANCEL
        player.cancel(row, done.booked[event.line])
        done.cancelled.add(event.line)
        return CANCELLED
    try:
        done.booked[event.line] = player.book(row)
    except RefusedError as refused:
        return str(refused)
    return ACCEPTED


def _left_trace(event: Event, done: Progress) -> bool:
    return event.line in (done.cancelled if event.is_cancellation else done.booked)
