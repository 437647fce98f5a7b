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
    for one_is_held_up in (True, False):
        at = 0
        while True:
            encounter = prepare()
            if encounter.one is encounter.other and not one_is_held_up:
                return
            first, second = encounter.one, encounter.other
            if not one_is_held_up:
                first, second = second, first
            held_up, came_between, reached = interleave(first, second, at=at)
            if not reached:
                assert at > 0, "nothing was held up"
                break
            one, other = held_up, came_between
            if not one_is_held_up:
                one, other = other, one
            yield Meeting(room=encounter.room, one=one, other=other)
            at += 1
            if "LOCK TABLE" in came_between.waited_for:
                # Who waits for the stripe waits for COMMIT: until then all statements are alike.
                at = max(at, _number_of_commit(held_up))


def _number_of_commit(outcome: Outcome[Any]) -> int:
    statements = outcome.statements
    return statements.index(COMMIT) if COMMIT in statements else len(statements)
