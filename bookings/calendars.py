"""Bookings as iCalendar (RFC 5545): what a mail brings along, and what a calendar program follows.

A stay is one all-day event in dates of the property, which mean the same wherever the guest's
calendar is. An event is told from its former versions by its UID, which is the booking's for ever,
and its SEQUENCE, which grows with every change. Both, and every other byte, come from the booking
alone: the same booking gives the same file, in a mail, when it is sent again and in a feed.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext, ngettext
from icalendar import Calendar, Event, vCalAddress, vText

from bookings.models import Booking, BookingStatus
from rooms.models import Room
from rooms.stays import Stay

MEDIA_TYPE = "text/calendar; charset=utf-8"

Method = Literal["PUBLISH", "CANCEL"]

_PRODUCT = "-//Room booking platform//Bookings//EN"
# SEQUENCE counts seconds from here: RFC 5545 ends its integers at 2^31 - 1, which the seconds since
# 1970 reach in 2038.
_SEQUENCE_EPOCH = datetime(2025, 1, 1, tzinfo=UTC)
_STATUS = {
    BookingStatus.PENDING: "TENTATIVE",
    BookingStatus.CONFIRMED: "CONFIRMED",
    BookingStatus.CANCELLED: "CANCELLED",
}


@dataclass(frozen=True, kw_only=True)
class BookingCalendarEntry:
    """A booking as it was at `changed_at` (UTC): what a calendar shows of it.

    `room` comes with its property. The stay is in the property's dates.
    """

    booking_id: UUID
    reference: str
    status: BookingStatus
    stay: Stay
    units: int
    guests: int
    room: Room
    changed_at: datetime

    @classmethod
    def of_booking(cls, booking: Booking) -> "BookingCalendarEntry":
        """Return the booking as it is now."""
        return cls(
            booking_id=booking.id,
            reference=booking.reference,
            status=BookingStatus(booking.status),
            stay=booking.stay,
            units=booking.units,
            guests=booking.guests,
            room=booking.room,
            changed_at=booking.updated_at,
        )

    @classmethod
    def of_event(cls, payload: Mapping[str, Any], room: Room) -> "BookingCalendarEntry":
        """Return the booking as an event told of it (see bookings.events.snapshot)."""
        changed_at = parse_datetime(payload["updated_at"])
        assert changed_at is not None
        return cls(
            booking_id=UUID(payload["booking_id"]),
            reference=payload["reference"],
            status=BookingStatus(payload["status"]),
            stay=Stay(
                date.fromisoformat(payload["check_in"]), date.fromisoformat(payload["check_out"])
            ),
            units=payload["units"],
            guests=payload["guests"],
            room=room,
            changed_at=changed_at,
        )


def booking_calendar(
    bookings: Iterable[BookingCalendarEntry], *, method: Method, name: str | None = None
) -> bytes:
    """Return an iCalendar file of these bookings, in the language that is active.

    `method` is CANCEL for a file that takes bookings out of the guest's calendar, else PUBLISH.
    `name` is what calendar programs call the calendar if they follow it.
    """
    return calendar_file(map(_event, bookings), method=method, name=name)


def calendar_file(events: Iterable[Event], *, method: Method, name: str | None = None) -> bytes:
    """Return an iCalendar file of ours with these events."""
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    if name is not None:
        # The second is for programs that do not know RFC 7986 yet.
        calendar.add("name", vText(plain_text(name)))
        calendar.add("x-wr-calname", vText(plain_text(name)))
    for event in events:
        calendar.add_component(event)
    file: bytes = calendar.to_ical()
    return file


def all_day_event(*, uid: str, stay: Stay, changed_at: datetime, summary: str) -> Event:
    """Return an event for the days `[check_in, check_out)`, last changed at `changed_at` (UTC)."""
    event = Event()
    event.add("uid", f"{uid}@{urlsplit(settings.PUBLIC_URL).hostname}")
    event.add("sequence", int((changed_at - _SEQUENCE_EPOCH).total_seconds()))
    event.add("dtstamp", changed_at.astimezone(UTC))
    event.add("last-modified", changed_at.astimezone(UTC))
    event.add("dtstart", stay.check_in)
    event.add("dtend", stay.check_out)
    event.add("summary", plain_text(summary))
    return event


def plain_text(text: str) -> str:
    """Return the text without the control characters that iCalendar has no way to write."""
    return "".join(
        char if char == "\n" or unicodedata.category(char) != "Cc" else " " for char in text
    )


def _event(booking: BookingCalendarEntry) -> Event:
    room, place = booking.room, booking.room.property
    event = all_day_event(
        uid=str(booking.booking_id),
        stay=booking.stay,
        changed_at=booking.changed_at,
        summary=f"{place.name}: {room.name}",
    )
    event.add("status", _STATUS[booking.status])
    # A guest is not busy all day because there is a bed for the night.
    event.add("transp", "TRANSPARENT")
    event.add("location", plain_text(", ".join(filter(None, [place.address, place.location]))))
    event.add("description", plain_text(_description(booking)))
    event.add("url", f"{settings.PUBLIC_URL}/bookings/{booking.booking_id}")
    if place.contact_email:
        organizer = vCalAddress(f"mailto:{place.contact_email}")
        organizer.params["CN"] = plain_text(place.name).replace('"', "'").replace("\n", " ")
        event.add("organizer", organizer)
    return event


def _description(booking: BookingCalendarEntry) -> str:
    place = booking.room.property
    guests = ngettext("%(count)d guest", "%(count)d guests", booking.guests)
    units = ngettext("%(count)d room", "%(count)d rooms", booking.units)
    return "\n".join(
        [
            gettext("Booking %(reference)s") % {"reference": booking.reference},
            f"{units % {'count': booking.units}}, {guests % {'count': booking.guests}}",
            gettext("Check-in from %(time)s") % {"time": f"{place.check_in_time:%H:%M}"},
            gettext("Check-out until %(time)s") % {"time": f"{place.check_out_time:%H:%M}"},
        ]
    )
