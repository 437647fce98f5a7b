"""The replay from its first to its last step, in each of its modes."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from bookings.replay.hotels import TIMEZONE, Mode, RoomIds, first_night, prepare, progress
from bookings.replay.playing import play, position
from bookings.replay.report import Report, Speed, make_report
from bookings.replay.rows import Row, events_of
from bookings.replay.through_api import play_through_api, shift_of, why_server_refuses
from bookings.replay.through_services import ServicesPlayer, guest_id, noon
from bookings.replay.workers import play_in_processes


class CannotReplayError(Exception):
    """The replay can't begin; the message says what to do about it."""


# Called with the number of events of the replay and of those that are done already; returns what is
# to be called with the number of events that were played since the last call.
StartBar = Callable[[int, int], Callable[[int], object]]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How to replay: through the API at `url`, or in so many processes; only so many events."""

    workers: int = 1
    url: str = ""
    limit: int | None = None

    @property
    def mode(self) -> Mode:
        """What that makes of the replay."""
        if self.url:
            return Mode.HTTP
        return Mode.SERIAL if self.workers == 1 else Mode.CONCURRENT


@dataclass(frozen=True, kw_only=True)
class _Stage:
    """What is played, and where."""

    rows: Mapping[int, Row]
    room_ids: RoomIds
    shift: timedelta


def replay(rows: Sequence[Row], plan: Plan, *, now: datetime, start_bar: StartBar) -> Report:
    """Replay what is not done yet and return what all of it came to.

    Raises CannotReplayError before anything is done, ApiError when the server fails for long.
    """
    if not rows:
        raise CannotReplayError("The file has no bookings.")
    stage = _prepare(rows, plan, now)
    done = progress(plan.mode)
    events = events_of(rows)
    begun = position(events, done) if plan.mode is Mode.SERIAL else 0
    if plan.limit is not None:
        events = events[: max(plan.limit, begun)]
    tick = start_bar(len(events), begun)
    clock = time.monotonic()
    outcomes: Counter[str]
    repeated = 0
    if plan.mode is Mode.HTTP:
        outcomes, repeated = play_through_api(
            plan.url,
            events,
            stage.rows,
            done,
            room_ids=stage.room_ids,
            shift=stage.shift,
            clients=plan.workers,
            tick=lambda: tick(1),
        )
    elif plan.mode is Mode.SERIAL:
        player = ServicesPlayer(stage.room_ids, guest_id())
        outcomes = play(events[begun:], stage.rows, done, player, lambda: tick(1))
    else:
        outcomes = play_in_processes(
            events,
            stage.rows,
            done,
            room_ids=stage.room_ids,
            user_id=guest_id(),
            workers=plan.workers,
            tick=tick,
        )
    speed = Speed(
        workers=plan.workers,
        seconds=time.monotonic() - clock,
        outcomes=dict(outcomes),
        requests_repeated=repeated,
    )
    return make_report(plan.mode, events, stage.rows, speed)


def _prepare(rows: Sequence[Row], plan: Plan, now: datetime) -> _Stage:
    """Put the hotels on sale, if the settings allow what the rows ask for."""
    shift, opening = timedelta(), noon(min(row.booked_on for row in rows))
    if plan.mode is Mode.HTTP:
        today = now.astimezone(TIMEZONE).date()
        shift, opening = shift_of(rows, today=first_night(plan.mode) or today), now
    last_departure = max(row.departure for row in rows) + shift
    needed = {
        "BOOKING_HORIZON_DAYS": (last_departure - opening.astimezone(TIMEZONE).date()).days,
        "MAX_STAY_NIGHTS": max(row.nights for row in rows),
    }
    _check_settings(needed)
    room_ids = prepare(plan.mode, rows, now=opening)
    if plan.mode is Mode.HTTP and (reason := why_server_refuses(plan.url, rows, room_ids, shift)):
        raise CannotReplayError(f"{reason} {_advice('the server', needed)}")
    return _Stage(rows={row.line: row for row in rows}, room_ids=room_ids, shift=shift)


def _check_settings(needed: Mapping[str, int]) -> None:
    small = [name for name, least in needed.items() if getattr(settings, name) < least]
    if small:
        raise CannotReplayError(
            f"{' and '.join(small)} too small. {_advice('this command', needed)}"
        )


def _advice(who: str, needed: Mapping[str, int]) -> str:
    variables = " ".join(f"{name}={least}" for name, least in needed.items())
    return f"The data is larger than life: run {who} with {variables} or more."
