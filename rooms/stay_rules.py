"""The rules for stays that need no look at availability, in one place for quotes and bookings."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.conf import settings

from booking_site.problems import FieldError
from rooms.models import Property, Room
from rooms.policies import local_today
from rooms.stays import Stay


@dataclass(frozen=True, kw_only=True)
class Today:
    """The dates that it may be at this instant: one at a property, up to three on earth."""

    earliest: date
    latest: date

    @classmethod
    def at(cls, place: Property, now: datetime) -> "Today":
        """Return the date on the property's clock."""
        today = local_today(place, now)
        return cls(earliest=today, latest=today)

    @classmethod
    def anywhere(cls, now: datetime) -> "Today":
        """Return the dates between the time zones UTC-12 and UTC+14."""
        utc = now.astimezone(UTC)
        return cls(
            earliest=(utc - timedelta(hours=12)).date(), latest=(utc + timedelta(hours=14)).date()
        )

    @property
    def horizon(self) -> date:
        """The day on which the last stay that is on sale checks out."""
        return self.latest + timedelta(days=settings.BOOKING_HORIZON_DAYS)


def wrong_dates(stay: Stay, today: Today) -> Iterator[FieldError]:
    """Yield what is wrong with the dates of a stay, whatever is free."""
    if stay.check_in < today.earliest:
        yield FieldError(
            field="check_in",
            code="in-the-past",
            detail=f"Check-in can't lie before {today.earliest}.",
        )
    if stay.nights > settings.MAX_STAY_NIGHTS:
        yield FieldError(
            field="check_out",
            code="too-long",
            detail=f"A stay has {settings.MAX_STAY_NIGHTS} nights at most.",
        )
    if stay.check_out > today.horizon:
        yield FieldError(
            field="check_out",
            code="beyond-horizon",
            detail=f"Nights can be booked up to {today.horizon}.",
        )


def wrong_party(room: Room, *, guests: int, units: int) -> Iterator[FieldError]:
    """Yield what is wrong with so many guests in so many units of a room."""
    if not 1 <= units <= settings.MAX_BOOKING_UNITS:
        yield FieldError(
            field="units",
            code="out-of-range",
            detail=f"A booking takes 1 to {settings.MAX_BOOKING_UNITS} units.",
        )
    if not 1 <= guests <= room.capacity * units:
        yield FieldError(
            field="guests",
            code="too-many-guests" if guests > 0 else "out-of-range",
            detail=f"{units} × {room.name} sleeps 1 to {room.capacity * units} guests.",
        )
