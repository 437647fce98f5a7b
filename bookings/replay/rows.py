"""The file of bookings, as it was published: one line for each, in no order, without ids."""

import csv
import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple, TextIO

_NULLS = {"NULL", "NA", ""}
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One booking: `adr` is the average price of a night in euros, `line` its line in the file.

    `nights` and `guests` may be 0: such bookings stand in the file, and nobody can sell them.
    """

    line: int
    hotel: str
    room_type: str
    booked_on: date
    arrival: date
    nights: int
    guests: int
    adr: Decimal
    cancelled_on: date | None

    @property
    def departure(self) -> date:
        """The day of check-out."""
        return self.arrival + timedelta(days=self.nights)

    @property
    def why_invalid(self) -> str | None:
        """What is wrong with the booking whatever is free, None if nothing is."""
        if self.nights == 0:
            return "no nights"
        return "no guests" if self.guests == 0 else None


class Event(NamedTuple):
    """Something that happened on a day. Events sort as they are replayed.

    On one day all bookings come before all cancellations, and both in the order of their lines.
    """

    day: date
    is_cancellation: bool
    line: int


def read_rows(path: Path) -> list[Row]:
    """Return the bookings of a CSV file, which may be compressed with gzip.

    Raises OSError, or ValueError with the line that can't be understood.
    """
    with _open(path) as file:
        return list(_rows(file))


def events_of(rows: Sequence[Row]) -> list[Event]:
    """Return what happened, in order: each row's booking and, if it was, its cancellation.

    The cancellation of a booking that nobody could have sold is left out.
    """
    booked = [Event(row.booked_on, False, row.line) for row in rows]
    cancelled = [
        Event(row.cancelled_on, True, row.line)
        for row in rows
        if row.cancelled_on and row.why_invalid is None
    ]
    return sorted(booked + cancelled)


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def _rows(file: TextIO) -> Iterator[Row]:
    reader = csv.DictReader(file)
    for record in reader:
        try:
            yield _row(reader.line_num, record)
        except (KeyError, ValueError, TypeError, ArithmeticError) as error:
            raise ValueError(f"line {reader.line_num}: {error!r}") from error


def _row(line: int, record: dict[str, str]) -> Row:
    arrival = date(
        int(record["arrival_date_year"]),
        _MONTHS.index(record["arrival_date_month"]) + 1,
        int(record["arrival_date_day_of_month"]),
    )
    is_cancelled = record["reservation_status"] == "Canceled"
    return Row(
        line=line,
        hotel=record["hotel"],
        room_type=record["reserved_room_type"].strip(),
        booked_on=arrival - timedelta(days=int(record["lead_time"])),
        arrival=arrival,
        nights=_count(record["stays_in_weekend_nights"]) + _count(record["stays_in_week_nights"]),
        guests=_count(record["adults"]) + _count(record["children"]),
        adr=Decimal(record["adr"]),
        cancelled_on=date.fromisoformat(record["reservation_status_date"])
        if is_cancelled
        else None,
    )


def _count(text: str) -> int:
    return 0 if text in _NULLS else int(text)
