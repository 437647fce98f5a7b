"""A booking in a calendar: the property's days, one event for ever, and nothing that breaks out."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils.translation import override
from icalendar import Calendar, Event

from booking_site.ids import new_id
from booking_site.models import OutboxEvent
from bookings.calendars import BookingCalendarEntry, booking_calendar
from bookings.models import BookingStatus
from rooms.models import Property, Room
from rooms.stays import Stay
from tests.bookings.bookkeeping import book
from tests.factories import RoomFactory, UserFactory, stay_in

CHANGED_AT = datetime(2026, 11, 22, 9, 30, 15, 500_000, tzinfo=UTC)


def entry(**changes) -> BookingCalendarEntry:
    place = Property(
        name="Hotel Aurora",
        address="Rua do Sol 7",
        location="Lisbon",
        timezone="Europe/Lisbon",
        contact_email="desk@aurora.example",
    )
    room = Room(name="Double room", property=place, price_per_night=Decimal(1), capacity=2)
    known = BookingCalendarEntry(
        booking_id=new_id(),
        reference="ABCDEFGH23",
        status=BookingStatus.CONFIRMED,
        stay=Stay(date(2027, 3, 27), date(2027, 3, 29)),
        units=1,
        guests=2,
        room=room,
        changed_at=CHANGED_AT,
    )
    return replace(known, **changes)


def read(file: bytes) -> list[Event]:
    return list(Calendar.from_ical(file).walk("VEVENT"))


def only(file: bytes) -> Event:
    (event,) = read(file)
    return event


def test_a_booking_is_one_all_day_event_of_the_propertys_days():
    known = entry()
    file = booking_calendar([known], method="PUBLISH")
    # Over these days clocks change in Lisbon: dates do not.
    assert b"\r\nDTSTART;VALUE=DATE:20270327\r\n" in file
    assert b"\r\nDTEND;VALUE=DATE:20270329\r\n" in file
    event = only(file)
    assert event["SUMMARY"] == "Hotel Aurora: Double room"
    assert event["LOCATION"] == "Rua do Sol 7, Lisbon"
    assert event["URL"] == f"http://localhost:8000/bookings/{known.booking_id}"
    assert event["ORGANIZER"] == "mailto:desk@aurora.example"
    assert event["DESCRIPTION"].split("\n") == [
        "Booking ABCDEFGH23",
        "1 room, 2 guests",
        "Check-in from 15:00",
        "Check-out until 11:00",
    ]


@pytest.mark.parametrize(
    ("status", "word"),
    [("pending", "TENTATIVE"), ("confirmed", "CONFIRMED"), ("cancelled", "CANCELLED")],
)
def test_its_status_is_the_bookings(status, word):
    event = only(booking_calendar([entry(status=BookingStatus(status))], method="PUBLISH"))
    assert event["STATUS"] == word


@pytest.mark.parametrize("method", ["PUBLISH", "CANCEL"])
def test_the_method_stands_in_the_calendar(method):
    calendar = Calendar.from_ical(booking_calendar([entry()], method=method))
    assert (calendar["METHOD"], calendar["VERSION"]) == (method, "2.0")


def test_a_change_keeps_the_uid_and_raises_the_sequence(settings):
    settings.PUBLIC_URL = "https://rooms.example:8443"
    before = entry()
    after = replace(before, changed_at=CHANGED_AT + timedelta(seconds=1), units=2)
    old, new = (only(booking_calendar([known], method="PUBLISH")) for known in (before, after))
    assert old["UID"] == new["UID"] == f"{before.booking_id}@rooms.example"
    assert new["SEQUENCE"] == old["SEQUENCE"] + 1
    assert (
        new["DTSTAMP"].dt
        == new["LAST-MODIFIED"].dt
        == datetime(2026, 11, 22, 9, 30, 16, tzinfo=UTC)
    )


def test_the_sequence_stays_an_integer_of_the_standard_for_decades():
    late = entry(changed_at=datetime(2090, 1, 1, tzinfo=UTC))
    assert only(booking_calendar([late], method="PUBLISH"))["SEQUENCE"] < 2**31


def test_the_same_booking_gives_the_same_bytes():
    known = entry()
    assert booking_calendar([known], method="PUBLISH") == booking_calendar(
        [known], method="PUBLISH"
    )


@pytest.mark.parametrize(
    "hostile",
    [
        "Inn\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:Evil",
        'a;b,c\\n\\,"quoted":d',
        "\x00\x01\x0b\x0c\x1b\x7f\x85\u2028\u2029",
        "🛏️" * 100,
        "x" * 200,
        "é" * 100 + "漢" * 100,
        "'; DROP TABLE",
        "=cmd|' /C calc'!A0",
    ],
)
def test_hostile_text_stays_text(hostile):
    known = entry()
    for thing in (known.room, known.room.property):
        thing.name = hostile
    known.room.property.address = hostile
    file = booking_calendar([known, entry()], method="PUBLISH", name=hostile)
    assert all(len(line) <= 75 for line in file.split(b"\r\n"))
    assert b"\n" not in file.replace(b"\r\n", b"")
    assert not {0, 1, 0x0B, 0x0C, 0x0D, 0x1B, 0x7F} & set(file.replace(b"\r\n", b""))
    hostile_event, harmless_event = read(file)
    assert set(hostile_event.keys()) == set(harmless_event.keys())
    assert harmless_event["SUMMARY"] == "Hotel Aurora: Double room"


def test_it_speaks_the_language_that_is_active():
    known = entry()
    english = only(booking_calendar([known], method="PUBLISH"))
    with override("de"):
        german = only(booking_calendar([known], method="PUBLISH"))
    assert "Check-in ab 15:00 Uhr" in german["DESCRIPTION"]
    assert {name for name in english if english[name] != german[name]} == {"DESCRIPTION"}


def test_a_calendar_without_bookings_is_a_calendar():
    calendar = Calendar.from_ical(booking_calendar([], method="PUBLISH", name="My stays"))
    assert list(calendar.walk("VEVENT")) == []
    assert calendar["X-WR-CALNAME"] == calendar["NAME"] == "My stays"


@pytest.mark.django_db(transaction=True)
def test_an_event_and_its_booking_give_the_same_file():
    booking = book(UserFactory(), RoomFactory(), stay_in(10), guests=2)
    booking.refresh_from_db()
    payload = OutboxEvent.objects.get().payload
    told = BookingCalendarEntry.of_event(payload, booking.room)
    kept = BookingCalendarEntry.of_booking(booking)
    files = [booking_calendar([known], method="PUBLISH") for known in (told, kept)]
    assert files[0] == files[1]
