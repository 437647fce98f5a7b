"""Bookings on fixed days, and the mails that their events owe."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from accounts.models import User
from booking_site.mail import Mail, build_mail
from booking_site.models import OutboxEvent
from bookings import events
from bookings.models import Booking, BookingNight, BookingStatus
from rooms.models import Property, Room
from rooms.policies import cancellation_terms
from rooms.stays import Stay
from tests.factories import PropertyFactory

HAPPENED_AT = datetime(2027, 1, 10, 9, 30, tzinfo=UTC)
MARCH_27 = date(2027, 3, 27)


def hotel(**facts: Any) -> Property:
    """Return a hotel in Lisbon, where summer time begins on 28 March 2027."""
    known = {"address": "Rua Augusta 1, Lisbon", "contact_email": "desk@aurora.example"}
    return PropertyFactory(**(known | facts))


def room_of(place: Property, name: str = "Double room") -> Room:
    return Room.objects.create(
        property=place,
        name=name,
        price_per_night=100,
        location=place.location,
        location_key=place.location_key,
        capacity=2,
        total_inventory=5,
    )


def booked(
    guest: User,
    place: Property,
    *,
    check_in: date = MARCH_27,
    prices: tuple[str, ...] = ("100.00", "120.50"),
    units: int = 1,
    **more: Any,
) -> Booking:
    """Return a saved booking of as many nights as there are prices."""
    stay = Stay.of_nights(check_in, len(prices))
    terms = cancellation_terms(place, stay)
    facts = {
        "reference": "AB23CD45EF",
        "status": BookingStatus.CONFIRMED,
        "guests": 2,
        "guest_name": "Ada Guest",
        "free_cancellation_until": terms.free_until,
        "cancellation_fee_percent": terms.fee_percent,
    }
    booking = Booking.objects.create(
        user=guest,
        room=room_of(place),
        check_in=stay.check_in,
        check_out=stay.check_out,
        units=units,
        total_price=units * sum(map(Decimal, prices)),
        currency=place.currency,
        **(facts | more),
    )
    booking.night_list = BookingNight.objects.bulk_create(
        BookingNight(booking=booking, date=night, price=Decimal(price))
        for night, price in zip(stay.dates(), prices, strict=True)
    )
    return booking


def snapshot(booking: Booking) -> dict[str, Any]:
    return events.snapshot(booking, booking.night_list)


def told(
    kind: str, payload: Mapping[str, Any], *, happened_at: datetime = HAPPENED_AT
) -> OutboxEvent:
    """Return the event as the worker reads it from the outbox."""
    event = OutboxEvent.objects.create(type=kind, payload=payload, created_at=happened_at)
    return OutboxEvent.objects.get(id=event.id)


def mail(kind: str, booking: Booking, **more: Any) -> Mail:
    built = build_mail(told(kind, snapshot(booking) | more))
    assert built is not None
    return built
