"""What a guest asks for, and the rules that need no look at availability."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from booking_site.problems import FieldError, InvalidInput
from bookings.models import Booking
from rooms.models import Room
from rooms.stay_rules import Today, wrong_dates, wrong_party
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
            guests=booking.guests if self.guests is None else self.guests,
            units=booking.units if self.units is None else self.units,
        )


def check_wish(room: Room, wish: Wish, *, now: datetime) -> None:
    """Refuse what can't be sold whatever is free. `room.property` should be loaded.

    Raises InvalidInput with every field that is wrong.
    """
    errors = [
        *wrong_dates(wish.stay, Today.at(room.property, now)),
        *wrong_party(room, guests=wish.guests, units=wish.units),
    ]
    if errors:
        raise InvalidInput(" ".join(error.detail for error in errors), errors=errors)
