"""One mail of every kind, about bookings that never were."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from accounts.models import User
from booking_site.mail import Mail, build_mail
from booking_site.models import OutboxEvent
from bookings import events
from bookings.demo.catalogue import DemoProperty, load_catalogue
from bookings.models import Booking, BookingNight, BookingStatus, CancellationReason
from bookings.references import new_reference
from rooms.models import Property, Room
from rooms.policies import cancellation_terms, local_today
from rooms.stays import Stay

_ACCOUNT_EVENTS = (
    "user.registered",
    "user.registration_repeated",
    "user.password_reset_requested",
)


def sample_mails(language: str, *, now: datetime) -> list[tuple[str, Mail]]:
    """Return `(name, mail)` of every mail in this language.

    What they tell of is written to the database and taken back, so that nothing is left.
    """
    with transaction.atomic():
        user = User.objects.create_user(
            f"preview-{new_reference()}@guest.example",
            "a password that nobody uses",
            full_name="Ada Lovelace",
            language=language,
        )
        told = [*_account_events(user, now), *_booking_events(user, now)]
        mails = [(name, build_mail(event)) for name, event in told]
        transaction.set_rollback(True)
    return [(name, mail) for name, mail in mails if mail is not None]


def _account_events(user: User, now: datetime) -> Iterator[tuple[str, OutboxEvent]]:
    for kind in _ACCOUNT_EVENTS:
        yield kind, _event(kind, {"user_id": user.id, "language": user.language}, now)


def _booking_events(user: User, now: datetime) -> Iterator[tuple[str, OutboxEvent]]:
    catalogue = {demo.slug: demo for demo in load_catalogue()}
    lisbon = _room(catalogue["demo-lisbon-miradouro"])
    tokyo = _room(catalogue["demo-tokyo-kiku"])
    kuwait = _room(catalogue["demo-kuwait-city-dhow"])

    booking = _saved(_booking(user, lisbon, now, days=24, nights=3))
    yield "booking.confirmed", _event("booking.confirmed", _snapshot(booking), now)

    longer = _booking(user, lisbon, now, days=25, nights=4, units=2)
    longer.id, longer.reference = booking.id, booking.reference
    after = {**_snapshot(longer), "before": _snapshot(booking)}
    yield "booking.modified", _event("booking.modified", after, now)

    hold = _booking(user, tokyo, now, days=40, nights=2)
    hold.status, hold.hold_expires_at = BookingStatus.PENDING, now + timedelta(minutes=5)
    yield "booking.hold_expiring", _event("booking.hold_expiring", _snapshot(_saved(hold)), now)

    for fee in (Decimal(0), 2 * kuwait.price_per_night):
        ended = _booking(user, kuwait, now, days=3, nights=2)
        ended.status, ended.cancelled_at = BookingStatus.CANCELLED, now
        ended.cancellation_fee, ended.cancellation_reason = fee, CancellationReason.GUEST
        name = "booking.cancelled-with-fee" if fee else "booking.cancelled"
        yield name, _event("booking.cancelled", _snapshot(_saved(ended)), now)


def _event(kind: str, payload: dict[str, Any], now: datetime) -> OutboxEvent:
    """Return the event as it would be read from the outbox."""
    as_stored = json.loads(json.dumps(payload, cls=DjangoJSONEncoder))
    return OutboxEvent(type=kind, payload=as_stored, created_at=now)


def _snapshot(booking: Booking) -> dict[str, Any]:
    return events.snapshot(booking, booking.night_list)


def _room(demo: DemoProperty) -> Room:
    """Write the property with its first room, under a slug that no property has."""
    columns = asdict(demo)
    first = demo.rooms[0]
    del columns["rooms"], columns["rates"]
    columns |= {"slug": new_reference().lower(), "contact_email": f"desk@{demo.slug}.example"}
    place = Property.objects.create(**columns)
    return Room.objects.create(
        property=place,
        name=first.name,
        price_per_night=first.price,
        location=place.location,
        location_key=place.location_key,
        capacity=first.capacity,
        total_inventory=first.units,
    )


def _booking(
    user: User, room: Room, now: datetime, *, days: int, nights: int, units: int = 1
) -> Booking:
    """Return an unsaved, confirmed booking that begins in so many days."""
    place = room.property
    stay = Stay.of_nights(local_today(place, now) + timedelta(days=days), nights)
    terms = cancellation_terms(place, stay)
    booking = Booking(
        reference=new_reference(),
        user=user,
        room=room,
        check_in=stay.check_in,
        check_out=stay.check_out,
        units=units,
        guests=2 * units,
        status=BookingStatus.CONFIRMED,
        total_price=room.price_per_night * stay.nights * units,
        currency=place.currency,
        guest_name=user.full_name,
        free_cancellation_until=terms.free_until,
        cancellation_fee_percent=terms.fee_percent,
        updated_at=now,
    )
    booking.night_list = [
        BookingNight(booking=booking, date=night, price=room.price_per_night)
        for night in stay.dates()
    ]
    return booking


def _saved(booking: Booking) -> Booking:
    booking.save()
    return booking
