"""Calendars of other sites, in the shapes in which they really come, and in those that harm."""

import random
import time
from contextlib import suppress
from datetime import date

import pytest

from bookings.calendar_reading import MAX_BYTES, CalendarEvent, read_events
from rooms.stays import Stay

# DTEND first, no DTSTAMP, a parameter on PRODID, a folded line.
DTEND_FIRST = b"""BEGIN:VCALENDAR\r
PRODID;X-RICAL-TZSOURCE=TZINFO:-//Somebody//Hosting Calendar 0.8.8//EN\r
CALSCALE:GREGORIAN\r
VERSION:2.0\r
BEGIN:VEVENT\r
DTEND;VALUE=DATE:20270812\r
DTSTART;VALUE=DATE:20270802\r
UID:1418fb94-c36a@stays.example\r
DESCRIPTION:Reservation URL: https://stays.example/reservation/itinerary\r
 ?code=HM99\\nPhone Number (Last 4 Digits): 4235\r
SUMMARY:Reserved\r
END:VEVENT\r
BEGIN:VEVENT\r
DTEND;VALUE=DATE:20270704\r
DTSTART;VALUE=DATE:20270703\r
UID:6fec1092-593c@stays.example\r
SUMMARY:Stays (Not available)\r
END:VEVENT\r
END:VCALENDAR\r
"""

# Lines end in LF, texts are not ASCII.
LF_LINES = """BEGIN:VCALENDAR
VERSION:2.0
CALSCALE:GREGORIAN
PRODID:-//Somebody, Inc.//EN
BEGIN:VEVENT
UID:6f49cda7-479e
DTSTAMP:20260703T195526Z
DTSTART;VALUE=DATE:20271224
DTEND;VALUE=DATE:20271229
SUMMARY:Réservée - M & Mme
END:VEVENT
END:VCALENDAR
""".encode()

