"""The mails that events of bookings owe.

A mail says what was true when its event happened, even if it is built much later; only the guest's
address and what can't change, such as the room, come from the database. Nobody is written to whose
account is closed. The note is repeated only to addresses that are known to be their owner's: else
anybody could have a text of theirs sent to anybody.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext

from booking_site import formats
from booking_site.mail import Attachment, Mail, render_mail
from booking_site.models import OutboxEvent
from bookings.calendars import BookingCalendarEntry, Method, booking_calendar
from bookings.mail_changes import changes, price_difference
from bookings.mail_facts import HoldEnd, PlaceFacts, StayFacts, booking_url
from bookings.models import Booking, BookingStatus, CancellationReason

Letter = Callable[[OutboxEvent, Booking], Mail]


def confirmed(event: OutboxEvent) -> Mail | None:
    """Return the confirmation, with the booking as a calendar file."""
    return _letter(event, _confirmed)


def modified(event: OutboxEvent) -> Mail | None:
    """Return what became of the booking, old and new side by side."""
    return _letter(event, _modified)


def cancelled(event: OutboxEvent) -> Mail | None:
    """Return that the booking is cancelled, with the fee that is owed."""
    return _letter(event, _cancelled)


def hold_expiring(event: OutboxEvent) -> Mail | None:
    """Return the reminder to confirm a hold, None if it is one no longer."""
    return _letter(event, _hold_expiring, only_if=_is_running_hold)


def _letter(
    event: OutboxEvent, letter: Letter, only_if: Callable[[Booking], bool] = lambda booking: True
) -> Mail | None:
    booking = (
        Booking.objects.select_related("user", "room__property")
        .filter(id=event.payload["booking_id"], user__is_active=True)
        .first()
    )
    if booking is None or not only_if(booking):
        return None
    with translation.override(booking.user.language):
        return letter(event, booking)


def _confirmed(event: OutboxEvent, booking: Booking) -> Mail:
    return _render(
        "bookings/confirmed",
        event,
        booking,
        subject=gettext("Booking %(reference)s confirmed: %(property)s"),
        attachments=(_calendar_file(event, booking),),
        note=booking.note if booking.user.email_verified_at else "",
    )


def _modified(event: OutboxEvent, booking: Booking) -> Mail:
    before = StayFacts.of(event.payload["before"], booking)
    after = StayFacts.of(event.payload, booking)
    is_hold = event.payload["status"] == BookingStatus.PENDING
    return _render(
        "bookings/modified",
        event,
        booking,
        subject=gettext("Booking %(reference)s changed: %(property)s"),
        attachments=() if is_hold else (_calendar_file(event, booking),),
        changes=changes(before, after),
        price_difference=price_difference(before, after),
        hold_ends=HoldEnd.of(event.payload, booking) if is_hold else None,
    )


def _cancelled(event: OutboxEvent, booking: Booking) -> Mail:
    stay = StayFacts.of(event.payload, booking)
    fee = Decimal(event.payload["cancellation_fee"])
    return _render(
        "bookings/cancelled",
        event,
        booking,
        subject=gettext("Booking %(reference)s cancelled: %(property)s"),
        attachments=(_calendar_file(event, booking, method="CANCEL"),),
        fee=formats.money(fee, stay.currency) if fee else None,
        by_staff=event.payload["cancellation_reason"] == CancellationReason.STAFF,
    )


def _hold_expiring(event: OutboxEvent, booking: Booking) -> Mail:
    return _render(
        "bookings/hold_expiring",
        event,
        booking,
        subject=gettext("Confirm booking %(reference)s soon: %(property)s"),
        hold_ends=HoldEnd.of(event.payload, booking),
    )


def _render(
    template: str,
    event: OutboxEvent,
    booking: Booking,
    *,
    subject: str,
    attachments: tuple[Attachment, ...] = (),
    **more: Any,
) -> Mail:
    """Render a letter about the booking as the event tells of it.

    The subject may name the booking's `reference` and the `property`.
    """
    stay = StayFacts.of(event.payload, booking)
    place = PlaceFacts.of(booking.room.property)
    return render_mail(
        template,
        recipient=booking.user.email,
        subject=subject % {"reference": stay.reference, "property": place.name},
        context={
            "stay": stay,
            "place": place,
            "cancellation": stay.cancellation(
                at=event.created_at, zone=booking.room.property.timezone
            ),
            "booking_url": booking_url(booking),
            **more,
        },
        attachments=attachments,
    )


def _calendar_file(event: OutboxEvent, booking: Booking, method: Method = "PUBLISH") -> Attachment:
    entry = BookingCalendarEntry.of_event(event.payload, booking.room)
    return Attachment(
        filename=f"{entry.reference}.ics",
        content=booking_calendar([entry], method=method),
        media_type="text/calendar",
    )


def _is_running_hold(booking: Booking) -> bool:
    is_hold = booking.status == BookingStatus.PENDING
    return is_hold and not booking.has_expired(timezone.now())
