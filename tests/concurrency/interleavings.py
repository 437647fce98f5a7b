"""All the ways in which one use case can come between two statements of another."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from rooms.models import Room
from tests.concurrency.races import COMMIT, Outcome, interleave


@dataclass(frozen=True, kw_only=True)
class Encounter:
    """Two use cases that meet at one room, each of them a call without arguments."""

    room: Room
    one: Callable[[], Any]
    other: Callable[[], Any]


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """What became of an encounter in one interleaving."""

    room: Room
    one: Outcome[Any]
    other: Outcome[Any]

    @property
    def errors(self) -> list[type[BaseException]]:
        return [type(got.error) for got in (self.one, self.other) if got.error is not None]


def every_interleaving(prepare: Callable[[], Encounter]) -> Iterator[Meeting]:
    """Yield what becomes of a fresh encounter for each statement at which one is held up.

    First `one` is held up before each of its statements, COMMIT included, while `other` goes as far
    as it can; then the other way round, unless both are the same call.
    """
    for swapped in (False, True):
        at = 0
        while (run := _Interleaving.of(prepare, at, swapped=swapped)) is not None:
            yield run.meeting
            at += 1
            if not run.waits_at or at >= run.number_of_commit:
                continue
            late = _Interleaving.of(prepare, run.number_of_commit, swapped=swapped)
            if late is not None:
                yield late.meeting
                if late.waits_at == run.waits_at:
                    # Locks are kept until COMMIT: who waits at one statement early and late waits
                    # there in between as well.
                    at = run.number_of_commit + 1
        assert at > 0 or swapped, "nothing was held up"


@dataclass(frozen=True, kw_only=True)
class _Interleaving:
    meeting: Meeting
    held_up: Outcome[Any]
    # The number of the statement at which the one who came between had to wait, 0 if none.
    waits_at: int

    @classmethod
    def of(
        cls, prepare: Callable[[], Encounter], at: int, *, swapped: bool
    ) -> "_Interleaving | None":
        """Return the interleaving at a statement, None if it has none or was seen before."""
        encounter = prepare()
        if not swapped:
            run = interleave(encounter.one, encounter.other, at=at)
            one, other = run.held_up, run.came_between
        elif encounter.one is encounter.other:
            return None
        else:
            run = interleave(encounter.other, encounter.one, at=at)
            one, other = run.came_between, run.held_up
        if not run.reached:
            return None
        meeting = Meeting(room=encounter.room, one=one, other=other)
        return cls(meeting=meeting, held_up=run.held_up, waits_at=run.waits_at)

    @property
    def number_of_commit(self) -> int:
        statements = self.held_up.statements
        return statements.index(COMMIT) if COMMIT in statements else len(statements)
