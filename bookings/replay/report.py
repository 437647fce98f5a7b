"""What a replay came to: counted in the database and held against the file."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bookings.ledger import LedgerBreak, check_ledger
from bookings.replay.hotels import Mode, progress, room_nights_held
from bookings.replay.playing import ACCEPTED, DONE_BEFORE, SOLD_OUT
from bookings.replay.rows import Event, Row


@dataclass(frozen=True, kw_only=True)
class Speed:
    """What this run alone did: `seconds` of `workers` at once, with how each event ended."""

    workers: int
    seconds: float
    outcomes: dict[str, int]
    requests_repeated: int = 0

    @property
    def events_per_second(self) -> float:
        """Bookings, refusals and cancellations together."""
        return self._per_second(sum(self.outcomes.values()) - self.outcomes.get(DONE_BEFORE, 0))

    @property
    def bookings_per_second(self) -> float:
        """Accepted bookings alone."""
        return self._per_second(self.outcomes.get(ACCEPTED, 0))

    def _per_second(self, number: int) -> float:
        return round(number / self.seconds, 1) if self.seconds else 0.0


@dataclass(frozen=True, kw_only=True)
class Report:
    """The state after a replay of `events` events, whoever many runs it took."""

    mode: Mode
    events: int
    accepted: int
    refused: dict[str, int]
    cancelled: int
    nothing_to_cancel: int
    negative_prices_raised_to_zero: int
    room_nights_held: int
    ledger_nights: int
    ledger_breaks: list[LedgerBreak]
    this_run: Speed

    def as_json(self) -> dict[str, Any]:
        """Return the report as a JSON object; a break is a sentence."""
        return {
            **asdict(self),
            "ledger_breaks": [str(found) for found in self.ledger_breaks],
            "this_run": {
                **asdict(self.this_run),
                "seconds": round(self.this_run.seconds, 1),
                "events_per_second": self.this_run.events_per_second,
                "bookings_per_second": self.this_run.bookings_per_second,
            },
        }

    def lines(self) -> list[str]:
        """Return the report for people."""
        refused = [f"{count:>9,} refused: {why}" for why, count in self.refused.items()]
        speed = self.this_run
        return [
            f"{self.events:>9,} events replayed ({self.mode})",
            f"{self.accepted:>9,} bookings accepted",
            *refused,
            f"{self.cancelled:>9,} cancelled",
            f"{self.nothing_to_cancel:>9,} cancellations of bookings that were refused",
            f"{self.room_nights_held:>9,} room-nights held",
            f"{self.negative_prices_raised_to_zero:>9,} negative prices taken as zero",
            f"This run: {speed.seconds:.1f} s with {speed.workers} at once, "
            f"{speed.events_per_second:,} events and {speed.bookings_per_second:,} bookings a "
            f"second, {speed.requests_repeated} requests sent again.",
            *(str(found) for found in self.ledger_breaks[:20]),
            f"The ledger is exact: {self.ledger_nights:,} nights."
            if not self.ledger_breaks
            else f"{len(self.ledger_breaks)} breaks in {self.ledger_nights:,} nights.",
        ]


def make_report(
    mode: Mode, events: Sequence[Event], rows: Mapping[int, Row], speed: Speed
) -> Report:
    """Count what the events, all of which have been played, came to, and check the ledger."""
    done = progress(mode)
    booked = [rows[event.line] for event in events if not event.is_cancellation]
    to_cancel = [event.line for event in events if event.is_cancellation]
    refused = Counter(row.why_invalid or SOLD_OUT for row in booked if row.line not in done.booked)
    ledger = check_ledger()
    return Report(
        mode=mode,
        events=len(events),
        accepted=sum(row.line in done.booked for row in booked),
        refused=dict(refused),
        cancelled=sum(line in done.cancelled for line in to_cancel),
        nothing_to_cancel=sum(line not in done.booked for line in to_cancel),
        negative_prices_raised_to_zero=sum(
            row.adr < 0 and row.line in done.booked for row in booked
        ),
        room_nights_held=room_nights_held(mode),
        ledger_nights=ledger.nights,
        ledger_breaks=ledger.breaks,
        this_run=speed,
    )
