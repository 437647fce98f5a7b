"""Replaying through the public services, with the day of each event as today."""

import time
from collections.abc import Callable
from datetime import date, datetime
from datetime import time as time_of_day
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from accounts.models import User
from booking_site.problems import InvalidInput, Unavailable
from bookings.idempotency import IdempotencyKey, Json, fingerprint
from bookings.models import Booking
from bookings.orders import BookingOrder, Wish
from bookings.replay.hotels import TIMEZONE, RoomIds, name_of
from bookings.replay.playing import SOLD_OUT, RefusedError
from bookings.replay.rows import Row
from bookings.services import book_room_once, cancel_booking
from rooms.inventory import SoldOut
from rooms.stays import Stay

T = TypeVar("T")

_PATIENCE_SECONDS = 60.0
_EMAIL = "replay@demo.example"
_FIELD_REASONS = {"guests": "no guests"}


def guest_id() -> UUID:
    """Return the guest of all bookings, as whom nobody can sign in."""
    found = User.objects.filter(email=_EMAIL).first()
    return (found or User.objects.create_user(_EMAIL, full_name="Replay")).id


def noon(day: date) -> datetime:
    """Return noon of a day at the hotels."""
    return datetime.combine(day, time_of_day(12), TIMEZONE)


class ServicesPlayer:
    """Calls `bookings.services`, as one guest."""

    def __init__(self, room_ids: RoomIds, user_id: UUID) -> None:
        self._room_ids = room_ids
        self._user_id = user_id

    def book(self, row: Row) -> UUID:
        """Book at the price of the data, as of the day on which it was booked."""
        order = self._order(row)
        # The room tells the replays of one database apart: each has hotels of its own.
        key = IdempotencyKey(
            user_id=self._user_id,
            key=f"{name_of(row)}-{order.room_id}",
            fingerprint=fingerprint({"row": repr(row)}),
        )
        try:
            answer = _patiently(
                lambda: book_room_once(order, key=key, render=_render, now=noon(row.booked_on))
            )
        except SoldOut as sold_out:
            raise RefusedError(SOLD_OUT) from sold_out
        except InvalidInput as invalid:
            raise RefusedError(", ".join(_reasons(invalid))) from invalid
        return UUID(answer.body["id"])

    def cancel(self, row: Row, booking_id: UUID) -> None:
        """Cancel as of the day on which it was cancelled."""
        assert row.cancelled_on is not None
        now = noon(row.cancelled_on)
        _patiently(lambda: cancel_booking(booking_id, user_id=self._user_id, now=now))

    def _order(self, row: Row) -> BookingOrder:
        try:
            stay = Stay(row.arrival, row.departure)
        except ValueError as error:
            raise RefusedError("no nights") from error
        return BookingOrder(
            user_id=self._user_id,
            room_id=self._room_ids[row.hotel, row.room_type],
            wish=Wish(stay=stay, guests=row.guests),
            note=name_of(row),
            agreed_nightly_price=max(row.adr, Decimal(0)),
        )


def _patiently(call: Callable[[], T]) -> T:
    """Call until the room's queue lets the call through: nothing has happened when it does not.

    Raises Unavailable when a minute was not enough.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return call()
        except Unavailable as busy:
            if time.monotonic() > deadline:
                raise
            time.sleep(busy.retry_after or 1)


def _render(booking: Booking) -> Json:
    return {"id": str(booking.id)}


def _reasons(invalid: InvalidInput) -> list[str]:
    return [_FIELD_REASONS.get(error.field, error.detail) for error in invalid.errors]