NO_DTSTAMP = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//admin.somebody.example//NONSGML v1.0//EN\r
BEGIN:VEVENT\r
DTSTART;VALUE=DATE:20270426\r
DTEND;VALUE=DATE:20270429\r
UID:a90207a6098fea36@somebody.example\r
SUMMARY:CLOSED - Not available\r
END:VEVENT\r
END:VCALENDAR\r
"""


def calendar(*lines: str, ending: str = "\r\n") -> bytes:
    known = ["UID:a", "SUMMARY:Reserved"]
    event = ["BEGIN:VEVENT", *known, *lines, "END:VEVENT"]
    return ending.join(["BEGIN:VCALENDAR", *event, "END:VCALENDAR", ""]).encode()


def only_stay(*lines: str) -> Stay:
    (event,) = read_events(calendar(*lines))
    return event.stay


def stay(check_in: tuple[int, int, int], check_out: tuple[int, int, int]) -> Stay:
    return Stay(date(*check_in), date(*check_out))


def test_end_before_start_and_no_stamp():
    assert read_events(DTEND_FIRST) == [
        CalendarEvent(
            uid="1418fb94-c36a@stays.example",
            stay=stay((2027, 8, 2), (2027, 8, 12)),
            summary="Reserved",
        ),
        CalendarEvent(
            uid="6fec1092-593c@stays.example",
            stay=stay((2027, 7, 3), (2027, 7, 4)),
            summary="Stays (Not available)",
        ),
    ]


def test_lines_that_end_in_lf_and_texts_of_all_languages():
    assert read_events(LF_LINES) == [
        CalendarEvent(
            uid="6f49cda7-479e",
            stay=stay((2027, 12, 24), (2027, 12, 29)),
            summary="Réservée - M & Mme",
        )
    ]


def test_no_stamp_at_all():
    (event,) = read_events(NO_DTSTAMP)
    assert (event.stay, event.summary) == (
        stay((2027, 4, 26), (2027, 4, 29)),
        "CLOSED - Not available",
    )


@pytest.mark.parametrize("empty", [b"", b"\r\n", b"\xef\xbb\xbf", b"  \n\t"])
def test_an_empty_file_is_an_empty_calendar(empty):
    assert read_events(empty) == []


def test_times_of_day_count_as_their_days():
    assert only_stay(
        "DTSTART;TZID=Nowhere/At_all:20270601T150000", "DTEND:20270603T090000Z"
    ) == stay((2027, 6, 1), (2027, 6, 3))


def test_without_an_end_it_is_one_night():
    assert only_stay("DTSTART;VALUE=DATE:20270601") == stay((2027, 6, 1), (2027, 6, 2))


def test_what_is_cancelled_takes_nothing():
    assert read_events(calendar("DTSTART;VALUE=DATE:20270601", "STATUS:CANCELLED")) == []


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        (["DTSTART;VALUE=DATE:20270601", "RRULE:FREQ=SECONDLY"], "repeats"),
        (["DTSTART;VALUE=DATE:20270601", "RDATE;VALUE=DATE:20270701"], "repeats"),
        (["DTSTART;VALUE=DATE:20270601", "DURATION:P999999999D"], "DURATION"),
        (["DTSTART;VALUE=DATE:20270601", "DTEND;VALUE=DATE:20270601"], "after check-in"),
        (["DTSTART;VALUE=DATE:20270601", "DTEND;VALUE=DATE:20270501"], "after check-in"),
        (["DTSTART;VALUE=DATE:00010101", "DTEND;VALUE=DATE:99991231"], "longer than"),
        (["DTSTART;VALUE=DATE:99991231"], "no days"),
        (["DTSTART;VALUE=DATE:20271301"], "Wrong date"),
        (["DTSTART:120000"], "DTSTART is missing"),
        (["DTSTART;VALUE=DATE:20270601", "DTSTART;VALUE=DATE:20270602"], "DTSTART is missing"),
        ([], "DTSTART is missing"),
        (["DTSTART;VALUE=DATE:20270601", "UID:b"], "exactly one UID"),
        (["DTSTART;VALUE=DATE:20270601", "SUMMARY:Two"], "exactly one UID"),
        (["DTSTART;VALUE=DATE:20270601", "SUMMARY:\0"], "NUL"),
    ],
)
def test_what_can_not_be_read_for_certain_is_refused(lines, what):
    with pytest.raises(ValueError, match=what):
        read_events(calendar(*lines))


@pytest.mark.parametrize(
    "data",
    [
        b"<!doctype html><title>Please sign in</title>",
        b"BEGIN:VEVENT\r\nUID:a\r\nDTSTART;VALUE=DATE:20270601\r\nEND:VEVENT\r\n",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n",
        b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nSUMMARY:\xff\r\nEND:VEVENT\r\nEND:VCALENDAR",
        b"x" * 10_000_000,
        b"\n" * (MAX_BYTES + 1),
    ],
)
def test_what_is_no_calendar_is_refused(data):
    with pytest.raises(ValueError):
        read_events(data)


@pytest.mark.parametrize(
    "hostile",
    [
        b"BEGIN:VEVENT\r\n" * 8_000 + b"END:VEVENT\r\n" * 8_000,
        b"BEGIN:VTIMEZONE\r\n" * 16_000,
        b"BEGIN:VTIMEZONE\r\nTZID:Bomb\r\nBEGIN:STANDARD\r\nDTSTART:00010101T000000\r\n"
        b"TZOFFSETFROM:+0000\r\nTZOFFSETTO:+0100\r\nRRULE:FREQ=SECONDLY\r\n"
        b"END:STANDARD\r\nEND:VTIMEZONE\r\n",
        b"BEGIN:VTIME\r\n ZONE\r\nTZID:Europe/Lisbon\r\nEND:VTIMEZONE\r\n",
        b"X-A:" + b"\r\n " * 80_000 + b"\r\n",
        b'X-A;B="c";' + b'D="e";' * 40_000 + b":f\r\n",
        b"X-A:" + b"\\\\,;:" * 50_000 + b"\r\n",
    ],
)
def test_what_is_made_to_exhaust_us_is_soon_over(hostile):
    started = time.process_time()
    with suppress(ValueError):
        assert read_events(b"BEGIN:VCALENDAR\r\n" + hostile + b"END:VCALENDAR\r\n") == []
    assert time.process_time() - started < 5


def test_garbled_calendars_are_read_or_refused_and_nothing_else():
    dice = random.Random(7)
    for _ in range(300):
        garbled = bytearray(dice.choice([DTEND_FIRST, LF_LINES, NO_DTSTAMP]))
        for _ in range(dice.randint(1, 8)):
            start = dice.randrange(len(garbled))
            garbled[start : start + dice.randint(0, 12)] = dice.choice(
                [
                    b"",
                    b";",
                    b":",
                    b'"',
                    b"\r\n",
                    b"\n ",
                    b"DTEND:",
                    b"=",
                    b"20270230",
                    b"\\",
                    b"\xc3",
                ]
            )
        with suppress(ValueError):
            read_events(bytes(garbled))
