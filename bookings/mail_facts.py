"""What mails say of a booking: what an event told of it, in the language that is active."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext, ngettext

from booking_site import formats
from booking_site.mail import one_line
from bookings.models import Booking
from rooms.models import Property
from rooms.policies import CancellationTerms
from rooms.stays import Stay


@dataclass(frozen=True, kw_only=True)
class PlaceFacts:
    """Where the stay is, and whom the guest can ask."""

    name: str
    address: str
    contact_email: str
    check_in_time: str
    check_out_time: str

    @classmethod
    def of(cls, place: Property) -> "PlaceFacts":
        """Return the facts of a property, each in one line."""
        return cls(
            name=one_line(place.name),
            address=one_line(place.address) or one_line(place.location),
            contact_email=place.contact_email,
            check_in_time=formats.clock_time(place.check_in_time),
            check_out_time=formats.clock_time(place.check_out_time),
        )


@dataclass(frozen=True, kw_only=True)
class NightFacts:
    """What one night costs: for one unit `each`, for all of them `price`."""

    date: str
    each: str
    price: str


@dataclass(frozen=True, kw_only=True)
class StayFacts:
    """What an event told of a booking, ready to be shown, and the numbers behind it."""

    reference: str
    room: str
    guest_name: str
    check_in: str
    check_out: str
    short_check_in: str
    short_check_out: str
    night_count: str
    guests: str
    units: str
    unit_count: int
    nights: list[NightFacts]
    total: str
    total_price: Decimal
    currency: str
    terms: CancellationTerms

    @classmethod
    def of(cls, payload: Mapping[str, Any], booking: Booking) -> "StayFacts":
        """Return what the payload says (bookings.events.snapshot); the room comes from the row."""
        stay = Stay(
            date.fromisoformat(payload["check_in"]), date.fromisoformat(payload["check_out"])
        )
        units, currency = payload["units"], payload["currency"]
        total = Decimal(payload["total_price"])
        return cls(
            reference=payload["reference"],
            room=one_line(booking.room.name),
            guest_name=one_line(payload["guest_name"]),
            check_in=formats.long_date(stay.check_in),
            check_out=formats.long_date(stay.check_out),
            short_check_in=formats.short_date(stay.check_in),
            short_check_out=formats.short_date(stay.check_out),
            night_count=_counted(
                ngettext("%(count)d night", "%(count)d nights", stay.nights), stay.nights
            ),
            guests=_counted(
                ngettext("%(count)d guest", "%(count)d guests", payload["guests"]),
                payload["guests"],
            ),
            units=_counted(ngettext("%(count)d room", "%(count)d rooms", units), units),
            unit_count=units,
            nights=[_night(night, units, currency) for night in payload["nights"]],
            total=formats.money(total, currency),
            total_price=total,
            currency=currency,
            terms=CancellationTerms(
                free_until=_moment(payload["free_cancellation_until"]),
                fee_percent=payload["cancellation_fee_percent"],
            ),
        )

    def cancellation(self, *, at: datetime, zone: str) -> str:
        """Return in words until when cancelling costs nothing and what it costs later.

        `at` is when the event happened (UTC), `zone` the property's.
        """
        late_fee = self.terms.fee(
            self.total_price, self.currency, at=datetime.max.replace(tzinfo=UTC)
        )
        if not late_fee:
            return gettext("You can cancel free of charge.")
        fee = formats.money(late_fee, self.currency)
        if at > self.terms.free_until:
            said = gettext(
                "This booking can no longer be cancelled free of charge: "
                "cancelling it costs %(fee)s (%(percent)d%% of the total)."
            )
            return said % {"fee": fee, "percent": self.terms.fee_percent}
        said = gettext(
            "You can cancel free of charge until %(deadline)s. "
            "After that, cancelling costs %(fee)s (%(percent)d%% of the total)."
        )
        return said % {
            "deadline": formats.instant(self.terms.free_until, zone),
            "fee": fee,
            "percent": self.terms.fee_percent,
        }


@dataclass(frozen=True, kw_only=True)
class HoldEnd:
    """When a hold ends: by the property's clocks, and in UTC."""

    local: str
    utc: str

    @classmethod
    def of(cls, payload: Mapping[str, Any], booking: Booking) -> "HoldEnd":
        """Return when the hold ends of which a payload tells."""
        at = _moment(payload["hold_expires_at"])
        zone = booking.room.property.timezone
        return cls(local=formats.instant(at, zone), utc=formats.utc_instant(at))


def booking_url(booking: Booking) -> str:
    """Return where the guest sees, confirms, changes and cancels the booking."""
    return f"{settings.PUBLIC_URL}/bookings/{booking.id}"


def _night(night: Mapping[str, str], units: int, currency: str) -> NightFacts:
    each = Decimal(night["price"])
    return NightFacts(
        date=formats.short_date(date.fromisoformat(night["date"])),
        each=formats.money(each, currency),
        price=formats.money(units * each, currency),
    )


def _counted(said: str, count: int) -> str:
    return said % {"count": count}


def _moment(instant: str) -> datetime:
    parsed = parse_datetime(instant)
    assert parsed is not None
    return parsed
