"""Reading the file, and the order of what happened."""

import gzip
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bookings.replay.rows import Event, Row, events_of, read_rows
from tests.bookings.replay.bookings_file import STORY, line, write


def test_a_line_becomes_a_row(tmp_path: Path) -> None:
    path = write(
        tmp_path / "bookings.csv",
        [line(lead_time=3, nights=5, children="NA", cancelled_on=date(2015, 6, 30))],
    )

    assert read_rows(path) == [
        Row(
            line=2,
            hotel="City Hotel",
            room_type="C",
            booked_on=date(2015, 6, 28),
            arrival=date(2015, 7, 1),
            nights=5,
            guests=2,
            adr=Decimal("80.5"),
            cancelled_on=date(2015, 6, 30),
        )
    ]


def test_a_compressed_file_is_read_like_a_plain_one(tmp_path: Path) -> None:
    plain = write(tmp_path / "bookings.csv", STORY)
    packed = tmp_path / "bookings.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))

    assert read_rows(packed) == read_rows(plain)


def test_a_line_that_makes_no_sense_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "bookings.csv", [line(), line(adults="two")])

    with pytest.raises(ValueError, match="line 3: "):
        read_rows(path)


def test_events_go_by_day_bookings_before_cancellations_and_then_by_line(tmp_path: Path) -> None:
    day = date(2015, 6, 28)
    path = write(
        tmp_path / "bookings.csv",
        [
            line(lead_time=2),
            line(lead_time=4, cancelled_on=day),
            line(lead_time=3, cancelled_on=day),
            line(lead_time=3, nights=0, cancelled_on=day),
        ],
    )

    assert events_of(read_rows(path)) == [
        Event(date(2015, 6, 27), False, 3),
        Event(day, False, 4),
        Event(day, False, 5),
        Event(day, True, 3),
        Event(day, True, 4),
        Event(date(2015, 6, 29), False, 2),
    ]
