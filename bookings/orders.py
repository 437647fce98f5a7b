"""What a guest asks for, and the rules that need no look at availability."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.conf import settings

from booking_site.problems import FieldError, InvalidInput
from bookings.models import Booking
from rooms.models import Room
from rooms.stays import Stay

CHECK_OUT_NOT_AFTER_CHECK_IN = "Check-out must lie after check-in."


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is wanted of a room: a stay of so many guests in so many of its units."""

    stay: Stay
    guests: int
    units: int = 1


@dataclass(frozen=True, kw_only=True)
class BookingOrder:
    """A user's wish to book a room.

    With `hold` the nights are only held, to be confirmed within `HOLD_MINUTES`.
    `agreed_nightly_price` is what staff agreed per unit and night, None for the room's rates.
    """

    user_id: UUID
    room_id: UUID
    wish: Wish
    hold: bool = False
    guest_name: str = ""
    note: str = ""
    agreed_nightly_price: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class BookingChange:
    """What is to become of a booking; None leaves a value as it is."""

    check_in: date | None = None
    check_out: date | None = None
    guests: int | None = None
    units: int | None = None

    def applied_to(self, booking: Booking) -> Wish:
        """Return the wish that the booking becomes.

        Raises InvalidInput if no night would be left.
        """
        check_in = self.check_in or booking.check_in
        check_out = self.check_out or booking.check_out
        if check_in >= check_out:
            error = FieldError(
                field="check_out", code="not-after-check-in", detail=CHECK_OUT_NOT_AFTER_CHECK_IN
            )
            raise InvalidInput(error.detail, errors=[error])
        return Wish(
            stay=Stay(check_in, check_out),
            guests=self.guests or booking.guests,
            units=self.units or booking.units,
        )


def check_wish(room: Room, wish: Wish, *, today: date) -> None:
    """Refuse what can't be sold whatever is free; `today` is the property's date.

    Raises InvalidInput with every field that is wrong.
    """
    errors = [*_wrong_dates(wish.stay, today), *_wrong_party(room, wish)]
    if errors:
        raise InvalidInput(" ".join(error.detail for error in errors), errors=errors)


def _wrong_dates(stay: Stay, today: date) -> Iterator[FieldError]:
    if stay.check_in < today:
        yield FieldError(
            field="check_in",
            code="in-the-past",
            detail=f"Check-in can't lie before {today}, today at the property.",
        )
    if stay.nights > settings.MAX_STAY_NIGHTS:
        yield FieldError(
            field="check_out",
            code="too-long",
            detail=f"A stay has {settings.MAX_STAY_NIGHTS} nights at most.",
        )
    horizon = today + timedelta(days=settings.BOOKING_HORIZON_DAYS)
    if stay.check_out > horizon:
        yield FieldError(
            field="check_out",
            code="beyond-horizon",
            detail=f"Nights can be booked up to {horizon}.",
        )


def _wrong_party(room: Room, wish: Wish) -> Iterator[FieldError]:
    guests, units = wish.guests, wish.units
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
