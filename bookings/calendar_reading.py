"""Reading the calendars of other sites: which days a room is taken there.

What comes is written by strangers, so everything is bounded, nothing that repeats is unfolded, and
no time zone is taken from the file: days are all that is read, as they stand there.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from icalendar import Calendar
from icalendar.cal import Component

from rooms.stays import Stay

# A room's bookings of several years are a tenth of it; it is read in a fraction of a second.
MAX_BYTES = 256 * 1024
MAX_NIGHTS = 5 * 366

_FOLD = re.compile(r"\r?\n[ \t]")
_LINE_END = re.compile(r"\r?\n")
_REPETITIONS = ("RRULE", "RDATE", "EXRULE", "EXDATE")


@dataclass(frozen=True, kw_only=True)
class CalendarEvent:
    """One event of another site: `uid` is that site's name for it, and outlives its changes."""

    uid: str
    stay: Stay
    summary: str


def read_events(data: bytes) -> list[CalendarEvent]:
    """Return the events of an iCalendar file in the order in which they stand there.

    As sites really send them: lines may end in LF, DTSTAMP may be missing, DTEND may come before
    DTSTART, and an empty file is an empty calendar. Events that are cancelled are left out; one
    without DTEND takes one night.

    Raises ValueError, which says what is wrong, for anything that can't be read for certain: then
    nothing is known of the other site, least of all that its room is free.
    """
    if len(data) > MAX_BYTES:
        raise ValueError(f"The calendar has more than {MAX_BYTES // 1024} KiB.")
    if b"\0" in data:
        raise ValueError("The calendar has NUL characters.")
    text = data.decode("utf-8-sig").strip()
    if not text:
        return []
    lines = _LINE_END.split(_FOLD.sub("", text))
    calendar = Calendar.from_ical("\r\n".join(_outside_time_zones(lines)))
    if calendar.name != "VCALENDAR":
        raise ValueError("The file is not a calendar.")
    events = [part for part in calendar.subcomponents if part.name == "VEVENT"]
    return [_read(event) for event in events if event.get("STATUS") != "CANCELLED"]


def _outside_time_zones(lines: Iterable[str]) -> Iterator[str]:
    """Drop definitions of time zones: the library would unfold their rules and remember them."""
    inside = False
    for line in lines:
        word = line.strip().upper()
        inside = inside or word == "BEGIN:VTIMEZONE"
        if not inside:
            yield line
        inside = inside and word != "END:VTIMEZONE"


def _read(event: Component) -> CalendarEvent:
    uid, summary = event.get("UID"), event.get("SUMMARY", "")
    if not isinstance(uid, str) or not uid or not isinstance(summary, str):
        raise ValueError("An event does not have exactly one UID and one SUMMARY at most.")
    if any(name in event for name in _REPETITIONS):
        raise ValueError(f"Event {str(uid)!r} repeats.")
    try:
        return CalendarEvent(uid=str(uid), stay=_stay(event), summary=str(summary))
    except (ValueError, OverflowError) as error:
        raise ValueError(f"Event {str(uid)!r} has no days that can be read: {error}") from error


def _stay(event: Component) -> Stay:
    check_in = _day(event, "DTSTART")
    if "DTEND" in event:
        stay = Stay(check_in, _day(event, "DTEND"))
    elif "DURATION" in event:
        raise ValueError("DURATION is not understood")
    else:
        stay = Stay.of_nights(check_in, 1)
    if stay.nights > MAX_NIGHTS:
        raise ValueError(f"it is longer than {MAX_NIGHTS} nights")
    return stay


def _day(event: Component, name: str) -> date:
    moment = getattr(event.get(name), "dt", None)
    if isinstance(moment, datetime):
        return moment.date()
    if isinstance(moment, date):
        return moment
    raise ValueError(f"{name} is missing or not one date")
